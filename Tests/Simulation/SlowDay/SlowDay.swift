import Casework
import Cryptography
import SyncProtocol
import Web
import WindowAgent

/// A hospital's day of work over a link that is slow and is cut all the time: the real stores, and the real machines that decide
/// what goes when, in virtual time.
package struct SlowDay {
    /// What the day came to.
    package struct Figures: Sendable {
        /// From the first save to the last byte.
        package var seconds = 0
        package var cuts = 0
        package var exchanges = 0
        package var changes = 0
        package var photos = 0
        /// Of exchanges that arrived, headers included.
        package var (caseBytesUp, caseBytesDown) = (0, 0)
        /// Bodies of photos.
        package var photoBytes = 0
        /// Headers of uploads, both ways, and handshakes.
        package var overheadBytes = 0
        /// Bytes that went and had to go again.
        package var repeatedBytes = 0
        /// Seconds from each save to its confirmation, ascending.
        package var waits: [Double] = []

        /// Of everything that went.
        package var repeatedShare: Double {
            let all = caseBytesUp + caseBytesDown + photoBytes + overheadBytes + repeatedBytes
            return Double(repeatedBytes) / Double(max(all, 1))
        }
    }

    /// Bytes of feed entries that one exchange asks for, as the agent does.
    static let budgetBytes: UInt64 = 1024 * 1024

    let world: World
    let machine: Machine
    var link: SlowLink
    var random: SeededGenerator
    var schedule = SyncSchedule()
    var uploader = Uploader()
    var next: SyncSchedule.Action
    var upload = Uploader.Action.rest
    var photos: [Digest: [UInt8]] = [:]
    /// Saves that central has not confirmed, oldest first.
    var unconfirmed: [UInt64] = []
    var figures = Figures()
    var cases: [Int: CaseID] = [:]

    private init(seed: UInt64) async throws {
        world = try await World(seed: seed)
        machine = world.machines[0]
        link = SlowLink(world.time, seed: seed)
        random = SeededGenerator(seed: seed)
        next = schedule.handle(.started, now: world.time.now, random: 0)
    }

    /// Works a day, and goes on until the last byte has arrived.
    package static func run(seed: UInt64) async throws -> Figures {
        var day = try await SlowDay(seed: seed)
        return try await day.run()
    }

    private mutating func run() async throws -> Figures {
        let began = world.time.now
        var plan = WorkPlan(from: began, seed: random.next()).acts[...]
        while true {
            while let act = plan.first, act.time <= world.time.now {
                try await perform(act)
                plan.removeFirst()
            }
            if plan.isEmpty, unconfirmed.isEmpty, uploader.waitingCount == 0 { break }
            guard world.time.now - began < 48 * 3_600_000 else { throw Broken("the day does not end") }
            try await step(before: plan.first?.time ?? .max)
        }
        figures.seconds = Int((world.time.now - began) / 1000)
        (figures.cuts, figures.photos) = (link.cuts, photos.count)
        figures.overheadBytes += link.handshakeBytes
        figures.repeatedBytes += figures.photoBytes - photos.values.reduce(0) { $0 + $1.count }
        figures.photoBytes = photos.values.reduce(0) { $0 + $1.count }
        figures.waits.sort()
        return figures
    }

    // MARK: What is to be done next

    private mutating func step(before: UInt64) async throws {
        let now = world.time.now
        if case .wait(let until) = next, until <= now {
            next = schedule.handle(.timePassed, now: now, random: 0)
        }
        if case .wait(let until) = upload, until <= now { tell(.timePassed) }
        if case .exchange(let bytesMax) = next { return try await exchange(bytesMax) }
        switch upload {
        case .locate(let offer, let token): try await locate(offer, token)
        case .send(let offer, let token, let offset, let bytesMax):
            try await send(offer, token, offset, bytesMax)
        case .noteSent(let hash): tell(.noted(hash))
        case .exchange:
            tell(.asking)
            upload = .rest
            next = schedule.handle(.asked, now: now, random: 0)
        case .wait(let until): rest(until: min(before, until))
        case .rest: rest(until: before)
        }
    }

    private func rest(until: UInt64) {
        var until = until
        if case .wait(let time) = next { until = min(until, time) }
        world.time.pass(milliseconds: max(1, until - min(until, world.time.now)))
    }

    mutating func tell(_ event: Uploader.Event) {
        upload = uploader.handle(event, now: world.time.now, random: random.next())
    }

    // MARK: The clerk

    private mutating func perform(_ act: WorkPlan.Act) async throws {
        let now = world.time.now
        switch act.kind {
        case .register(let number):
            guard let policy = PolicyLibrary.standard["gx"] else { throw Broken("no policy") }
            let saved = try await machine.store.newCases(
                [Answers(WorkPlan.registration(number))], policy: policy, Saving(user: "clerk"))
            cases[number] = saved.cases.first.flatMap { CaseID($0.id) }
        case .edit(let number, let text):
            guard let id = cases[number] else { throw Broken("no case") }
            _ = try await machine.store.edit(
                id, ["note": .text(text), "motherPhone": .text("1380000\(1000 + act.time % 9000)")],
                Saving(user: "clerk"))
        case .photo(let number):
            var content = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 150_000)
            content.replaceSubrange(0..<8, with: UInt64(number).bigEndianBytes)
            let hash = SHA256.hash(content)
            photos[hash] = content
            return tell(.added(AttachmentOffer(hash: hash, byteCount: UInt64(content.count))))
        }
        tell(.caseData(isWaiting: true))
        figures.changes += 1
        unconfirmed.append(now)
        next = schedule.handle(.saved, now: now, random: random.next())
    }
}

extension SlowDay.Figures {
    /// Seconds within which this share of the saves was confirmed.
    package func wait(share: Double) -> Double {
        waits.isEmpty ? 0 : waits[min(waits.count - 1, Int(Double(waits.count) * share))]
    }

    /// In one line.
    package var summary: String {
        let share = (repeatedShare * 1000).rounded() / 10
        return """
            \(seconds) s, \(cuts) cuts, \(exchanges) exchanges; cases \(caseBytesUp) B up, \(caseBytesDown) B down; \
            photos \(photoBytes) B; headers and handshakes \(overheadBytes) B; sent twice \(repeatedBytes) B (\(share) %); \
            confirmed after \(wait(share: 0.5)) s (half), \(wait(share: 0.95)) s (95 %), \(waits.last ?? 0) s (all)
            """
    }
}
