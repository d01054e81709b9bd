package import Cryptography
package import SyncProtocol

/// Central's help for a window whose disk, and recovery sheet, are gone: the store's key is taken out of the header of its journal and
/// sealed again under a new code, which the technician is told in another way than the file. The key itself goes nowhere.
package enum RecoveryOpening {
    package enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
        case damagedHeader
        /// The window was never enrolled when the header was written.
        case notForCentral
        /// It was sealed for another central's recovery key.
        case otherKey
        case key(KeyFileError)
        case noMemory

        package var description: String {
            switch self {
            case .damagedHeader: "the header is damaged: bring the other copy, header.copy"
            case .notForCentral:
                "the window was not enrolled when this header was written: only its recovery sheet or its store.key opens it"
            case .otherKey:
                "the header was sealed for another recovery key: look for that one, recovery.key of the central of then"
            case .key(.absent): "there is no such key file: name the recovery key with --recovery-key FILE"
            case .key(let error): "the recovery key cannot be used (\(error))"
            case .noMemory: "there is not enough memory to stretch a code (64 MiB)"
            }
        }
    }

    /// The header with a wrap for a new code, and the code.
    package static func open(
        _ file: [UInt8], keyPath: String
    ) throws(Fault) -> (header: [UInt8], code: RecoveryCode) {
        let secret: SecretBytes
        do throws(KeyFileError) {
            secret = try KeyFile.read(keyPath, byteCount: SealedBox.keyByteCount)
        } catch { throw .key(error) }
        guard let key = SealedBox.OpeningKey(secret: secret) else { throw .otherKey }
        var header: RecoveryHeader
        do throws(CBORError) { header = try RecoveryHeader(decoding: file) } catch { throw .damagedHeader }
        guard let central = header.central else { throw .notForCentral }
        guard let storeKey = central.open(key) else { throw .otherKey }
        let code = RecoveryCode()
        guard let sheet = RecoveryHeader.Sheet(storeKey, under: code) else { throw .noMemory }
        header.sheet = sheet
        return (header.encoded, code)
    }
}
