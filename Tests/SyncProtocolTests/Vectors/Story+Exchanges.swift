import Cryptography
import SyncProtocol

extension Story {
    /// One exchange of the story: what it shows, and both messages.
    struct Exchange {
        let name: String
        let shows: String
        let request: ExchangeRequest
        let response: ExchangeResponse
    }

    static let exchanges = [
        first, nothingNew, setAside, caseEnters, caseLeaves, repairNeeded, repairWithSums, repairWithPushes,
        fork, supplied, attachments, waiting, wants,
        backedUp, condition, audit,
    ]

    /// The hospital's feed before central is restored, and after.
    private static let links = [
        FeedEntry.link(change: a1.id), FeedEntry.link(change: c1.id), FeedEntry.link(change: a2.id),
        FeedEntry.link(enters: twin), FeedEntry.link(change: d1.id), FeedEntry.link(change: c2.id),
    ]
    private static let linksOfMove =
        links + [FeedEntry.link(leaves: twin)]
        + [c3, a3].map { FeedEntry.link(late: $0.id) }
    private static let linksAfterRepair = [links[0], links[1], links[2], links[4], links[5]]

    private static func point(_ position: Int, _ links: [Chain.RawValue] = links) -> FeedPoint {
        FeedPoint(
            position: UInt64(position), chain: links.prefix(position).reduce(.start) { $0.appending($1) })
    }

    private static func head(_ changes: [Change]) -> ReplicaHead {
        ReplicaHead(replica: agent, sequence: UInt64(changes.count), chain: chain(changes))
    }

    private static func asking(
        _ seconds: UInt64, heads: [ReplicaHead], cursor: FeedPoint, witness: FeedPoint? = nil,
        scope: [Change],
        _ more: (inout ExchangeRequest) -> Void
    ) -> ExchangeRequest {
        var request = ExchangeRequest(
            hospital: hospital, budget: 262_144, milliseconds: 1_750_000_000_000 + seconds * 1000)
        request.epoch = epoch
        request.heads = heads
        request.cursor = cursor.position
        request.witness = witness ?? cursor
        request.fingerprint = sum(scope)
        more(&request)
        return request
    }

    private static func answering(
        to request: ExchangeRequest, head: FeedPoint, epoch: Epoch = epoch, scope: [Change],
        _ more: (inout ExchangeResponse) -> Void
    ) -> ExchangeResponse {
        var response = ExchangeResponse(
            epoch: epoch, head: head, from: request.cursor, milliseconds: request.milliseconds + 350,
            fingerprint: sum(scope))
        more(&response)
        return response
    }

    private static let first: Exchange = {
        let request = asking(60, heads: [head([a1])], cursor: .start, scope: []) {
            $0.epoch = nil
            $0.report = .init(outboxCount: 1, oldestMilliseconds: 50_000, softwareVersion: "1.0.0")
            $0.pushes = [.run(replica: agent, first: 1, chain: .start, bodies: [a1.body])]
        }
        let response = answering(to: request, head: point(1), scope: []) {
            $0.stored = [Watermark(replica: agent, sequence: 1)]
            $0.entries = [.own(replica: agent, first: 1, last: 1)]
        }
        return Exchange(
            name: "first-exchange",
            shows:
                "The first exchange: one change is pushed, confirmed, and comes back as a range of the feed.",
            request: request, response: response)
    }()

    private static let nothingNew: Exchange = {
        let request = asking(90, heads: [head([a1])], cursor: point(1), scope: [a1]) { _ in }
        let response = answering(to: request, head: point(1), scope: [a1]) {
            $0.stored = [Watermark(replica: agent, sequence: 1)]
            $0.backedUp = [Watermark(replica: agent, sequence: 1)]
        }
        return Exchange(
            name: "nothing-new", shows: "Nothing new on either side; the change is now in a verified backup.",
            request: request, response: response)
    }()

    private static let setAside: Exchange = {
        let request = asking(120, heads: [head([a1, a2])], cursor: point(1), scope: [a1]) {
            $0.report = .init(outboxCount: 1, oldestMilliseconds: 100_000, softwareVersion: "1.0.0")
            $0.pushes = [.run(replica: agent, first: 2, chain: chain([a1]), bodies: [a2.body])]
        }
        let response = answering(to: request, head: point(3), scope: [a1]) {
            $0.stored = [Watermark(replica: agent, sequence: 2)]
            $0.entries = [entry(c1), .own(replica: agent, first: 2, last: 2)]
        }
        return Exchange(
            name: "set-aside",
            shows:
                "A change writes a group that its author does not own: it is stored, central's own change that sets "
                + "it aside precedes it in the feed.", request: request, response: response)
    }()

    private static let caseEnters: Exchange = {
        let request = asking(150, heads: [head([a1, a2])], cursor: point(3), scope: [a1, c1, a2]) { _ in }
        let response = answering(to: request, head: point(6), scope: [a1, c1, a2]) {
            $0.stored = [Watermark(replica: agent, sequence: 2)]
            $0.entries = [.enters(twin), entry(d1), entry(c2)]
        }
        return Exchange(
            name: "case-enters",
            shows: "A case moves in: all its changes follow, another hospital's and central's.",
            request: request, response: response)
    }()

    private static let caseLeaves: Exchange = {
        let all = [a1, c1, a2, d1, c2]
        let request = asking(165, heads: [head([a1, a2, a3])], cursor: point(6), scope: all) {
            $0.pushes = [.run(replica: agent, first: 3, chain: chain([a1, a2]), bodies: [a3.body])]
        }
        let response = answering(to: request, head: point(9, linksOfMove), scope: all) {
            $0.stored = [Watermark(replica: agent, sequence: 3)]
            $0.entries = [.leaves(twin), lateEntry(c3), lateEntry(a3)]
        }
        return Exchange(
            name: "case-leaves",
            shows:
                "The case moved on before the agent heard of it: what it had not sent is taken, and comes back late, "
                + "with central's verdict before it.", request: request, response: response)
    }()

    private static let repairNeeded: Exchange = {
        let all = [a1, c1, a2, d1, c2]
        let request = asking(180, heads: [head([a1, a2])], cursor: point(6), scope: all) { _ in }
        let response = answering(to: request, head: point(1), epoch: laterEpoch, scope: []) {
            $0.from = 0
            $0.isRepairNeeded = true
        }
        return Exchange(
            name: "repair-needed",
            shows:
                "Central was restored from a backup made at position 1: the witness does not fit, nothing was done.",
            request: request, response: response)
    }()

    private static let repairWithSums: Exchange = {
        let all = [a1, c1, a2, d1, c2]
        let request = asking(181, heads: [head([a1, a2])], cursor: point(6), scope: all) {
            $0.epoch = laterEpoch
            $0.isRepair = true
            $0.sums = [
                CaseSum(caseID: newborn, fingerprint: sum([a1, a2, c1])),
                CaseSum(caseID: twin, fingerprint: sum([d1, c2])),
            ]
        }
        let response = answering(to: request, head: point(1), epoch: laterEpoch, scope: []) {
            $0.from = 0
            $0.stored = [Watermark(replica: agent, sequence: 1)]
            var seen = VersionVector()
            seen.insert(a1.dot)
            $0.differences = [.init(caseID: newborn, seen: seen), .init(caseID: twin, seen: VersionVector())]
        }
        return Exchange(
            name: "repair-sums",
            shows:
                "In the repair the agent tells the sums of its cases; central names those that differ, with what it "
                + "has seen of each.", request: request, response: response)
    }()

    private static let repairWithPushes: Exchange = {
        let all = [a1, c1, a2, d1, c2]
        let request = asking(182, heads: [head([a1, a2])], cursor: point(6), scope: all) {
            $0.epoch = laterEpoch
            $0.isRepair = true
            $0.sums = [
                CaseSum(caseID: newborn, fingerprint: sum([a1, a2, c1])),
                CaseSum(caseID: twin, fingerprint: sum([d1, c2])),
            ]
            $0.repairHead = point(1, linksAfterRepair)
            $0.pushes = [
                foreign(c1), .run(replica: agent, first: 2, chain: chain([a1]), bodies: [a2.body]),
                foreign(d1),
                foreign(c2),
            ]
        }
        let response = answering(to: request, head: point(5, linksAfterRepair), epoch: laterEpoch, scope: [])
        {
            $0.from = 0
            $0.stored = [Watermark(replica: agent, sequence: 2)]
        }
        return Exchange(
            name: "repair-pushes",
            shows:
                "The agent pushes what central lacks, its own by a run, all else with receipts; no sum differs any "
                + "more. It then starts the feed anew with this head as its witness.",
            request: request, response: response)
    }()

    private static let fork: Exchange = {
        let request = asking(200, heads: [head([a1, clone])], cursor: point(3), scope: [a1, c1, a2]) {
            $0.pushes = [.run(replica: agent, first: 2, chain: chain([a1]), bodies: [clone.body])]
        }
        let response = answering(to: request, head: point(3), scope: [a1, c1, a2]) {
            $0.forks = [.init(replica: agent, checkpoints: [head([a1]), head([a1, a2])])]
        }
        return Exchange(
            name: "fork",
            shows:
                "A clone of the running machine wrote another second change: central tells its own chain, of which "
                + "sequence 1 is the last in common, and takes nothing of that replica.",
            request: request, response: response)
    }()

    private static let supplied: Exchange = {
        let all = [a1, c1, a2, d1, c2]
        let request = asking(240, heads: [head([a1, a2])], cursor: point(6), scope: [a1, c1, a2]) {
            $0.sums = [CaseSum(caseID: twin, fingerprint: .empty)]
            $0.wanted = [twin]
        }
        let response = answering(to: request, head: point(6), scope: all) {
            $0.stored = [Watermark(replica: agent, sequence: 2)]
            var seen = VersionVector()
            for change in [d1, c2] { seen.insert(change.dot) }
            $0.differences = [.init(caseID: twin, seen: seen)]
            $0.suppliedCount = 1
            $0.entries = [suppliedEntry(d1), suppliedEntry(c2)]
        }
        return Exchange(
            name: "supplied",
            shows:
                "The agent's sum was not central's: it asks for a case that differs and is given its changes, which "
                + "take no position of the feed.", request: request, response: response)
    }()

    private static let attachments: Exchange = {
        let (lacking, held) = (SHA256.hash(Array("photo 1".utf8)), SHA256.hash(Array("photo 2".utf8)))
        let request = asking(270, heads: [head([a1, a2])], cursor: point(6), scope: []) {
            $0.offers = [
                AttachmentOffer(hash: lacking, byteCount: 312_400),
                AttachmentOffer(hash: held, byteCount: 280_911),
            ]
        }
        let response = answering(to: request, head: point(6), scope: []) {
            $0.stored = [Watermark(replica: agent, sequence: 2)]
            $0.grants = [
                AttachmentGrant(
                    hash: lacking, token: "AQGXdCDcAHEjgAAAAAAARWc", expires: $0.milliseconds + 86_400_000)
            ]
            $0.held = [held]
        }
        return Exchange(
            name: "attachments",
            shows:
                "Two attachments are offered: one may be uploaded, with the token, and central has the other.",
            request: request, response: response)
    }()

    private static let waiting: Exchange = {
        let request = asking(200, heads: [head([a1])], cursor: point(1), scope: [a1]) { $0.waitSeconds = 240 }
        let response = answering(to: request, head: point(2), scope: [a1]) {
            $0.stored = [Watermark(replica: agent, sequence: 1)]
            $0.milliseconds += 41_650
            $0.entries = [entry(c1)]
        }
        return Exchange(
            name: "waiting",
            shows:
                "Nothing is left on either side, and the agent waits: the answer comes 42 s later, with central's change.",
            request: request, response: response)
    }()

    private static let wants: Exchange = {
        let request = asking(280, heads: [head([a1, a2])], cursor: point(6), scope: []) { _ in }
        let response = answering(to: request, head: point(6), scope: []) {
            $0.stored = [Watermark(replica: agent, sequence: 2)]
            $0.wants = [SHA256.hash(Array("photo 2".utf8))]
        }
        return Exchange(
            name: "wants",
            shows:
                "Central has lost an attachment that a case of this hospital names, and asks for it. The agent offers it "
                + "again, if it has it.", request: request, response: response)
    }()

    private static let backedUp: Exchange = {
        let photos = ["photo 1", "photo 2"].map { SHA256.hash(Array($0.utf8)) }
        let request = asking(290, heads: [head([a1, a2])], cursor: point(6), scope: []) {
            $0.backupQuestions = photos
        }
        let response = answering(to: request, head: point(6), scope: []) {
            $0.stored = [Watermark(replica: agent, sequence: 2)]
            $0.backedUpPosition = 3
            $0.backedUpAttachments = [photos[1]]
        }
        return Exchange(
            name: "backed-up",
            shows:
                "The agent asks whether two attachments are in a verified backup of central's: one is. The feed is, up to position 3.",
            request: request, response: response)
    }()

    private static let condition: Exchange = {
        let request = asking(300, heads: [head([a1, a2])], cursor: point(6), scope: []) {
            $0.report = .init(outboxCount: 0, oldestMilliseconds: 0, softwareVersion: "1.0.0")
            var condition = ExchangeRequest.Condition()
            (condition.photos, condition.photoBytes) = (3, 1_254_300)
            (condition.secondCopy, condition.behindSeconds) = (.stale, 7_200)
            condition.isMetered = true
            $0.condition = condition
            $0.policies = [.init(id: "gx-yongfu", version: 2)]
        }
        let response = answering(to: request, head: point(6), scope: []) {
            $0.stored = [Watermark(replica: agent, sequence: 2)]
        }
        return Exchange(
            name: "condition",
            shows:
                "Once an hour, and when it has changed, the agent tells how it stands: three photos wait, the second copy lacks "
                + "something since two hours, the link is paid by the byte.",
            request: request, response: response)
    }()

    private static let audit: Exchange = {
        let request = asking(360, heads: [head([a1, a2])], cursor: point(6), scope: []) {
            $0.audit = AuditAnchor(
                log: (0..<16).map { 0xB0 + UInt8($0) }, sequence: 1042,
                value: SHA256.hash(Array("chain value 1042".utf8)))
        }
        let response = answering(to: request, head: point(6), scope: []) {
            $0.stored = [Watermark(replica: agent, sequence: 2)]
        }
        return Exchange(
            name: "audit",
            shows:
                "Its audit log has grown, and was told more than an hour ago: the agent tells how far it has come. Central keeps it and "
                + "says nothing.",
            request: request, response: response)
    }()

    private static func entry(_ change: Change) -> FeedEntry {
        .change(
            replica: change.replica, sequence: change.sequence, body: change.body,
            receipt: receipt(of: change))
    }

    private static func lateEntry(_ change: Change) -> FeedEntry {
        .late(
            replica: change.replica, sequence: change.sequence, body: change.body,
            receipt: receipt(of: change))
    }

    private static func suppliedEntry(_ change: Change) -> FeedEntry {
        .supplied(
            replica: change.replica, sequence: change.sequence, body: change.body,
            receipt: receipt(of: change))
    }

    private static func foreign(_ change: Change) -> Push {
        .foreign(
            replica: change.replica, sequence: change.sequence, body: change.body,
            receipt: receipt(of: change))
    }
}
