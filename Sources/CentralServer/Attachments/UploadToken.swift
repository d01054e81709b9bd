package import Cryptography
import Foundation
import SyncProtocol

/// The right of one computer to upload one attachment, until a time. An exchange hands it out, tus requests present it.
///
/// Central keeps none of them: the code proves what it says. In Base64 (the alphabet of URLs, no padding):
///
///     1 (1) ‖ device (16) ‖ hash (32) ‖ bytes (8) ‖ expiry, ms since 1970 (8) ‖ HMAC-SHA-256 of all before (32)
package struct UploadToken: Hashable, Sendable {
    /// How long a token is good.
    package static let milliseconds: UInt64 = 24 * 60 * 60 * 1000
    private static let (version, byteCount, signedByteCount) = (UInt8(1), 97, 65)
    private static let textByteCount = 130

    package let device: DeviceID
    package let hash: Digest
    package let byteCount: UInt64
    package let expires: UInt64

    package init(device: DeviceID, hash: Digest, byteCount: UInt64, expires: UInt64) {
        (self.device, self.hash, self.byteCount, self.expires) = (device, hash, byteCount, expires)
    }

    /// What tokens are made and checked with, from the key of the attachments.
    package static func codes(key: SecretBytes) -> MessageAuthentication {
        let root = MessageAuthentication(key: key)
        return MessageAuthentication(key: SecretBytes(root.code(Array("upload tokens".utf8))))
    }

    /// What is handed out.
    package func text(_ codes: MessageAuthentication) -> String {
        let signed = signed
        return Data(signed + codes.code(signed)).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// Reads what is presented; nil unless central made it, whatever else is wrong with it, or it has expired.
    package init?(presented text: String, now: UInt64, _ codes: MessageAuthentication) {
        guard text.utf8.count == Self.textByteCount,
            let data = Data(
                base64Encoded: text.replacing("-", with: "+").replacing("_", with: "/") + "==")
        else { return nil }
        let bytes = [UInt8](data)
        guard bytes.count == Self.byteCount, bytes[0] == Self.version else { return nil }
        let signed = Array(bytes.prefix(Self.signedByteCount))
        guard codes.isCode(Array(bytes.dropFirst(Self.signedByteCount)), of: signed),
            let device = CaseID(bytes: Array(bytes[1..<17])), let hash = Digest(bytes: bytes[17..<49])
        else { return nil }
        let numbers = [49, 57].map { bytes[$0..<$0 + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        self.init(
            device: DeviceID(rawValue: device), hash: hash, byteCount: numbers[0], expires: numbers[1])
        guard expires > now else { return nil }
    }

    private var signed: [UInt8] {
        var bytes = [Self.version] + device.rawValue.bytes + hash.bytes
        for number in [byteCount, expires] {
            bytes += (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
        }
        return bytes
    }
}
