import Foundation

/// What a link was told, and what it has counted. Decides what may pass; does no I/O.
struct Controls: Sendable {
    typealias Direction = FaultyLink.Direction

    /// A cut that comes behind so many more bytes.
    struct Limit: Sendable {
        var bytes: Int
        let cut: FaultyLink.Cut
    }

    var counts = FaultyLink.Counts()
    private var limits: [Direction: Limit] = [:]
    var bytesPerSecond: Int?
    var delayMilliseconds = 0
    var isClosed = false
    /// `reset` or `hold` while the link is cut.
    private(set) var standing: FaultyLink.Cut?
    /// Connections with a lower number are to be reset.
    private(set) var resetBelow = 0
    /// When each direction may forward again, on the clock of ``Switchboard``.
    private var nextFree: [Direction: Double] = [:]

    mutating func cut(_ cut: FaultyLink.Cut) {
        limits = [:]
        if cut != .drop { standing = cut }
        if cut != .hold { resetBelow = counts.connections }
    }

    mutating func cut(_ cut: FaultyLink.Cut, after bytes: Int, _ direction: Direction) {
        if bytes > 0 { limits[direction] = Limit(bytes: bytes, cut: cut) } else { self.cut(cut) }
    }

    mutating func heal() {
        limits = [:]
        standing = nil
    }

    /// The number of a new connection.
    mutating func accept() -> Int {
        counts.connections += 1
        counts.open += 1
        // While everything is reset, this one is too.
        if standing == .reset { resetBelow = counts.connections }
        return counts.connections - 1
    }

    /// How many of so many bytes of a connection may pass now.
    func allowance(_ bytes: Int, of number: Int, _ direction: Direction, now: Double) -> Int {
        guard standing == nil, number >= resetBelow, freeAt(direction) <= now else { return 0 }
        var allowed = min(bytes, limits[direction]?.bytes ?? .max)
        // A tenth of a second's worth at a time, so that a slow link is slow and not jerky.
        if let bytesPerSecond { allowed = min(allowed, max(1, bytesPerSecond / 10)) }
        return allowed
    }

    /// Until when the rate keeps a direction.
    func freeAt(_ direction: Direction) -> Double { nextFree[direction, default: 0] }

    /// Counts what has passed; the last byte before a cut brings it about.
    mutating func note(_ bytes: Int, _ direction: Direction, now: Double) {
        switch direction {
        case .up: counts.bytesUp += bytes
        case .down: counts.bytesDown += bytes
        }
        if let bytesPerSecond { nextFree[direction] = now + Double(bytes) / Double(bytesPerSecond) }
        guard var limit = limits[direction] else { return }
        limit.bytes -= bytes
        limits[direction] = limit
        if limit.bytes <= 0 { cut(limit.cut) }
    }
}

/// A value that several threads may use, one at a time: `value` is touched only under `lock`.
package final class Guarded<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    package init(_ value: sending Value) { self.value = value }

    package func withLock<Result: Sendable>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}
