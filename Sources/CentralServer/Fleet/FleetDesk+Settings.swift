import Casework
import SyncProtocol

extension FleetDesk {
    /// Thresholds as they are set for one hospital, or for all, and as they count.
    struct Settings: Hashable, Sendable {
        let hospital: String?
        let own: [String: String]
        let inForce: [String: Int]
    }

    /// The settings that can be changed here; those that windows go by, too, are ``SettingsDesk``'s.
    static let settingNames = FleetThresholds.Name.allCases.map(\.rawValue)
    static let settingValues = 0...1_000_000

    func settings(of code: String?) async throws(CentralError) -> Settings {
        try await store.read { transaction throws(CentralError) in
            let record = try transaction.settingsRecord(of: code)
            let own = try transaction.settings(of: record).filter { Self.settingNames.contains($0.key) }
            let all = try transaction.settings(of: .centralRecord).merging(own) { $1 }
            return Settings(hospital: code, own: own, inForce: FleetThresholds(all).values)
        }
    }

    /// Sets a threshold for one hospital, or for all, or takes it back. It is a change of the record: windows keep it, too.
    func set(
        _ name: String, to value: Int?, of code: String?, by user: String
    ) async throws(CentralError) {
        guard Self.settingNames.contains(name), value.map(Self.settingValues.contains) ?? true else {
            throw CentralError.refused(
                .malformed(
                    "A setting is one of \(Self.settingNames.joined(separator: ", ")), its value from 0 to 1000000."
                ))
        }
        let (books, milliseconds) = (books, now())
        try await store.write { transaction throws(CentralError) in
            let record = try transaction.settingsRecord(of: code)
            var ledger = try Ledger(transaction, books, milliseconds: milliseconds)
            let author = Author(role: .central, unit: "", user: user)
            let hospital = code == nil ? nil : HospitalID(record: record)
            let word = value.map(String.init) ?? WindowSettings.auto
            guard try ledger.set([name: word], for: hospital, reason: nil, by: author) else { return }
            try ledger.finish()
        }
    }
}

extension FleetTransaction {
    /// The record of a hospital, or central's own.
    fileprivate func settingsRecord(of code: String?) throws(CentralError) -> CaseID {
        guard let code else { return .centralRecord }
        guard let hospital = try hospital(code: code) else { throw CentralError.refused(.unknownHospital) }
        return hospital.id.record
    }
}

extension FleetThresholds {
    /// By their names.
    var values: [String: Int] {
        var values: [String: Int] = [:]
        for (name, value): (Name, Int) in [
            (.lateHours, lateHours), (.silentHours, silentHours), (.outboxHours, outboxHours),
            (.clockMinutes, clockMinutes), (.alarmDays, alarmDays), (.stockDays, stockDays),
            (.photoCount, photoCount),
        ] { values[name.rawValue] = value }
        return values
    }
}
