import Cryptography
import SyncProtocol

/// Gives this window another device key.
///
/// The next key is in a file of its own before central hears of it, and takes the present one's place only after central has
/// confirmed it. Central takes both until it has seen the next. So it may be cut at any instant: the key that is in place is
/// always good, and the command given again goes on with the same next key.
struct DeviceKeyRotation: Sendable {
    let keyPath: String
    let link: HTTPCentralLink

    private var nextPath: String { keyPath + ".next" }

    /// Returns the new key's public half when it is in place.
    ///
    /// - Throws: ``LinkError`` if central did not confirm; the present key stays.
    func rotate() async throws -> [UInt8] {
        let next = try DeviceKey.loadOrMake(nextPath)
        try await link.announce(next)
        do throws(KeyFileError) {
            try KeyFile.replace(keyPath, with: nextPath)
        } catch {
            // Another call of this may have been faster.
            guard error == .absent, try DeviceKey.load(keyPath).publicKey == next.publicKey else {
                throw error
            }
        }
        return next.publicKey.bytes
    }
}
