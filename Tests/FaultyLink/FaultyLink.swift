import Foundation
import Glibc

/// A network for tests: a real TCP intermediary on loopback that forwards to one address, and misbehaves as told. With several
/// addresses it is a load balancer: each connection goes to the next one that takes it.
///
/// It listens on a port that the system chooses. Every method may be called from any thread. What is cut stays cut for
/// old and new connections until ``heal()``. Once ``cut(_:)`` has returned, not one more byte is forwarded.
package final class FaultyLink: Sendable {
    /// Which way bytes flow.
    package enum Direction: Hashable, Sendable, CaseIterable {
        /// From whoever connected to the address behind.
        case up
        /// Back.
        case down
    }

    /// How a link is cut.
    package enum Cut: Hashable, Sendable {
        /// Connections are reset, and new ones as soon as they are made: the router says that there is no way.
        case reset
        /// Nothing is said and nothing is forwarded: the network swallows it. Healed, what was held goes on.
        case hold
        /// The connections of this moment are reset; new ones pass.
        case drop
    }

    /// The port to connect to, on 127.0.0.1.
    package let port: UInt16
    private let controls: Guarded<Controls>
    private let bell: Bell
    private let ended = DispatchSemaphore(value: 0)

    /// Listens, and forwards to an address.
    ///
    /// - Parameter host: an IPv4 address in digits.
    package convenience init(to host: String, port: UInt16) throws { try self.init(to: host, ports: [port]) }

    /// The same, spread over several ports.
    package init(to host: String, ports: [UInt16]) throws {
        let targets = try ports.map { try Address(host: host, port: $0) }
        let listening = try Socket.listening()
        port = try listening.boundPort()
        controls = Guarded(Controls())
        bell = try Bell()
        let thread = Thread { [controls, bell, ended] in
            var switchboard = Switchboard(
                listening: listening, targets: targets, controls: controls, bell: bell)
            switchboard.run()
            ended.signal()
        }
        thread.start()
    }

    deinit { close() }

    /// Stops forwarding.
    package func cut(_ cut: Cut = .reset) { tell { $0.cut(cut) } }

    /// Stops forwarding behind a byte: so many more flow in this direction, over all connections together.
    package func cut(_ cut: Cut = .reset, after bytes: Int, _ direction: Direction) {
        tell { $0.cut(cut, after: bytes, direction) }
    }

    /// Forwards again, without limit by bytes; rate and delay stay.
    package func heal() { tell { $0.heal() } }

    /// Bytes per second in each direction, over all connections together; nil takes the limit away.
    package func throttle(bytesPerSecond: Int?) {
        tell { $0.bytesPerSecond = bytesPerSecond }
    }

    /// How long each byte is on its way, in each direction.
    package func delay(milliseconds: Int) { tell { $0.delayMilliseconds = milliseconds } }

    /// What has passed so far.
    package var counts: Counts { controls.withLock { $0.counts } }

    /// Ends every connection and stops listening. More calls do nothing.
    package func close() {
        let isFirst = controls.withLock { controls in
            defer { controls.isClosed = true }
            return !controls.isClosed
        }
        guard isFirst else { return }
        bell.ring()
        ended.wait()
    }

    private func tell(_ change: (inout Controls) -> Void) {
        controls.withLock { change(&$0) }
        bell.ring()
    }

    /// What passed through a link.
    package struct Counts: Hashable, Sendable {
        /// Connections that were accepted, also those that were reset at once.
        package internal(set) var connections = 0
        /// Of them, those that are open.
        package internal(set) var open = 0
        package internal(set) var bytesUp = 0
        package internal(set) var bytesDown = 0
        /// How often a connection turned from silence or answering to asking: a request and its answer are one.
        package internal(set) var roundTrips = 0

        /// Both ways.
        package var bytes: Int { bytesUp + bytesDown }
    }
}
