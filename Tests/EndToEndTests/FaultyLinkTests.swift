import Foundation
import Glibc
import Testing

@testable import FaultyLink

/// The intermediary itself: what the other tests say about outages is worth no more than it. The limit, as of the other suites here,
/// is there for what hangs: it counts the time until a thread is free, too.
@Suite("A network that misbehaves as told", .timeLimit(.minutes(4)), .onThreads)
struct FaultyLinkTests {
    private let server: EchoServer
    private let link: FaultyLink

    init() throws {
        server = try EchoServer()
        link = try FaultyLink(to: "127.0.0.1", port: server.port)
    }

    private static func text(_ count: Int, from first: Int = 0) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: first + $0 * 7) }
    }

    @Test("Many connections at once pass whole, and are counted")
    func forwards() throws {
        let clients = try (0..<40).map { _ in try Socket.client(of: link.port) }
        for (index, client) in clients.enumerated() {
            #expect(client.sendAll(Self.text(5_000, from: index)))
        }
        for (index, client) in clients.enumerated() {
            #expect(client.receive(count: 5_000) == Self.text(5_000, from: index))
        }
        let counts = link.counts
        #expect(counts.connections == 40)
        #expect(counts.open == 40)
        #expect((counts.bytesUp, counts.bytesDown) == (200_000, 200_000))
        #expect(counts.roundTrips >= 40)
    }

    @Test("More than the buffers hold passes, and an end is passed on")
    func passesEnds() throws {
        let client = try Socket.client(of: link.port)
        let sent = Self.text(3_000_000)
        let received = Guarded<[UInt8]>([])
        let reader = Thread {
            let bytes = client.receive(count: sent.count + 1)
            received.withLock { $0 = bytes }
        }
        reader.start()
        #expect(client.sendAll(sent))
        client.finishSending()
        while !reader.isFinished { usleep(1_000) }
        #expect(received.withLock { $0 } == sent)
        while link.counts.open > 0 { usleep(1_000) }
    }

    @Test("A request and its answer are one round trip, however many pieces they come in")
    func countsRoundTrips() throws {
        let client = try Socket.client(of: link.port)
        for question in 1...3 {
            for _ in 0..<4 { #expect(client.sendAll(Self.text(50_000))) }
            #expect(client.receive(count: 200_000).count == 200_000)
            // An echo answers before the question has ended; only from the second turn on it is known how often.
            #expect(link.counts.roundTrips >= question)
        }
        let quiet = try Socket.client(of: link.port)
        for question in 1...3 {
            let before = link.counts.roundTrips
            #expect(quiet.sendAll(Self.text(10)))
            #expect(quiet.receive(count: 10).count == 10)
            #expect(link.counts.roundTrips == before + 1, "question \(question)")
        }
    }

    @Test("A cut by reset ends old and new connections, until it is healed")
    func cutsByReset() throws {
        let old = try Socket.client(of: link.port)
        #expect(old.sendAll([1]) && old.receive(count: 1) == [1])
        link.cut(.reset)
        #expect(old.isReset)
        let new = try Socket.client(of: link.port)
        #expect(new.isReset)
        let bytes = link.counts.bytes
        link.heal()
        let healed = try Socket.client(of: link.port)
        #expect(healed.sendAll([2]) && healed.receive(count: 1) == [2])
        #expect(link.counts.bytes == bytes + 2)
    }

    @Test("A silent cut forwards nothing and ends nothing, and goes on when it is healed")
    func cutsByHolding() throws {
        let old = try Socket.client(of: link.port)
        #expect(old.sendAll([1]) && old.receive(count: 1) == [1])
        link.cut(.hold)
        let new = try Socket.client(of: link.port)
        #expect(old.sendAll([2]) && new.sendAll([3]))
        #expect(!old.waits(for: POLLIN, milliseconds: 200))
        #expect(!new.waits(for: POLLIN, milliseconds: 200))
        #expect(link.counts.bytes == 2)
        link.heal()
        #expect(old.receive(count: 1) == [2])
        #expect(new.receive(count: 1) == [3])
    }

    @Test("Dropping resets what is there, and lets new connections pass")
    func drops() throws {
        let old = try Socket.client(of: link.port)
        #expect(old.sendAll([1]) && old.receive(count: 1) == [1])
        link.cut(.drop)
        #expect(old.isReset)
        let new = try Socket.client(of: link.port)
        #expect(new.sendAll([2]) && new.receive(count: 1) == [2])
    }

    @Test(
        "A cut behind a byte lets exactly so many pass",
        arguments: [1, 7, 1_000, 70_000], [FaultyLink.Cut.reset, .hold, .drop])
    func cutsBehindAByte(bytes: Int, cut: FaultyLink.Cut) throws {
        for direction in FaultyLink.Direction.allCases {
            let link = try FaultyLink(to: "127.0.0.1", port: server.port)
            link.cut(cut, after: bytes, direction)
            let client = try Socket.client(of: link.port)
            _ = client.sendAll(Self.text(100_000))  // it may be cut while it sends
            if cut == .hold {
                #expect(eventually { Self.count(direction, of: link) == bytes })
                let received = client.receive(count: 100_000, milliseconds: 100)
                #expect(direction == .up || received.count == bytes)
                #expect(received == Self.text(received.count))
            } else {
                let (received, isReset) = client.receiveToEnd()
                #expect(received.count <= bytes)
                #expect(received == Self.text(received.count))
                #expect(isReset)
            }
            #expect(Self.count(direction, of: link) == bytes)
        }
    }

    private static func count(_ direction: FaultyLink.Direction, of link: FaultyLink) -> Int {
        direction == .up ? link.counts.bytesUp : link.counts.bytesDown
    }

    @Test("A slow link takes its time")
    func throttles() throws {
        link.throttle(bytesPerSecond: 50_000)
        let client = try Socket.client(of: link.port)
        let began = ContinuousClock.now
        #expect(client.sendAll(Self.text(25_000)))
        #expect(client.receive(count: 25_000) == Self.text(25_000))
        #expect(ContinuousClock.now - began >= .milliseconds(400))
    }

    @Test("A long way delays each byte, there and back")
    func delays() throws {
        link.delay(milliseconds: 80)
        let client = try Socket.client(of: link.port)
        for _ in 0..<2 {
            let began = ContinuousClock.now
            #expect(client.sendAll([1, 2, 3]))
            #expect(client.receive(count: 3) == [1, 2, 3])
            #expect(ContinuousClock.now - began >= .milliseconds(160))
        }
    }

    @Test("Where nobody listens behind the link, the connection is reset")
    func tellsThatNobodyIsThere() throws {
        let listening = try Socket.listening()
        let port = try listening.boundPort()
        shutdown(listening.descriptor, Int32(SHUT_RDWR))
        let link = try FaultyLink(to: "127.0.0.1", port: port)
        #expect(try Socket.client(of: link.port).isReset)
        while link.counts.open > 0 { usleep(1_000) }
    }

    @Test("With several servers behind the link, connections go round, past those that do not listen")
    func balances() throws {
        let listening = try Socket.listening()
        let closed = try listening.boundPort()
        shutdown(listening.descriptor, Int32(SHUT_RDWR))
        let link = try FaultyLink(to: "127.0.0.1", ports: [closed, server.port])
        for _ in 0..<4 {
            let client = try Socket.client(of: link.port)
            #expect(client.sendAll([5]) && client.receive(count: 1) == [5])
        }
    }

    @Test("Closing a link ends its connections")
    func closes() throws {
        let client = try Socket.client(of: link.port)
        #expect(client.sendAll([1]) && client.receive(count: 1) == [1])
        link.close()
        #expect(client.isReset)
    }
}
