import Web

/// Random numbers that a seed repeats, on every platform (SplitMix64).
struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 ^ 0xD1B5_4A32_D192_ED03 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// True `numerator` times in `denominator`.
    mutating func chance(_ numerator: Int, in denominator: Int) -> Bool {
        Int.random(in: 0..<denominator, using: &self) < numerator
    }
}

/// Random numbers for a program that asks from another thread.
final class Dice: Sendable {
    private let generator: Guarded<SeededGenerator>

    init(seed: UInt64) { generator = Guarded(SeededGenerator(seed: seed)) }

    func next() -> UInt64 { generator.withLock { $0.next() } }

    func bytes(_ count: Int) -> [UInt8] {
        generator.withLock { generator in (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        }
    }
}

/// The time of one world. It passes only when a step says so.
final class VirtualTime: Sendable {
    private let milliseconds: Guarded<UInt64>

    /// 2026-09-22T08:00:00+08:00.
    static let start: UInt64 = 1_790_035_200_000

    init(_ milliseconds: UInt64 = VirtualTime.start) { self.milliseconds = Guarded(milliseconds) }

    var now: UInt64 { milliseconds.withLock { $0 } }

    func pass(milliseconds passed: UInt64) { milliseconds.withLock { $0 += passed } }
}

/// The clock of one machine: the world's time, and how far it is off.
final class WallClock: Sendable {
    private let time: VirtualTime
    private let error = Guarded<Int64>(0)

    init(_ time: VirtualTime) { self.time = time }

    var now: UInt64 { UInt64(max(1, Int64(time.now) + error.withLock { $0 })) }

    /// Sets the clock, wrong by so many milliseconds.
    func set(error milliseconds: Int64) { error.withLock { $0 = milliseconds } }
}
