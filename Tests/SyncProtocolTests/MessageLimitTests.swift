import Cryptography
import SyncProtocol
import Testing

@Suite("Bounds of requests and responses")
struct MessageLimitTests {
    private func taken(_ change: (inout ExchangeRequest) -> Void) -> Bool {
        var request = ExchangeRequest(hospital: Story.hospital, budget: 1, milliseconds: 1)
        change(&request)
        return (try? ExchangeRequest(decoding: request.encoded)) != nil
    }

    private func taken(_ change: (inout ExchangeResponse) -> Void) -> Bool {
        var response = ExchangeResponse(
            epoch: Story.epoch, head: .start, from: 0, milliseconds: 1, fingerprint: .empty)
        change(&response)
        return (try? ExchangeResponse(decoding: response.encoded)) != nil
    }

    private func replicas(_ count: Int) -> [ReplicaID] { (0..<count).map { ReplicaID(rawValue: UInt64($0)) } }
    private func cases(_ count: Int) -> [CaseID] {
        (0..<count).map { CaseID(milliseconds: UInt64($0), random: (0, 0)) }
    }

    @Test("Heads", arguments: [0, 1])
    func heads(beyond: Int) {
        let heads = replicas(Limits.headsMax + beyond).map {
            ReplicaHead(replica: $0, sequence: 1, chain: .start)
        }
        #expect(taken { (request: inout ExchangeRequest) in request.heads = heads } == (beyond == 0))
        let marks = heads.map { Watermark(replica: $0.replica, sequence: 1) }
        #expect(taken { (response: inout ExchangeResponse) in response.stored = marks } == (beyond == 0))
        #expect(taken { (response: inout ExchangeResponse) in response.backedUp = marks } == (beyond == 0))
    }

    @Test("Sums, wanted cases and differences", arguments: [0, 1])
    func cases(beyond: Int) {
        let cases = cases(Limits.caseSumsMax + beyond)
        let sums = cases.map { CaseSum(caseID: $0, fingerprint: .empty) }
        #expect(taken { (request: inout ExchangeRequest) in request.sums = sums } == (beyond == 0))
        #expect(taken { (request: inout ExchangeRequest) in request.wanted = cases } == (beyond == 0))
        let differences = cases.map { ExchangeResponse.Difference(caseID: $0, seen: VersionVector()) }
        #expect(
            taken { (response: inout ExchangeResponse) in response.differences = differences }
                == (beyond == 0))
    }

    @Test("Attachments offered, granted, held and wanted, and the bytes of a token", arguments: [0, 1])
    func attachments(beyond: Int) {
        let hashes = cases(Limits.offersMax + beyond).map { SHA256.hash($0.bytes) }
        let offers = hashes.map { AttachmentOffer(hash: $0, byteCount: 1) }
        #expect(taken { (request: inout ExchangeRequest) in request.offers = offers } == (beyond == 0))
        #expect(!taken { (request: inout ExchangeRequest) in request.offers = [offers[0], offers[0]] })
        let grants = hashes.map { AttachmentGrant(hash: $0, token: "t", expires: 1) }
        #expect(taken { (response: inout ExchangeResponse) in response.grants = grants } == (beyond == 0))
        #expect(taken { (response: inout ExchangeResponse) in response.held = hashes } == (beyond == 0))
        let wants = cases(Limits.wantsMax + beyond).map { SHA256.hash($0.bytes) }
        #expect(taken { (response: inout ExchangeResponse) in response.wants = wants } == (beyond == 0))
        #expect(!taken { (response: inout ExchangeResponse) in response.wants = [wants[0], wants[0]] })
        let asked = cases(Limits.backupQuestionsMax + beyond).map { SHA256.hash($0.bytes) }
        #expect(
            taken { (request: inout ExchangeRequest) in request.backupQuestions = asked } == (beyond == 0))
        #expect(
            taken { (response: inout ExchangeResponse) in response.backedUpAttachments = asked }
                == (beyond == 0))
        #expect(
            !taken { (request: inout ExchangeRequest) in request.backupQuestions = [asked[0], asked[0]] })
        let token = String(repeating: "t", count: Limits.tokenBytesMax + beyond)
        let grant = AttachmentGrant(hash: hashes[0], token: token, expires: 1)
        #expect(taken { (response: inout ExchangeResponse) in response.grants = [grant] } == (beyond == 0))
    }

    @Test("Policies of which the versions are told, each once", arguments: [0, 1])
    func policies(beyond: Int) {
        let policies = (0..<(Limits.heldPoliciesMax + beyond)).map {
            ExchangeRequest.HeldPolicy(id: "p\($0)", version: 1)
        }
        #expect(taken { (request: inout ExchangeRequest) in request.policies = policies } == (beyond == 0))
        #expect(!taken { (request: inout ExchangeRequest) in request.policies = [policies[0], policies[0]] })
    }

    @Test("A state of the second copy and a member of a later version are passed over")
    func laterCondition() throws {
        // {2: 9, 8: [1, "x"]}
        let condition = try ExchangeRequest.Condition(
            decoding: [0xA2, 0x02, 0x09, 0x08, 0x82, 0x01, 0x61, 0x78])
        #expect(condition.secondCopy == nil && condition.photos == 0)
        #expect(ExchangeRequest.Condition().encoded == [0xA0])
    }

    @Test("Seconds to wait", arguments: [0, 1])
    func wait(beyond: Int) {
        let seconds = UInt64(Limits.waitSecondsMax + beyond)
        #expect(taken { (request: inout ExchangeRequest) in request.waitSeconds = seconds } == (beyond == 0))
    }

    @Test("Items after the head", arguments: [0, 1])
    func items(beyond: Int) {
        let count = Limits.itemsPerExchangeMax + beyond
        let push = Push.run(replica: Story.agent, first: 1, chain: .start, bodies: [[]])
        #expect(
            taken { (request: inout ExchangeRequest) in
                request.pushes = [Push](repeating: push, count: count)
            } == (beyond == 0))
        #expect(
            taken { (response: inout ExchangeResponse) in
                response.entries = [FeedEntry](repeating: .enters(Story.twin), count: count)
            } == (beyond == 0))
    }

    @Test("Bodies in a run, checkpoints of a fork", arguments: [0, 1])
    func lists(beyond: Int) {
        let bodies = [[UInt8]](repeating: [0], count: Limits.bodiesPerRunMax + beyond)
        #expect(
            taken { (request: inout ExchangeRequest) in
                request.pushes = [.run(replica: Story.agent, first: 1, chain: .start, bodies: bodies)]
            } == (beyond == 0))
        let checkpoint = ReplicaHead(replica: Story.agent, sequence: 1, chain: .start)
        let fork = ExchangeResponse.Fork(
            replica: Story.agent,
            checkpoints: .init(repeating: checkpoint, count: Limits.checkpointsMax + beyond))
        #expect(taken { (response: inout ExchangeResponse) in response.forks = [fork] } == (beyond == 0))
    }

    @Test(
        "A body pushed may be too large, so that central can say so; one in a feed may not",
        arguments: [0, 1])
    func bodies(beyond: Int) throws {
        let body = [UInt8](repeating: 0, count: Limits.bodyBytesMax + beyond)
        let receipt = Story.receipt(of: Story.a1)
        #expect(
            taken { (request: inout ExchangeRequest) in
                request.pushes = [.run(replica: Story.agent, first: 1, chain: .start, bodies: [body])]
            })
        #expect(
            taken { (response: inout ExchangeResponse) in
                response.entries = [.change(replica: Story.agent, sequence: 1, body: body, receipt: receipt)]
            } == (beyond == 0))
    }

    @Test("Texts of a report and of what is unreadable", arguments: [0, 1])
    func texts(beyond: Int) {
        let name = String(repeating: "x", count: Limits.nameBytesMax + beyond)
        #expect(
            taken { (request: inout ExchangeRequest) in
                request.report = .init(outboxCount: 0, oldestMilliseconds: 0, softwareVersion: name)
            } == (beyond == 0))
        let reason = String(repeating: "x", count: Limits.reasonBytesMax + beyond)
        #expect(
            taken { (response: inout ExchangeResponse) in
                response.unreadable = [.init(replica: Story.agent, sequence: 1, reason: reason)]
            } == (beyond == 0))
    }

    @Test("Counters are below 2⁶³", arguments: [0, 1])
    func counters(beyond: UInt64) {
        let counter = Limits.counterMax + beyond
        #expect(taken { (request: inout ExchangeRequest) in request.cursor = counter } == (beyond == 0))
        #expect(taken { (request: inout ExchangeRequest) in request.budget = counter } == (beyond == 0))
        #expect(
            taken { (request: inout ExchangeRequest) in
                request.witness = FeedPoint(position: counter, chain: .start)
            } == (beyond == 0))
        #expect(taken { (response: inout ExchangeResponse) in response.from = counter } == (beyond == 0))
        #expect(
            taken { (response: inout ExchangeResponse) in
                response.stored = [Watermark(replica: Story.agent, sequence: counter)]
            } == (beyond == 0))
    }

    @Test("Bytes of a whole message", arguments: [0, 1])
    func bytes(beyond: Int) throws {
        let shell = ExchangeRequest(hospital: Story.hospital, budget: 1, milliseconds: 1).encoded.count
        // Behind the head: an array of two, a kind, and a byte string with a head of five bytes.
        let filler = [UInt8](repeating: 0, count: Limits.exchangeBytesMax + beyond - shell - 7)
        let item = CBOR.array([.unsigned(9), .bytes(filler)]).encoded
        let bytes = ExchangeRequest(hospital: Story.hospital, budget: 1, milliseconds: 1).encoded + item
        #expect(bytes.count == Limits.exchangeBytesMax + beyond)
        #expect(((try? ExchangeRequest(decoding: bytes)) != nil) == (beyond == 0))
    }

    @Test("Members of a head", arguments: [0, 1])
    func members(beyond: Int) throws {
        guard
            case .map(var entries) = try CBOR(
                decoding: ExchangeRequest(hospital: Story.hospital, budget: 1, milliseconds: 1).encoded)
        else { return }
        for key in 0..<(Limits.membersMax + beyond - entries.count) {
            entries.append(CBOR.Entry(key: .unsigned(UInt64(1000 + key)), value: .null))
        }
        #expect(((try? ExchangeRequest(decoding: CBOR.map(entries).encoded)) != nil) == (beyond == 0))
    }
}
