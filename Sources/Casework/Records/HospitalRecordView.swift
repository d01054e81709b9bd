package import SyncProtocol

/// What a hospital's record says: the case whose ID is the hospital's, and which carries all that central hands down
/// (DESIGN sections 5 and 6).
///
/// Policies and ranges count only where central wrote them: no enrolled computer gives itself rules or stock. Calendars and
/// voided certificates count from central and from the hospital's windows.
package struct HospitalRecordView: Hashable, Sendable {
    /// Each version of a policy once, by ID and version. They are not read yet: see ``PolicyLibrary/adding(_:)``.
    package let policies: [PublishedPolicy]
    /// One for each year, ascending. Central's goes before a window's; of two equals the later one holds.
    package let calendars: [CalendarYear]
    /// By their first numbers.
    package let ranges: [CertificateRange]
    /// Each number once, ascending; what was said first holds.
    package let voids: [VoidedCertificate]
    /// By name; empty while several stand.
    package let settings: [String: String]
    /// Entries that cannot be used, in English, in the order of the list above.
    package let faults: [String]

    package init(_ state: CaseState, dictionary: FieldDictionary = .standard) {
        var reader = RecordReader(state, dictionary)
        policies = reader.policies()
        calendars = reader.calendars()
        ranges = reader.ranges()
        voids = reader.voids()
        settings = reader.settings()
        faults = reader.faults
    }

    /// The groups that only central may write; a window's change of one is set aside.
    package static let centralGroups = ["certificateRange", "publishedPolicy"]
}

/// A policy's file as central published it.
package struct PublishedPolicy: Hashable, Sendable {
    package let id: String
    package let version: Int
    package let file: [UInt8]

    package init(id: String, version: Int, file: [UInt8]) {
        (self.id, self.version, self.file) = (id, version, file)
    }
}

/// Reads the union groups of a record, entry by entry.
private struct RecordReader {
    private let state: CaseState
    private let dictionary: FieldDictionary
    private(set) var faults: [String] = []

    init(_ state: CaseState, _ dictionary: FieldDictionary) {
        (self.state, self.dictionary) = (state, dictionary)
    }

    mutating func policies() -> [PublishedPolicy] {
        var policies: [PublishedPolicy] = []
        for entry in entries(of: "publishedPolicy") where entry.isCentral {
            guard let id = entry.text(0), let version = entry.number(1), let file = entry.text(2) else {
                faults.append("a published policy that cannot be read")
                continue
            }
            let policy = PublishedPolicy(id: id, version: version, file: Array(file.utf8))
            if let first = policies.first(where: { $0.id == id && $0.version == version }) {
                if first != policy { faults.append("\(id) version \(version): published with two contents") }
            } else {
                policies.append(policy)
            }
        }
        return policies.sorted { ($0.id, $0.version) < ($1.id, $1.version) }
    }

    mutating func calendars() -> [CalendarYear] {
        var byYear: [Int: (calendar: CalendarYear, isCentral: Bool)] = [:]
        for entry in entries(of: "publishedCalendar") where entry.isCentral || entry.isWindow {
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

    func settings() -> [String: String] {
        guard let place = dictionary.place(of: "hospitalSettings"),
            let value = state.reading(of: place.group.id, by: dictionary.mergeRules).value
        else { return [:] }
        return RecordEntry(value: value, author: .central).pairs(place.index)
    }

    private func entries(of group: String) -> [RecordEntry] {
        guard let id = dictionary.group(named: group)?.id else { return [] }
        return (state.registers[id]?.standing ?? []).map {
            RecordEntry(value: $0.value, author: $0.author.role)
        }
    }
}

/// One standing value of a union group. What is not there, or of another shape, reads as nil.
private struct RecordEntry {
    let value: [CBOR]
    let author: Role

    var isCentral: Bool { author == .central }
    var isWindow: Bool { author == .window }

    func text(_ index: Int) -> String? {
        if value.indices.contains(index), case .text(let text) = value[index] { text } else { nil }
    }

    func number(_ index: Int) -> Int? {
        guard value.indices.contains(index), case .unsigned(let number) = value[index] else { return nil }
        return Int(exactly: number)
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
