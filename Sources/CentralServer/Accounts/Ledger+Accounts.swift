import Accounts
import Cryptography
import SyncProtocol

extension Ledger {
    /// Where an account is written, and by what it is signed there.
    struct AccountPlace: Sendable {
        let record: CaseID
        /// Nil for central's own record of all accounts.
        let hospital: HospitalRecord?

        static let registry = AccountPlace(record: .staffRecord, hospital: nil)

        init(record: CaseID, hospital: HospitalRecord?) { (self.record, self.hospital) = (record, hospital) }

        init(_ hospital: HospitalRecord) { self.init(record: hospital.id.record, hospital: hospital) }
    }

    /// Who writes an account, and with which key.
    struct AccountHand: Sendable {
        let key: Ed25519.SigningKey
        let user: String
        let reason: String?
    }

    /// Writes what an account is over everything that was said of it there, unless that is the same.
    mutating func put(_ account: Account, at place: AccountPlace, by hand: AccountHand) throws(CentralError) {
        try write(
            AccountValue.account(account, by: AccountSigner(hand.key, record: place.record)),
            to: AccountValue.accountGroup, of: account.name, at: place, by: hand)
    }

    /// Writes a password over all that stand there.
    mutating func put(
        _ password: PasswordHash, mustChange: Bool, of name: String, at place: AccountPlace,
        by hand: AccountHand
    ) throws(CentralError) {
        let signer = AccountSigner(hand.key, record: place.record)
        try write(
            AccountValue.password(password, of: name, mustChange: mustChange, by: signer),
            to: AccountValue.passwordGroup, of: name, at: place, by: hand)
    }

    private mutating func write(
        _ value: [CBOR], to groupName: String, of name: String, at place: AccountPlace, by hand: AccountHand
    ) throws(CentralError) {
        let group = try books.casebook.group(groupName)
        let register = try state(of: place.record).registers[group]
        let standing = (register?.standing ?? []).filter { AccountValue.name(of: $0.value) == name }
        if standing.count == 1, standing[0].value == value { return }
        let write = ChangeContent.Write(
            value: value, replaces: register?.dots(of: name, ofWindowsOnly: false) ?? [])
        try self.write(
            OwnChange(
                writes: [group: write], author: Author(role: .central, unit: "", user: hand.user),
                reason: hand.reason),
            on: place.record, for: place.hospital?.id)
    }

    /// The accounts of a place as they stand in this transaction.
    mutating func book(of place: AccountPlace, signedBy key: Ed25519.PublicKey) throws(CentralError)
        -> AccountBook
    {
        AccountBook(
            try state(of: place.record), of: place.record, signedBy: key,
            dictionary: books.casebook.dictionary)
    }
}
