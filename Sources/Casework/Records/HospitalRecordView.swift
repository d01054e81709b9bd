package import SyncProtocol

/// What a hospital goes by: its record (the case whose ID is the hospital's, and which carries all that central hands down to it) and
/// central's own, ``SyncProtocol/CaseID/centralRecord`` (DESIGN sections 5 and 6).
///
/// Of central's record policies, their standing, calendars and settings count, as central wrote them. In the hospital's, policies, ranges, settings and
/// resync orders count only where central wrote them: no enrolled computer gives itself rules or stock. Calendars, voided
/// certificates and handovers count from central and from the hospital's windows.
package struct HospitalRecordView: Hashable, Sendable {
    /// Each version of a policy once, by ID and version. They are not read yet: see ``PolicyLibrary/adding(_:)``.
    package let policies: [PublishedPolicy]
    /// The versions of policies that central withdrew, with its reasons: no new case goes by them. Cases that were accepted
    /// under one keep it. Its latest word on a version counts, be it to this hospital or to all.
    package let withdrawn: [PolicyName: String]
    /// One for each year, ascending. Central's goes before a window's; of two equals the later one holds.
    package let calendars: [CalendarYear]
    /// By their first numbers.
    package let ranges: [CertificateRange]
    /// Each number once, ascending; what was said first holds.
    package let voids: [VoidedCertificate]
    /// In the order in which they were recorded.
    package let handovers: [RecordedHandover]
    /// What central ordered this hospital's windows to do about the exchange, and what these report.
    package let orders: OrderBook
    /// The IDs of the policies that the hospital offers; empty if nothing is said, or while several stand.
    package let offered: Set<String>
    /// What central set for this hospital, by name: of several that stand the last.
    package let settings: [String: String]
    /// What central set for all hospitals, likewise.
    package let settingsForAll: [String: String]
    /// The cases that central erased, with what of each; only central's record says so.
    package let erasures: [CaseID: Erasure]
    /// Entries that cannot be used, in English, in the order of the list above.
    package let faults: [String]

    /// - Parameter central: central's own record; without it only what the hospital's says.
    package init(
        _ state: CaseState, central: CaseState = CaseState(), dictionary: FieldDictionary = .standard
    ) {
        var reader = RecordReader(state, central, dictionary)
        policies = reader.policies()
        withdrawn = reader.withdrawn()
        calendars = reader.calendars()
        ranges = reader.ranges()
        voids = reader.voids()
        handovers = reader.handovers()
        orders = OrderBook(state, dictionary: dictionary)
        offered = state.codes("hospitalPolicies", in: dictionary)
        settings = reader.settings(in: state)
        settingsForAll = reader.settings(in: central)
        erasures = reader.erasures()
        faults = reader.faults
    }

    /// The groups of records and cases that only central may write; a window's change of one is set aside.
    package static let centralGroups = [
        "certificateRange", "hospitalSettings", "publishedPolicy", "resyncOrder", "deskAssignee",
        "deskRejection", "policyStanding", "hospitalClosing", Erasure.group,
    ]
}

extension CaseID {
    /// Central's own record: what it hands down to all hospitals, those that come later included. It is in every hospital's scope and
    /// never leaves one; only central writes to it.
    package static let centralRecord = CaseID(milliseconds: 0, random: (0, 0))

    /// The record of central's own staff: their accounts. It is in no hospital's scope, so no window ever has it.
    /// (The last two random bits are not taken.)
    package static let staffRecord = CaseID(milliseconds: 0, random: (0, 4))
}

/// Reads the union groups of a record, entry by entry.
private struct RecordReader {
    private let state: CaseState
    private let central: CaseState
    private let dictionary: FieldDictionary
    private(set) var faults: [String] = []

    init(_ state: CaseState, _ central: CaseState, _ dictionary: FieldDictionary) {
        (self.state, self.central, self.dictionary) = (state, central, dictionary)
    }

    mutating func policies() -> [PublishedPolicy] {
        var parts: [PolicyName: PublishedPolicy.Parts] = [:]
        for entry in sharedEntries(of: "publishedPolicy") where entry.isCentral {
            guard let id = entry.text(0), let version = entry.number(1), let text = entry.text(2),
                let part = entry.number(3), let count = entry.number(4)
            else {
                faults.append("a published policy that cannot be read")
                continue
            }
            let name = PolicyName(id: id, version: version)
            if !parts[name, default: .init()].take(text, part: part, of: count) {
                faults.append("\(id) version \(version): published with two contents")
            }
        }
        // While a part is still on its way there is no policy yet.
        return parts.compactMap { name, parts in
            parts.whole.map { PublishedPolicy(id: name.id, version: name.version, file: $0) }
        }.sorted { ($0.id, $0.version) < ($1.id, $1.version) }
    }

    mutating func withdrawn() -> [PolicyName: String] {
        var withdrawn: [PolicyName: String] = [:]
        // Entries come in order of (time, dot).
        for entry in sharedEntries(of: "policyStanding") where entry.isCentral {
            guard let id = entry.text(0), let version = entry.number(1), let isWithdrawn = entry.flag(2)
            else {
                faults.append("the standing of a policy that cannot be read")
                continue
            }
            withdrawn[PolicyName(id: id, version: version)] = isWithdrawn ? entry.text(3) ?? "" : nil
        }
        return withdrawn
    }

    mutating func calendars() -> [CalendarYear] {
        var byYear: [Int: (calendar: CalendarYear, isCentral: Bool)] = [:]
        for entry in sharedEntries(of: "publishedCalendar") where entry.isCentral || entry.isWindow {
            do throws(CalendarError) {
                let calendar = try CalendarYear(
                    year: entry.number(0) ?? 0, holidays: entry.pairs(1), workdays: entry.pairs(2),
                    source: entry.text(3) ?? "")
                // Entries come in order of (time, dot).
                if let known = byYear[calendar.year], known.isCentral, !entry.isCentral { continue }
                byYear[calendar.year] = (calendar, entry.isCentral)
            } catch {
                faults.append("a published calendar: \(error)")
            }
        }
        return byYear.values.map(\.calendar).sorted { $0.year < $1.year }
    }

    mutating func ranges() -> [CertificateRange] {
        var ranges: Set<CertificateRange> = []
        for entry in entries(of: "certificateRange") where entry.isCentral {
            guard let first = entry.text(0).flatMap({ CertificateNumber($0) }),
                let last = entry.text(1).flatMap({ CertificateNumber($0) }),
                // What bounds no range is reported.
                let range = try? CertificateRange(
                    first: first, last: last, date: entry.text(2).flatMap { CalendarDate($0) })
            else {
                faults.append("a range of certificates that cannot be read")
                continue
            }
            ranges.insert(range)
        }
        return ranges.sorted {
            ($0.first, $0.last, $0.date?.description ?? "") < ($1.first, $1.last, $1.date?.description ?? "")
        }
    }

    mutating func voids() -> [VoidedCertificate] {
        var voids: [CertificateNumber: VoidedCertificate] = [:]
        for entry in entries(of: "voidedCertificate") where entry.isCentral || entry.isWindow {
            guard let number = entry.text(0).flatMap({ CertificateNumber($0) }) else {
                faults.append("a voided certificate that cannot be read")
                continue
            }
            guard voids[number] == nil else { continue }
            voids[number] = VoidedCertificate(
                number: number, reason: entry.text(1) ?? "",
                date: entry.text(2).flatMap { CalendarDate($0) })
        }
        return voids.values.sorted { $0.number < $1.number }
    }

    mutating func handovers() -> [RecordedHandover] {
        var handovers: [RecordedHandover] = []
        for entry in entries(of: "handover") where entry.isCentral || entry.isWindow {
            let words = (entry.text(3) ?? "").split(separator: " ")
            let numbers = words.compactMap { CertificateNumber(String($0)) }
            guard let policy = entry.text(0), let quarter = entry.text(1).flatMap({ HandoverQuarter($0) }),
                let date = entry.text(2).flatMap({ CalendarDate($0) }), numbers.count == words.count
            else {
                faults.append("a handover that cannot be read")
                continue
            }
            handovers.append(
                RecordedHandover(
                    policy: policy, quarter: quarter, date: date, numbers: numbers, from: entry.text(4) ?? "",
                    to: entry.text(5) ?? ""))
        }
        return handovers
    }

    mutating func erasures() -> [CaseID: Erasure] {
        var erasures: [CaseID: Erasure] = [:]
        // Entries come in order of (time, dot).
        for standing in standing(of: Erasure.group, in: central) where standing.author.role == .central {
            guard let (caseID, erasure) = Erasure.read(standing) else {
                faults.append("an erasure that cannot be read")
                continue
            }
            erasures[caseID] = erasures[caseID]?.joined(with: erasure) ?? erasure
        }
        return erasures
    }

    func settings(in state: CaseState) -> [String: String] {
        guard let place = dictionary.place(of: "hospitalSettings"),
            let last = state.registers[place.group.id]?.standing.last(where: { $0.author.role == .central })
        else { return [:] }
        return RecordEntry(last).pairs(place.index)
    }

    private func entries(of group: String) -> [RecordEntry] {
        standing(of: group, in: state).map { RecordEntry($0) }
    }

    /// The hospital's own and those that are for all, in one order.
    private func sharedEntries(of group: String) -> [RecordEntry] {
        let forAll = standing(of: group, in: central).filter { $0.author.role == .central }
        return (standing(of: group, in: state) + forAll).sorted(by: Standing.precedes)
            .map { RecordEntry($0) }
    }

    private func standing(of group: String, in state: CaseState) -> [Standing] {
        dictionary.group(named: group).flatMap { state.registers[$0.id]?.standing } ?? []
    }
}

/// One standing value of a union group. What is not there, or of another shape, reads as nil.
private struct RecordEntry {
    private let value: [CBOR]
    private let author: Role

    init(_ standing: Standing) { (value, author) = (standing.value, standing.author.role) }

    var isCentral: Bool { author == .central }
    var isWindow: Bool { author == .window }

    func text(_ index: Int) -> String? {
        if value.indices.contains(index), case .text(let text) = value[index] { text } else { nil }
    }

    func number(_ index: Int) -> Int? {
        guard value.indices.contains(index), case .unsigned(let number) = value[index] else { return nil }
        return Int(exactly: number)
    }

    func flag(_ index: Int) -> Bool? {
        if value.indices.contains(index), case .bool(let flag) = value[index] { flag } else { nil }
    }

    func pairs(_ index: Int) -> [String: String] {
        guard value.indices.contains(index), case .map(let entries) = value[index] else { return [:] }
        var pairs: [String: String] = [:]
        for entry in entries {
            guard case .text(let name) = entry.key, case .text(let text) = entry.value else { continue }
            pairs[name] = text
        }
        return pairs
    }
}
