import Foundation

/// A directory that goes with the test.
final class Directory: Sendable {
    let path = NSTemporaryDirectory() + "bundles-" + UUID().uuidString

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }  // what stays is only litter

    /// A name that was not given before.
    func fresh() -> String { path + "/" + UUID().uuidString }
}

/// A reproducible source of randomness (SplitMix64).
struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Why a test cannot go on: the test itself is broken.
struct Broken: Error { let what: String }
