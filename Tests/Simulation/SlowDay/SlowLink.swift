/// A link with a delay, so many bytes a second, and cuts: a pure model in virtual time.
///
/// Bytes that went before a cut have arrived. A cut breaks every connection; a new one costs two round trips and its handshake.
struct SlowLink {
    /// A connection of its own for exchanges, and one for photos, as the agent has them.
    enum Lane: CaseIterable { case exchanges, photos }

    static let (roundTripMilliseconds, bytesPerSecond): (UInt64, UInt64) = (600, 3_000)
    static let cutMilliseconds: ClosedRange<UInt64> = 2_000...20_000
    /// Bytes of the handshake of TCP and TLS, both ways.
    static let handshakeBytes = 2_200

    let time: VirtualTime
    private var random: SeededGenerator
    private var connected: Set<Lane> = []
    private var nextCut: UInt64
    private(set) var cuts = 0
    /// Handshakes, both ways.
    private(set) var handshakeBytes = 0
    /// Milliseconds in which bytes went or an answer was waited for.
    private(set) var busyMilliseconds: UInt64 = 0

    init(_ time: VirtualTime, seed: UInt64) {
        self.time = time
        random = SeededGenerator(seed: seed)
        nextCut = time.now + UInt64.random(in: Self.cutMilliseconds, using: &random)
    }

    /// Opens a connection unless one is open; false if it was cut.
    mutating func connect(_ lane: Lane) -> Bool {
        letCutsPass()
        if connected.contains(lane) { return true }
        guard wait(2 * Self.roundTripMilliseconds), carry(Self.handshakeBytes) == Self.handshakeBytes else {
            return false
        }
        handshakeBytes += Self.handshakeBytes
        connected.insert(lane)
        return true
    }

    /// Carries bytes one way.
    ///
    /// - Returns: how many arrived; fewer than all if a cut came before the last.
    mutating func carry(_ bytes: Int) -> Int {
        let milliseconds = UInt64(bytes) * 1000 / Self.bytesPerSecond
        let start = time.now
        if pass(milliseconds) { return bytes }
        return min(bytes, Int((time.now - start) * Self.bytesPerSecond / 1000))
    }

    /// Waits for the first byte of an answer; false if a cut came before.
    mutating func wait(_ milliseconds: UInt64 = Self.roundTripMilliseconds) -> Bool { pass(milliseconds) }

    private mutating func pass(_ milliseconds: UInt64) -> Bool {
        let isCut = time.now + milliseconds >= nextCut
        let passed = isCut ? nextCut - time.now : milliseconds
        time.pass(milliseconds: passed)
        busyMilliseconds += passed
        if isCut { cut() }
        return !isCut
    }

    /// Cuts that came while nothing went.
    private mutating func letCutsPass() { while nextCut <= time.now { cut() } }

    private mutating func cut() {
        cuts += 1
        connected = []
        nextCut += UInt64.random(in: Self.cutMilliseconds, using: &random)
    }
}
