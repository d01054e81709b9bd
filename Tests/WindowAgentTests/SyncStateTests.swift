import Cryptography
import SyncProtocol
import Testing

@testable import WindowAgent

@Suite("What a window knows of its exchanges")
struct SyncStateTests {
    private let replica = ReplicaID(rawValue: 5)

    private func point(_ position: UInt64, life: UInt64 = 0) -> FeedPoint {
        let chain = position == 0 ? Chain.start : Chain(rawValue: Digest(words: (position, life, 0, 1)))
        return FeedPoint(position: position, chain: chain)
    }

    private func response(
        head: FeedPoint, stored: UInt64? = nil, repair: Bool = false, epoch: UInt64 = 1
    ) -> ExchangeResponse {
        var response = ExchangeResponse(
            epoch: Epoch(rawValue: epoch), head: head, from: 0, milliseconds: 0, fingerprint: .empty)
        response.stored = stored.map { [Watermark(replica: replica, sequence: $0)] } ?? []
        response.isRepairNeeded = repair
        return response
    }

    @Test("A higher head raises the witness; the same one leaves it")
    func raising() {
        var state = SyncState()
        #expect(state.judge(response(head: point(7)), confirmed: [:]) == .use)
        #expect(state.witness == point(7))
        #expect(state.judge(response(head: point(7)), confirmed: [:]) == .use)
        #expect(state.repair == nil)
    }

    @Test(
        "A lower head, another life of the feed, a forgotten acknowledgement and central's own word begin a repair"
    )
    func begins() {
        let answers = [
            response(head: point(6)), response(head: point(7, life: 1)), response(head: point(9), stored: 2),
            response(head: point(9), repair: true),
        ]
        for answer in answers {
            var state = SyncState()
            state.witness = point(7)
            #expect(state.judge(answer, confirmed: [replica: 3]) == .repair)
            #expect(state.repair?.cause == .centralWentBack)
            #expect(state.witness == point(7), "nothing of such an answer is used")
        }
    }

    @Test("What central still has, or was never told of, begins none")
    func noRepair() {
        var state = SyncState()
        #expect(state.judge(response(head: point(1), stored: 3), confirmed: [replica: 3]) == .use)
        #expect(state.judge(response(head: point(2), stored: 0), confirmed: [:]) == .use)
    }

    @Test(
        "Over any answers the witness is lowered by the end of a repair only, and no repair ends by itself",
        arguments: 0..<200)
    func witnessLaw(seed: Int) {
        var random = SeededGenerator(seed: seed)
        var state = SyncState()
        for step in 0..<60 {
            let before = state
            let answer = response(
                head: point(.random(in: 0...20, using: &random), life: .random(in: 0...1, using: &random)),
                stored: .random(in: 0...4, using: &random), repair: random.chance(1, in: 8),
                epoch: .random(in: 1...2, using: &random))
            let verdict = state.judge(answer, confirmed: [replica: .random(in: 0...4, using: &random)])
            #expect(state.witness.position >= before.witness.position, "seed \(seed), step \(step)")
            #expect(before.repair == nil || state.repair != nil, "seed \(seed), step \(step)")
            #expect(before.repair == nil || state.witness == before.witness, "seed \(seed), step \(step)")
            if verdict == .repair { #expect(state.repair != nil, "seed \(seed), step \(step)") }
            if random.chance(1, in: 10), state.repair != nil { state.finishRepair(at: answer.head) }
        }
    }

    @Test("Only a repair that reads the feed anew forgets the witness", arguments: [true, false])
    func finishing(isSingle: Bool) {
        let only = CaseID(milliseconds: 1, random: (1, 1))
        for cause in [SyncState.Repair.Cause.centralWentBack, .sumsDiffer, .pull, .push, .verify] {
            var state = SyncState()
            state.witness = point(9)
            state.place.pass(unknown: [0x80])
            state.repair = SyncState.Repair(cause: cause, only: isSingle ? only : nil)
            let rereads = cause != .push && cause != .verify && !isSingle
            state.finishRepair(at: point(4))
            #expect(state.repair == nil)
            #expect(state.witness == (rereads ? point(4) : point(9)), "\(cause)")
            #expect((state.place == FeedPlace()) == rereads, "\(cause)")
        }
    }

    @Test("A repair during which central goes back again compares everything anew")
    func restarts() {
        let last = CaseID(milliseconds: 9, random: (9, 9))
        let goesBack = [
            (response(head: point(5)), UInt64(0)), (response(head: point(8, life: 1)), 0),
            (response(head: point(9), epoch: 2), 0), (response(head: point(9), stored: 1), 2),
        ]
        for (answer, confirmed) in goesBack {
            var state = SyncState()
            state.epoch = Epoch(rawValue: 1)
            state.repair = SyncState.Repair(cause: .centralWentBack)
            state.repair?.head = point(8)
            state.repair?.pass(pageTo: last, isLastPage: true, differs: false)
            #expect(state.repair?.isCompared == true)
            #expect(state.judge(answer, confirmed: [replica: confirmed]) == .use)
            #expect(state.repair?.isCompared == false)
            #expect(state.repair?.after == nil)
        }
    }

    @Test("A page of sums is told again while it can be mended, and not for ever")
    func pages() {
        let last = CaseID(milliseconds: 9, random: (9, 9))
        var repair = SyncState.Repair(cause: .push)
        for round in 1...SyncState.Repair.roundsMax {
            repair.pass(pageTo: last, isLastPage: false, differs: true)
            #expect(repair.after == nil)
            #expect(repair.rounds == round)
        }
        repair.pass(pageTo: last, isLastPage: false, differs: true)
        #expect(repair.after == last)
        repair.pass(pageTo: nil, isLastPage: true, differs: false)
        #expect(repair.isCompared && repair.after == last && repair.rounds == 0)
    }

    @Test("An order widens a repair that is under way, and never narrows it")
    func widening() {
        let (a, b) = (CaseID(milliseconds: 1, random: (1, 1)), CaseID(milliseconds: 2, random: (2, 2)))
        let causes: [SyncState.Repair.Cause] = [.centralWentBack, .sumsDiffer, .push, .pull]
        for first in causes {
            for second in causes {
                for (only, other) in [(CaseID?.none, CaseID?.none), (a, nil), (nil, a), (a, a), (a, b)] {
                    let running = SyncState.Repair(cause: first, only: only)
                    let order = SyncState.Repair(cause: second, only: other)
                    let both = running.widened(by: order)
                    #expect(both.rereadsFeed == (running.rereadsFeed || order.rereadsFeed))
                    #expect(both.only == nil || both.only == only && both.only == other)
                    #expect(both.widened(by: order) == both, "an order given twice changes nothing")
                }
            }
        }
    }

    @Test("The clocks differ by what lies outside the time between asking and hearing")
    func clockOffset() {
        var state = SyncState()
        state.judgeClock(central: 5000, sentAt: 1000, heardAt: 9000)
        #expect(state.clockOffset == 0)
        state.judgeClock(central: 500, sentAt: 1000, heardAt: 9000)
        #expect(state.clockOffset == -500)
        state.judgeClock(central: 9500, sentAt: 1000, heardAt: 9000)
        #expect(state.clockOffset == 500)
        #expect(!state.isClockDoubtful)
        state.judgeClock(central: 1_000_000, sentAt: 1000, heardAt: 9000)
        #expect(state.isClockDoubtful)
        state.judgeClock(central: 9000, sentAt: 1000, heardAt: 9000)
        #expect(!state.isClockDoubtful)
    }

    @Test("A clock that was set back stays in doubt until central agrees with it")
    func steppedBack() {
        var state = SyncState()
        state.clockSteppedBack = true
        state.judgeClock(central: 1_000_000, sentAt: 1000, heardAt: 9000)
        #expect(state.isClockDoubtful && state.clockSteppedBack)
        state.judgeClock(central: 8000, sentAt: 1000, heardAt: 9000)
        #expect(!state.isClockDoubtful && !state.clockSteppedBack)
    }

    @Test("A place follows the feed's chain, and its sum is that of the changes less the cases that left")
    func place() {
        let id = ContentID(replica: replica, sequence: 1, body: [1])
        let other = ContentID(replica: replica, sequence: 2, body: [2])
        let caseID = CaseID(milliseconds: 1, random: (1, 1))
        var place = FeedPlace()
        place.pass(enters: caseID)
        place.pass(change: id)
        var sum = place.fingerprint
        place.pass(change: other)
        place.pass(unknown: [0x82, 0x09, 0x00])
        let chain = [
            FeedEntry.link(enters: caseID), FeedEntry.link(change: id), FeedEntry.link(change: other),
            FeedEntry.link(unknown: [0x82, 0x09, 0x00]),
        ].reduce(Chain.start) { $0.appending($1) }
        #expect(place.point == FeedPoint(position: 4, chain: chain))
        sum.add(other)
        #expect(place.fingerprint == sum)
        place.pass(leaves: caseID, sum: sum)
        #expect(place.fingerprint == .empty)
    }

    @Test("The last change in common is found by halving, wherever it is", arguments: 0..<200)
    func forkSearch(seed: Int) throws {
        var random = SeededGenerator(seed: seed)
        let length = UInt64.random(in: 1...5000, using: &random)
        let common = UInt64.random(in: 0..<length, using: &random)
        var search = ForkSearch(length: length)
        var steps = 0
        while !search.isFound {
            let middle = search.middle
            search.learn(middle, isEqual: middle <= common)
            steps += 1
            try #require(steps <= 64, "seed \(seed): no end")
        }
        #expect(search.equal == common, "seed \(seed)")
    }
}
