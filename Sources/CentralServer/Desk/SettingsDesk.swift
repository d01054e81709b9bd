import Casework
import SyncProtocol

/// Where central's people say what windows may use their links for and how long they keep what: for one hospital, in its record, or for
/// all, in central's own. A window's technician may say otherwise.
struct SettingsDesk: Sendable {
    let store: any CentralStore
    let books: Books
    let now: @Sendable () -> UInt64

    /// What is said to a hospital's windows, and for all; without a code only what is for all.
    func sources(of code: String?) async throws(CentralError) -> SettingSources {
        try await RecordDesk(store: store, books: books, now: now).record(of: code).settingSources
    }

    /// An order to set something.
    struct Order: Sendable {
        /// By the word of ``Casework/WindowSettings/Name``; `auto` takes a word back.
        let words: [String: String]
        /// The hospital's code; nil for all.
        let code: String?
        let reason: String
        let user: String
    }

    /// Writes settings beside those that stand; what says the same already is not written again.
    ///
    /// - Throws: a refusal of a word that cannot be used, of an unknown hospital, or without a reason; nothing is written then.
    func set(_ order: Order) async throws(CentralError) {
        guard 1...SyncProtocol.Limits.reasonBytesMax ~= order.reason.utf8.count else {
            throw CentralError.refused(
                .malformed("Settings need a reason of at most \(SyncProtocol.Limits.reasonBytesMax) bytes."))
        }
        let changes = try Self.checked(order.words)
        let (books, milliseconds) = (books, now())
        try await store.write { transaction throws(CentralError) in
            var hospital: HospitalID?
            if let code = order.code {
                guard let known = try transaction.hospital(code: code) else {
                    throw CentralError.refused(.unknownHospital)
                }
                hospital = known.id
            }
            var ledger = try Ledger(transaction, books, milliseconds: milliseconds)
            let author = Author(role: .central, unit: "", user: order.user)
            if try ledger.set(changes, for: hospital, reason: order.reason, by: author) {
                try ledger.finish()
            }
        }
    }

    /// The settings by the names under which they stand in a record.
    private static func checked(_ words: [String: String]) throws(CentralError) -> [String: String] {
        guard !words.isEmpty else { throw CentralError.refused(.malformed("Say what to set.")) }
        var settings = WindowSettings()
        var changes: [String: String] = [:]
        for (word, value) in words.sorted(by: { $0.key < $1.key }) {
            guard let name = WindowSettings.Name(rawValue: word) else {
                let known = WindowSettings.Name.allCases.map(\.rawValue).joined(separator: ", ")
                throw CentralError.refused(.malformed("There is no such setting. Known are \(known)."))
            }
            do throws(WindowSettingError) { try settings.set(name, to: value) } catch {
                throw CentralError.refused(.malformed(error.description))
            }
            changes[name.atCentral] = value
        }
        return changes
    }
}

extension Ledger {
    /// Writes settings into the record of a hospital, or of all, beside those that stand.
    ///
    /// - Parameter changes: by the name in the record; `auto` takes one back.
    /// - Returns: whether anything is another than it was.
    mutating func set(
        _ changes: [String: String], for hospital: HospitalID?, reason: String?, by author: Author
    ) throws(CentralError) -> Bool {
        let group = try books.casebook.group("hospitalSettings")
        let record = hospital?.record ?? .centralRecord
        let state = try state(of: record)
        let view = HospitalRecordView(state, dictionary: books.casebook.dictionary)
        // Words of other versions stay as they are.
        var settings = view.settings
        for (name, value) in changes {
            settings[name] = value == WindowSettings.auto ? nil : value
        }
        guard settings != view.settings else { return false }
        let value = try books.casebook.value(
            ["hospitalSettings": .object(settings.mapValues { .text($0) })], of: group)
        let write = ChangeContent.Write(value: value, replaces: state.registers[group]?.dots ?? [])
        try self.write(
            OwnChange(writes: [group: write], author: author, reason: reason), on: record, for: hospital)
        return true
    }
}
