/// The nonces of signed requests that were taken lately, so that none is taken twice. Pure, and bounded.
struct NonceMemory: Sendable {
    /// Nonces remembered at most: 1,500 agents with some hundred requests each in twice the window.
    static let countMax = 500_000

    private var times: [Key: UInt64] = [:]
    private let countMax: Int
    private let windowMilliseconds: UInt64

    private struct Key: Hashable {
        let device: DeviceID
        let nonce: String
    }

    /// - Parameter windowMilliseconds: how far a request's time may be from central's, in either direction.
    init(windowMilliseconds: UInt64, countMax: Int = countMax) {
        self.windowMilliseconds = windowMilliseconds
        self.countMax = countMax
    }

    /// Whether the nonce may be taken, and notes it.
    ///
    /// When the memory is full of nonces that still count, nothing more is taken: a replay is worse than a delay.
    mutating func take(_ nonce: String, of device: DeviceID, now: UInt64) -> Bool {
        let key = Key(device: device, nonce: nonce)
        if times[key] != nil { return false }
        if times.count >= countMax {
            // A request is refused by its time alone once twice the window has gone by since it was first taken.
            times = times.filter { $0.value + 2 * windowMilliseconds >= now }
            guard times.count < countMax else { return false }
        }
        times[key] = now
        return true
    }
}
