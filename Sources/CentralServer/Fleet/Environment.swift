package import Web

/// What comes from outside and differs in tests: the time and randomness, and who hears of what happens.
package struct Environment: Sendable {
    /// Central's wall clock, milliseconds since 1970.
    package let now: @Sendable () -> UInt64
    /// As many random bytes that nobody can guess.
    package let randomBytes: @Sendable (Int) -> [UInt8]
    /// Takes what a technician may want to know.
    package var log: LogSink = { _ in }

    package init(now: @escaping @Sendable () -> UInt64, randomBytes: @escaping @Sendable (Int) -> [UInt8]) {
        self.now = now
        self.randomBytes = randomBytes
    }

    /// 64 random bits.
    func randomNumber() -> UInt64 { randomBytes(8).reduce(0) { $0 << 8 | UInt64($1) } }
}
