import CSodium

/// Random numbers from the system's cryptographic source; nobody can guess the next one.
package struct SecureRandom: RandomNumberGenerator, Sendable {
    /// A generator; all of them share the system's source.
    package init() { Sodium.prepare() }

    /// 64 random bits.
    package mutating func next() -> UInt64 {
        var number: UInt64 = 0
        randombytes_buf(&number, MemoryLayout<UInt64>.size)
        return number
    }

    /// As many random bytes.
    package static func bytes(_ count: Int) -> [UInt8] {
        Sodium.prepare()
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            if let start = buffer.baseAddress { randombytes_buf(start, count) }
            initializedCount = count
        }
    }
}
