import Cryptography
import SyncProtocol
import Web

/// A computer's name and key, as central enrolled it. A copied disk has the same.
struct Device: Sendable {
    let id: String
    let key: Ed25519.SigningKey
    let dictionary: ZstandardDictionary

    /// What goes over the wire: compressed, and signed at a time of central's.
    func request(
        _ message: [UInt8], to path: String, type: String, at milliseconds: UInt64, nonce: UInt64
    ) throws -> Request {
        let body = try Zstandard.compress(message, dictionary: dictionary)
        let digest = ContentDigest.field(for: body)
        let components = try MessageSignature.Components(method: "POST", path: path, contentDigest: digest)
        let (input, signature) = MessageSignature.sign(
            components, with: key, keyID: id, created: Int64(milliseconds / 1000), nonce: nonce.hexadecimal)
        return Request(
            .post, path,
            headers: [
                "Content-Type": type, "Content-Digest": digest, "Signature-Input": input,
                "Signature": signature,
            ],
            body: body)
    }

    func message(in response: Response) throws -> [UInt8] {
        try Zstandard.decompress(
            response.body, dictionary: dictionary, bytesMax: SyncProtocol.Limits.exchangeBytesMax)
    }
}
