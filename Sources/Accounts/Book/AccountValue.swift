import Casework
package import Cryptography
package import SyncProtocol

/// How accounts stand in a hospital's record, or in central's record of its own staff: the values of two union groups, each signed by
/// central, or not signed yet.
///
/// `account` (9070): name, display name, roles, hospitals, policies, department, whether it is disabled, signature.
/// `password` (9071): name, Argon2id text, whether it must be changed, signature.
///
/// The signature is Ed25519 by central's key, in hexadecimal digits, over: the text `birthwindow account 1`, the 16 bytes of the record,
/// the name of the group, and the members before the signature, each as a CBOR item.
package enum AccountValue {
    /// The groups of a record.
    package static let (accountGroup, passwordGroup) = ("account", "password")

    /// Members of a value, the signature included.
    static let (accountCount, passwordCount) = (8, 4)

    /// The name of the account that a value is about.
    package static func name(of value: [CBOR]) -> String? { text(value, 0) }

    /// What a record says of an account.
    ///
    /// - Parameter signer: central's key and the record; nil at a window.
    package static func account(_ account: Account, by signer: AccountSigner?) -> [CBOR] {
        signed(
            [
                .text(account.name), .text(account.displayName),
                .array(account.roles.map(\.rawValue).sorted().map(CBOR.text)),
                .array(account.hospitals.sorted().map(CBOR.text)),
                .array(account.policies.sorted().map(CBOR.text)),
                account.department.map(CBOR.text) ?? .null, .bool(account.isDisabled),
            ], accountGroup, by: signer)
    }

    /// What a record says of a password.
    package static func password(
        _ hash: PasswordHash, of name: String, mustChange: Bool, by signer: AccountSigner?
    ) -> [CBOR] {
        signed([.text(name), .text(hash.text), .bool(mustChange)], passwordGroup, by: signer)
    }

    private static func signed(_ members: [CBOR], _ group: String, by signer: AccountSigner?) -> [CBOR] {
        members + [signer.map { .text($0.signature(of: members, group)) } ?? .null]
    }

    /// Nil for a value of another shape.
    static func account(_ value: [CBOR]) -> Account? {
        guard value.count == accountCount, let name = text(value, 0), let displayName = text(value, 1),
            case .bool(let isDisabled) = value[6]
        else { return nil }
        return Account(
            name: name, displayName: displayName,
            // A role that a later version knows allows nothing here.
            roles: Set(texts(value[2]).compactMap(StaffRole.init)), hospitals: Set(texts(value[3])),
            policies: Set(texts(value[4])), department: text(value, 5), isDisabled: isDisabled)
    }

    /// Nil for a value of another shape.
    static func password(_ value: [CBOR]) -> (name: String, hash: PasswordHash, mustChange: Bool)? {
        guard value.count == passwordCount, let name = text(value, 0),
            let hash = text(value, 1).flatMap({ PasswordHash(text: $0) }),
            case .bool(let mustChange) = value[2]
        else { return nil }
        return (name, hash, mustChange)
    }

    private static func text(_ value: [CBOR], _ index: Int) -> String? {
        if value.indices.contains(index), case .text(let text) = value[index] { text } else { nil }
    }

    private static func texts(_ value: CBOR) -> [String] {
        guard case .array(let items) = value else { return [] }
        return items.compactMap { if case .text(let text) = $0 { text } else { nil } }
    }
}

/// Central's key for the accounts of one record.
package struct AccountSigner: Sendable {
    private let key: Ed25519.SigningKey
    private let record: CaseID

    package init(_ key: Ed25519.SigningKey, record: CaseID) { (self.key, self.record) = (key, record) }

    func signature(of members: [CBOR], _ group: String) -> String {
        key.sign(AccountSignature.message(members, group, record)).hexadecimal
    }
}

enum AccountSignature {
    /// Whether the last member of a value is central's signature of the others, for this group of this record.
    static func isValid(
        in value: [CBOR], _ group: String, of record: CaseID, by key: Ed25519.PublicKey
    ) -> Bool {
        guard case .text(let text)? = value.last, let signature = [UInt8](hexadecimal: text) else {
            return false
        }
        return key.verifies(signature, of: message(Array(value.dropLast()), group, record))
    }

    static func message(_ members: [CBOR], _ group: String, _ record: CaseID) -> [UInt8] {
        var writer = CBORWriter()
        writer.write("birthwindow account 1")
        writer.write(record.bytes)
        writer.write(group)
        for member in members { writer.write(member) }
        return writer.bytes
    }
}
