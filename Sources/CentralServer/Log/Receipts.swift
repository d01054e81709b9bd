package import Cryptography
import SyncProtocol

/// Makes and checks ``Receipt``s with central's key, which lives in a file outside the database and its backups.
package struct Receipts: Sendable {
    /// Bytes of the key.
    package static let keyByteCount = 32

    private let authentication: MessageAuthentication
    /// Makes the tokens by which the same child is found in two cases, from the same secret.
    let duplicates: DuplicateTokens

    package init(key: SecretBytes) {
        authentication = MessageAuthentication(key: key)
        duplicates = DuplicateTokens(secret: key)
    }

    func receipt(for id: ContentID, in hospital: HospitalID) -> Receipt {
        guard let receipt = Receipt(bytes: authentication.shortCode(Receipt.input(id, for: hospital))) else {
            preconditionFailure("a short code has the size of a receipt")
        }
        return receipt
    }

    func isGenuine(_ receipt: Receipt, for id: ContentID, in hospital: HospitalID) -> Bool {
        authentication.isShortCode(receipt.bytes, of: Receipt.input(id, for: hospital))
    }
}
