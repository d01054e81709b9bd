import Dispatch
import Glibc

/// The link's thread: polls all sockets, and moves what the controls let pass.
struct Switchboard {
    let listening: Socket
    let targets: [Address]
    let controls: Guarded<Controls>
    let bell: Bell
    private var passages: [Int: Passage] = [:]

    init(listening: Socket, targets: [Address], controls: Guarded<Controls>, bell: Bell) {
        (self.listening, self.targets, self.controls, self.bell) = (listening, targets, controls, bell)
    }

    /// Seconds on a clock that never jumps.
    private static var now: Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }

    /// Runs until the link is closed.
    mutating func run() {
        while true {
            forward()
            let standing = controls.withLock { $0 }
            for passage in passages.values where standing.isClosed || passage.number < standing.resetBelow {
                end(passage, byReset: true)
            }
            if standing.isClosed { return }
            poll(standing: standing)
        }
    }

    private mutating func forward() {
        for number in passages.keys.sorted() {
            guard var passage = passages[number] else { continue }
            do {
                try passage.forward(now: Self.now, controls)
                passages[number] = passage
                if passage.isFinished { end(passage, byReset: false) }
            } catch {
                end(passage, byReset: true)
            }
        }
    }

    private mutating func poll(standing: Controls) {
        // While the network swallows everything, nothing is taken up: what comes waits in the kernel, as if on its way.
        let door = standing.standing == .hold ? -1 : listening.descriptor
        var entries = [bell.descriptor, door].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let polled = standing.standing == nil ? Array(passages.values) : []
        for passage in polled {
            let interests = passage.interests
            // A negative descriptor is passed over, also for hang-ups, which would be told again and again.
            for (socket, events) in [(passage.client, interests.client), (passage.server, interests.server)] {
                entries.append(pollfd(fd: events == 0 ? -1 : socket.descriptor, events: events, revents: 0))
            }
        }
        _ = unsafe Glibc.poll(&entries, nfds_t(entries.count), timeout(polled, standing))
        bell.silence()
        let due = Self.now + Double(standing.delayMilliseconds) / 1000
        for (index, passage) in polled.enumerated() {
            take(
                passage, client: entries[2 + 2 * index].revents, server: entries[3 + 2 * index].revents,
                dueAt: due)
        }
        if entries[1].revents != 0 { accept() }
    }

    /// Milliseconds until something is due by itself; -1 if nothing is.
    private func timeout(_ polled: [Passage], _ controls: Controls) -> Int32 {
        guard let due = polled.compactMap({ $0.due(controls) }).min() else { return -1 }
        return Int32(min(max(0, ((due - Self.now) * 1000).rounded(.up)), 60_000))
    }

    private mutating func take(_ passage: Passage, client: Int16, server: Int16, dueAt due: Double) {
        var passage = passage
        do {
            try passage.take(client: client, server: server, dueAt: due)
            passages[passage.number] = passage
        } catch {
            if !passage.isConnected, passage.attempt + 1 < targets.count,
                let next = self.server(of: passage.number + passage.attempt + 1)
            {
                passages[passage.number] = Passage(
                    number: passage.number, client: passage.client, server: next,
                    attempt: passage.attempt + 1)
            } else {
                end(passage, byReset: true)
            }
        }
    }

    private func server(of number: Int) -> Socket? {
        try? Socket.connecting(to: targets[number % targets.count])
    }

    private mutating func accept() {
        while let client = listening.accepted() {
            let number = controls.withLock { $0.accept() }
            // Nobody is there: the client is told so.
            guard let server = server(of: number) else {
                client.resetOnClose()
                controls.withLock { $0.counts.open -= 1 }
                continue
            }
            passages[number] = Passage(number: number, client: client, server: server)
        }
    }

    private mutating func end(_ passage: Passage, byReset: Bool) {
        if byReset {
            passage.client.resetOnClose()
            passage.server.resetOnClose()
        }
        passages[passage.number] = nil
        controls.withLock { $0.counts.open -= 1 }
    }
}
