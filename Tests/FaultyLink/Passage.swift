import Glibc

/// One direction of a connection: what was read and is on its way.
struct Stream {
    private struct Chunk {
        var bytes: ArraySlice<UInt8>
        let due: Double
    }

    /// What is on its way at most; what comes behind waits in the sender.
    static let bytesMax = 256 * 1024

    let direction: FaultyLink.Direction
    private var chunks: [Chunk] = []
    private var bytes = 0
    private var hasSourceEnded = false
    /// The end has been passed on too.
    private(set) var isFinished = false
    /// The destination takes nothing at present.
    private(set) var isBlocked = false

    init(_ direction: FaultyLink.Direction) { self.direction = direction }

    var wantsToRead: Bool { !hasSourceEnded && bytes < Self.bytesMax }

    /// When the next byte is due; nil if none is on its way.
    var due: Double? { chunks.first?.due }

    mutating func read(from source: Socket, dueAt due: Double) throws(SocketError) {
        guard let read = try source.receive(bytesMax: 64 * 1024) else { return }
        hasSourceEnded = read.isEmpty
        bytes += read.count
        if !read.isEmpty { chunks.append(Chunk(bytes: read[...], due: due)) }
    }

    mutating func unblock() { isBlocked = false }

    /// Forwards what is due and allowed; tells how many bytes that was.
    mutating func forward(
        to destination: Socket, of number: Int, now: Double, _ controls: Guarded<Controls>,
        noting note: (inout Controls) -> Void = { _ in }
    ) throws -> Int {
        var total = 0
        while let chunk = chunks.first, chunk.due <= now, !isBlocked {
            // Under the lock, so that nothing passes once a cut has returned.
            let (allowed, sent) = try controls.withLock { controls in
                let allowed = controls.allowance(chunk.bytes.count, of: number, direction, now: now)
                guard allowed > 0 else { return (0, 0) }
                let sent = try destination.send(chunk.bytes.prefix(allowed))
                if sent > 0 {
                    note(&controls)
                    controls.note(sent, direction, now: now)
                }
                return (allowed, sent)
            }
            if allowed == 0 { break }
            isBlocked = sent == 0
            take(sent)
            total += sent
        }
        if hasSourceEnded, chunks.isEmpty, !isFinished {
            destination.finishSending()
            isFinished = true
        }
        return total
    }

    private mutating func take(_ count: Int) {
        bytes -= count
        chunks[0].bytes.removeFirst(count)
        if chunks[0].bytes.isEmpty { chunks.removeFirst() }
    }
}

/// A connection through the link: both sockets and both directions.
struct Passage {
    /// Counted from the link's beginning.
    let number: Int
    /// How many servers did not take it.
    let attempt: Int
    let client: Socket
    let server: Socket
    var isConnected = false
    private var up = Stream(.up)
    private var down = Stream(.down)
    private var lastDirection: FaultyLink.Direction?

    init(number: Int, client: Socket, server: Socket, attempt: Int = 0) {
        (self.number, self.client, self.server, self.attempt) = (number, client, server, attempt)
    }

    var isFinished: Bool { up.isFinished && down.isFinished }

    /// When something is to be done even if no socket stirs.
    func due(_ controls: Controls) -> Double? {
        [up, down].compactMap { stream in
            guard isConnected, !stream.isBlocked, controls.standing == nil, let due = stream.due else {
                return nil
            }
            return max(due, controls.freeAt(stream.direction))
        }.min()
    }

    /// What to poll the two sockets for; 0 for nothing.
    var interests: (client: Int16, server: Int16) {
        guard isConnected else { return (0, Int16(POLLOUT)) }
        return (
            (up.wantsToRead ? Int16(POLLIN) : 0) | (down.isBlocked ? Int16(POLLOUT) : 0),
            (down.wantsToRead ? Int16(POLLIN) : 0) | (up.isBlocked ? Int16(POLLOUT) : 0)
        )
    }

    /// Reads what came. Bytes are due some time later if the link has a delay.
    mutating func take(client clientEvents: Int16, server serverEvents: Int16, dueAt due: Double)
        throws(SocketError)
    {
        let readable = Int16(POLLIN) | Int16(POLLHUP) | Int16(POLLERR)
        guard isConnected else {
            guard serverEvents != 0 else { return }
            let code = server.connectError
            guard code == 0 else { throw SocketError(call: "connect", code: code) }
            isConnected = true
            return
        }
        if clientEvents & Int16(POLLOUT) != 0 { down.unblock() }
        if serverEvents & Int16(POLLOUT) != 0 { up.unblock() }
        if clientEvents & readable != 0, up.wantsToRead { try up.read(from: client, dueAt: due) }
        if serverEvents & readable != 0, down.wantsToRead { try down.read(from: server, dueAt: due) }
    }

    /// Forwards in both directions what is due and allowed.
    mutating func forward(now: Double, _ controls: Guarded<Controls>) throws {
        guard isConnected else { return }
        let isTurning = lastDirection != .up
        let asked = try up.forward(to: server, of: number, now: now, controls) { controls in
            if isTurning { controls.counts.roundTrips += 1 }
        }
        if asked > 0 { lastDirection = .up }
        if try down.forward(to: client, of: number, now: now, controls) > 0 { lastDirection = .down }
    }
}
