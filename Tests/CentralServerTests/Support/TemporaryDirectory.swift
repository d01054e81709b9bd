import Foundation

/// A directory that goes with its last user.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "birthcentral-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    // What is left is in the system's place for it.
    deinit { try? FileManager.default.removeItem(atPath: path) }
}
