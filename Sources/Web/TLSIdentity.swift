import Cryptography
import Foundation

/// A server's certificate, with those of the authorities between it and the clients' one, and its private key.
package struct TLSIdentity: Sendable {
    /// The largest file of certificates, in bytes.
    package static let certificateBytesMax = 256 << 10
    /// The largest key file, in bytes.
    package static let keyBytesMax = 32 << 10

    private let certificate: String
    private let key: SecretBytes

    /// Reads the two PEM files. Whether they belong together shows when a server takes them.
    ///
    /// - Throws: also if others than its owner can read the key: mode 0600 or stricter is asked for.
    package init(certificateFile: String, keyFile: String) throws(TLSIdentityError) {
        guard let bytes = FileManager.default.contents(atPath: certificateFile) else {
            throw .certificateUnreadable(certificateFile)
        }
        guard bytes.count <= Self.certificateBytesMax,
            let certificate = String(data: bytes, encoding: .utf8),
            certificate.contains("-----BEGIN CERTIFICATE-----"), !certificate.contains("\0")
        else { throw .noCertificate(certificateFile) }
        self.certificate = certificate
        do throws(KeyFileError) {
            key = try KeyFile.read(keyFile, byteCountMax: Self.keyBytesMax)
        } catch {
            switch error {
            case .exposed(let mode): throw .keyExposed(keyFile, mode: mode)
            case .wrongSize: throw .noKey(keyFile)
            default: throw .keyUnreadable(keyFile)
            }
        }
        guard String(decoding: key.copy(), as: UTF8.self).contains("PRIVATE KEY-----") else {
            throw .noKey(keyFile)
        }
    }

    /// Both texts, ended by a zero, for as long as the body runs.
    func withTexts<Result>(
        _ body: (UnsafePointer<CChar>, UnsafePointer<CChar>) throws -> Result
    ) rethrows -> Result {
        // GnuTLS keeps the key in ordinary memory too.
        try certificate.withCString { certificate in
            try String(decoding: key.copy(), as: UTF8.self).withCString { try body(certificate, $0) }
        }
    }
}

/// Why a certificate or its key cannot be used. Each names the file.
package enum TLSIdentityError: Error, Hashable, Sendable, CustomStringConvertible {
    case certificateUnreadable(String)
    case noCertificate(String)
    case keyUnreadable(String)
    case noKey(String)
    /// Others than its owner may read it, or its owner is not who runs this program; the file's mode.
    case keyExposed(String, mode: UInt32)

    /// A sentence for a log or a technician.
    package var description: String {
        switch self {
        case .certificateUnreadable(let file): "The certificate \(file) cannot be read."
        case .noCertificate(let file): "\(file) holds no certificate in PEM form, or is too large."
        case .keyUnreadable(let file): "The key \(file) cannot be read."
        case .noKey(let file): "\(file) holds no private key in PEM form, or is too large."
        case .keyExposed(let file, let mode):
            "The key \(file) can be read by others (mode 0\(String(mode, radix: 8))) or belongs to somebody else: "
                + "give it to this program's user and set mode 0600."
        }
    }
}
