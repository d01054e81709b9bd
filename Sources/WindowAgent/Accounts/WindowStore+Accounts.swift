package import Accounts
import Casework
package import Cryptography
import SyncProtocol

/// Who works at this window: the accounts of the hospital's record.
extension WindowStore {
    /// The accounts as this window knows them; none before it is enrolled.
    package func accountBook() throws -> AccountBook? {
        if let book = memory.accounts { return book }
        guard let enrolment = try loadEnrolment() else { return nil }
        let record = enrolment.hospital.record
        let book = AccountBook(
            CaseState(folding: try changes(of: record)), of: record, signedBy: enrolment.centralKey,
            dictionary: dictionary)
        memory.accounts = book
        return book
    }

    /// Says offline what an account is to be: beside what central said, over what windows said.
    package func put(_ account: Account, _ saving: Saving) throws {
        try write(
            AccountValue.account(account, by: nil), to: AccountValue.accountGroup, of: account.name,
            ofWindowsOnly: true, saving)
    }

    /// Sets a password over all that stand: whoever does it has seen them.
    package func setPassword(
        _ password: PasswordHash, mustChange: Bool, of name: String, _ saving: Saving
    ) throws {
        try write(
            AccountValue.password(password, of: name, mustChange: mustChange, by: nil),
            to: AccountValue.passwordGroup, of: name, ofWindowsOnly: false, saving)
    }

    private func write(
        _ value: [CBOR], to group: String, of name: String, ofWindowsOnly: Bool, _ saving: Saving
    ) throws {
        guard let enrolment = try loadEnrolment() else { throw StoreError.notEnrolled }
        guard let group = dictionary.group(named: group)?.id else { throw EditError.unknownField(key: group) }
        let record = enrolment.hospital.record
        try write {
            let now = environment.milliseconds()
            let state = CaseState(folding: try changes(of: record))
            let replaced = state.registers[group]?.dots(of: name, ofWindowsOnly: ofWindowsOnly) ?? []
            let content = try content(
                [group: ChangeContent.Write(value: value, replaces: replaced)], on: state, saving, enrolment,
                at: now)
            _ = try append(content, to: record, savedAt: now)
            try refresh(record)
        }
    }
}
