import Cryptography
import SyncProtocol

/// Gives this window another device key.
///
/// The next key is in a file of its own before central hears of it, and takes the present one's place only after central has
/// confirmed it. Central takes both until it has seen the next. So it may be cut at any instant: the key that is in place is
/// always good, and the command given again goes on with the same next key. Who asks while a rotation is under way shares it.
actor DeviceKeyRotation {
    private let keyPath: String
    private let link: HTTPCentralLink
    private var current: Task<[UInt8], any Error>?

    init(keyPath: String, link: HTTPCentralLink) {
        self.keyPath = keyPath
        self.link = link
    }

    /// Returns the new key's public half when it is in place.
    ///
    /// - Throws: ``LinkError`` if central did not confirm; the present key stays.
    func rotate() async throws -> [UInt8] {
        if let current { return try await current.value }
        let task = Task { try await rotateOnce() }
        current = task
        defer { current = nil }
        return try await task.value
    }

    private func rotateOnce() async throws -> [UInt8] {
        let nextPath = keyPath + ".next"
        let next = try DeviceKey.loadOrMake(nextPath)
        try await link.announce(next)
        try KeyFile.replace(keyPath, with: nextPath)
        return next.publicKey.bytes
    }
}
