import Casework
import SyncProtocol

/// Where central's technicians see how the hospitals stand, the worst first.
///
/// Each hospital is read in a transaction of its own, so that exchanges go on while the fleet is looked at.
struct FleetDesk: Sendable {
    /// Alarms that are looked at.
    static let alarmsMax = 10_000
    /// Days back from which the use of certificates is estimated.
    static let usageDays = 90

    let store: any CentralStore
    let books: Books
    let now: @Sendable () -> UInt64

    /// A hospital, what is wrong with it, and its state.
    struct Line: Hashable, Sendable {
        let standing: HospitalStanding
        let findings: [FleetFinding]
        var state: FleetState { FleetRules.state(findings) }
    }

    /// One hospital, or all of them, the worst first and then by code.
    func lines(of code: String? = nil) async throws(CentralError) -> [Line] {
        let milliseconds = now()
        let (hospitals, alarms) = try await subjects(code)
        var lines: [Line] = []
        for hospital in hospitals {
            lines.append(try await line(of: hospital, alarms[hospital.id] ?? [], milliseconds))
        }
        return lines.sorted {
            ($0.state, $0.standing.hospital.code) < ($1.state, $1.standing.hospital.code)
        }
    }

    /// How a hospital stood each hour of the last 31 days, as far as it was noted.
    func history(of code: String) async throws(CentralError) -> [LagSample] {
        let hour = Int(clamping: now() / 3_600_000)
        return try await store.read { transaction throws(CentralError) in
            guard let hospital = try transaction.hospital(code: code) else {
                throw CentralError.refused(.unknownHospital)
            }
            return try transaction.samples(of: hospital.id, from: hour - LagSample.hoursKept)
        }
    }

    private func subjects(
        _ code: String?
    ) async throws(CentralError) -> ([HospitalRecord], [HospitalID: [AlarmRecord]]) {
        try await store.read { transaction throws(CentralError) in
            var hospitals = try transaction.hospitals()
            if let code {
                hospitals.removeAll { $0.code != code }
                if hospitals.isEmpty { throw CentralError.refused(.unknownHospital) }
            }
            var alarms: [HospitalID: [AlarmRecord]] = [:]
            for record in try transaction.alarms(countMax: Self.alarmsMax) {
                for hospital in try transaction.hospitals(of: record.alarm) {
                    alarms[hospital, default: []].append(record)
                }
            }
            return (hospitals, alarms)
        }
    }

    private func line(
        of hospital: HospitalRecord, _ alarms: [AlarmRecord], _ milliseconds: UInt64
    ) async throws(CentralError) -> Line {
        let books = books
        return try await store.read { transaction throws(CentralError) in
            let settings = try transaction.settings(of: .centralRecord)
                .merging(try transaction.settings(of: hospital.id.record)) { $1 }
            let standing = try transaction.standing(
                of: hospital, alarms, settings, books.casebook.shelf, milliseconds)
            let rules = FleetRules(thresholds: FleetThresholds(settings), now: milliseconds)
            return Line(standing: standing, findings: rules.findings(of: standing))
        }
    }
}

extension CentralTransaction {
    /// The hospitals that an alarm is about.
    func hospitals(of alarm: Alarm) throws(CentralError) -> [HospitalID] {
        switch alarm.kind {
        case .fork, .otherDevicesReplica:
            guard let number = UInt64(alarm.subject, radix: 16),
                let device = try replica(ReplicaID(rawValue: number))?.device,
                let record = try self.device(device)
            else { return [] }
            return [record.hospital]
        case .forkedDot:
            guard let caseID = CaseID(alarm.subject) else { return [] }
            return try scopes(of: caseID).filter { $0.left == nil }.map(\.hospital)
        case .receipt, .twoPlaces:
            guard let id = DeviceID(alarm.subject), let record = try device(id) else { return [] }
            return [record.hospital]
        case .wentBack: return CaseID(alarm.subject).map { [HospitalID(record: $0)] } ?? []
        }
    }

    /// Everything that the rules judge of a hospital.
    fileprivate func standing(
        of hospital: HospitalRecord, _ alarms: [AlarmRecord], _ settings: [String: String],
        _ shelf: PolicyShelf, _ milliseconds: UInt64
    ) throws(CentralError) -> HospitalStanding {
        let id = hospital.id
        let today = CalendarDate(milliseconds: milliseconds).dayNumber
        let position = try feedHead(of: id)?.position ?? 0
        let computers = try computers(of: id, position)
        let strays = try strayCounts(of: id)
        let items = try openItemCounts(of: id, lateBefore: today)
        return HospitalStanding(
            hospital: hospital, position: position, computers: computers, alarms: alarms,
            asideCount: try asideCount(in: id), conflictCount: try conflictCount(in: id),
            unreadableCount: strays.unreadable, waitingCount: strays.waiting, openItems: items.open,
            lateItems: items.late, stock: try stock(of: id, settings, today: today),
            policies: try policies(of: id, computers, shelf))
    }

    private func computers(
        of hospital: HospitalID, _ position: UInt64
    ) throws(CentralError) -> [HospitalStanding.Computer] {
        var (heard, told): ([DeviceID: Contact], [DeviceID: DeviceCondition]) = ([:], [:])
        for contact in try contacts(of: hospital) { heard[contact.device] = contact }
        for condition in try conditions(of: hospital) { told[condition.device] = condition }
        return try devices(of: hospital).map { device in
            let contact = heard[device.id]
            return HospitalStanding.Computer(
                device: device, contact: contact, condition: told[device.id],
                lag: contact.map { position - min(position, $0.cursor) })
        }
    }

    private func stock(
        of hospital: HospitalID, _ settings: [String: String], today: Int
    ) throws(CentralError) -> HospitalStanding.Stock? {
        let ranges = try ranges(of: hospital.record)
        guard !ranges.isEmpty else { return nil }
        let assigned = CertificateStock(ranges: ranges, uses: [], voids: []).assignedCount
        var taken = 0
        var known: Set<CertificateNumber> = []
        // The same range may have been handed down under two dates.
        for range in ranges where known.insert(range.first).inserted {
            taken += try takenCount(of: range, in: hospital.record)
        }
        let days = (today - FleetDesk.usageDays)...today
        let used = try facts(FactQuery(days: days, hospital: hospital), after: nil, countMax: 100_000)
            .count { $0.facts.certificate.map(days.contains) ?? false }
        let remaining = max(0, assigned - taken)
        return HospitalStanding.Stock(
            assigned: assigned, remaining: remaining,
            lowCount: WindowSettings(record: settings).lowStockCount,
            daysLeft: used == 0 ? nil : remaining * FleetDesk.usageDays / used)
    }

    private func policies(
        of hospital: HospitalID, _ computers: [HospitalStanding.Computer], _ shelf: PolicyShelf
    ) throws(CentralError) -> [HospitalStanding.PolicyStanding] {
        var inUse: [String: Int] = [:]
        for computer in computers where !computer.device.isRevoked {
            for policy in computer.condition?.policies ?? [] {
                let version = Int(clamping: policy.version)
                inUse[policy.id] = min(inUse[policy.id] ?? version, version)
            }
        }
        // A window does not tell of versions by which it may not go.
        let withdrawn = Set(try withdrawals(in: hospital.record))
        return try inUse.sorted { $0.key < $1.key }.map { id, version throws(CentralError) in
            var newest = 0
            for policy in shelf.library.policies
            where policy.id == id && policy.version > newest && !withdrawn.contains(policy.name) {
                var isItsOwn = shelf.isShipped(policy)
                if !isItsOwn {
                    // What is for all stands in central's own record.
                    let records = try records(holding: policy.name)
                    isItsOwn = records.contains(hospital.record) || records.contains(.centralRecord)
                }
                if isItsOwn { newest = policy.version }
            }
            return HospitalStanding.PolicyStanding(id: id, newest: newest, inUse: version)
        }
    }
}
