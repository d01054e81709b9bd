import SyncProtocol

extension SeededGenerator {
    mutating func counter() -> UInt64 { magnitude() >> 1 }
    mutating func list<Item>(_ countMax: Int, _ item: (inout SeededGenerator) -> Item) -> [Item] {
        (0..<Int.random(in: 0...countMax, using: &self)).map { _ in item(&self) }
    }
    mutating func replica() -> ReplicaID { ReplicaID(rawValue: next()) }
    mutating func caseID() -> CaseID { CaseID(milliseconds: next() >> 16, random: (next(), next())) }
    mutating func chain() -> Chain { Chain(rawValue: .init(words: (next(), next(), next(), next()))) }
    mutating func fingerprint() -> Fingerprint { Fingerprint(rawValue: chain().rawValue) }
    mutating func point() -> FeedPoint { FeedPoint(position: counter(), chain: chain()) }
    mutating func head() -> ReplicaHead {
        ReplicaHead(replica: replica(), sequence: counter(), chain: chain())
    }
    mutating func watermark() -> Watermark { Watermark(replica: replica(), sequence: counter()) }
    mutating func receipt() -> Receipt {
        guard let receipt = Receipt(bytes: bytes(count: Receipt.byteCount)) else {
            preconditionFailure("that many bytes are a receipt")
        }
        return receipt
    }
    mutating func body() -> [UInt8] { bytes(count: Int.random(in: 0...60, using: &self)) }

    mutating func request() -> ExchangeRequest {
        var request = ExchangeRequest(
            hospital: HospitalID(record: caseID()), budget: counter(), milliseconds: counter())
        request.epoch = chance(1, in: 2) ? Epoch(rawValue: next()) : nil
        request.heads = list(4) { $0.head() }
        request.cursor = counter()
        request.witness = point()
        request.fingerprint = fingerprint()
        request.isRepair = chance(1, in: 3)
        if chance(1, in: 2) {
            request.report = .init(
                outboxCount: counter(), oldestMilliseconds: counter(), softwareVersion: text())
        }
        request.sums = list(3) { CaseSum(caseID: $0.caseID(), fingerprint: $0.fingerprint()) }
        request.wanted = list(3) { $0.caseID() }
        request.offers = list(3) { AttachmentOffer(hash: $0.chain().rawValue, byteCount: $0.counter()) }
        if chance(1, in: 2) {
            var condition = ExchangeRequest.Condition()
            (condition.photos, condition.photoBytes) = (counter(), counter())
            condition.secondCopy = .init(rawValue: counter() % 5)
            (condition.behindSeconds, condition.refused, condition.setAside) = (
                counter(), counter(), counter()
            )
            (condition.isMetered, condition.isSpent) = (chance(1, in: 2), chance(1, in: 2))
            request.condition = condition
            request.policies = list(3) { .init(id: "p\($0.next())", version: $0.counter()) }
        }
        request.repairHead = chance(1, in: 3) ? point() : nil
        request.backupQuestions = list(3) { $0.chain().rawValue }
        if chance(1, in: 3) { request.waitSeconds = counter() % UInt64(Limits.waitSecondsMax + 1) }
        request.pushes = list(5) { random in
            let replica = random.replica()
            guard random.chance(1, in: 2) else {
                return .foreign(
                    replica: replica, sequence: 1 + random.counter() / 2, body: random.body(),
                    receipt: random.receipt())
            }
            let bodies = [random.body()] + random.list(3) { $0.body() }
            return .run(
                replica: replica, first: 1 + random.counter() / 2, chain: random.chain(), bodies: bodies)
        }
        return request
    }

    mutating func response() -> ExchangeResponse {
        var response = ExchangeResponse(
            epoch: Epoch(rawValue: next()), head: point(), from: counter(), milliseconds: counter(),
            fingerprint: fingerprint())
        response.stored = list(4) { $0.watermark() }
        response.backedUp = list(4) { $0.watermark() }
        response.hasMore = chance(1, in: 2)
        response.isRepairNeeded = chance(1, in: 4)
        response.forks = list(2) { random in
            .init(replica: random.replica(), checkpoints: random.list(5) { $0.head() })
        }
        response.differences = list(3) { .init(caseID: $0.caseID(), seen: VersionVector($0.dots())) }
        response.unreadable = list(3) {
            .init(replica: $0.replica(), sequence: $0.counter(), reason: $0.text())
        }
        response.grants = list(3) {
            AttachmentGrant(hash: $0.chain().rawValue, token: $0.text(), expires: $0.counter())
        }
        response.held = list(3) { $0.chain().rawValue }
        response.suppliedCount = chance(1, in: 3) ? counter() : 0
        response.wants = list(3) { $0.chain().rawValue }
        response.backedUpPosition = chance(1, in: 3) ? counter() : 0
        response.backedUpAttachments = list(3) { $0.chain().rawValue }
        response.entries = list(6) { $0.entry() }
        return response
    }

    mutating func entry() -> FeedEntry {
        let (replica, first) = (replica(), 1 + counter() / 2)
        switch Int.random(in: 0..<7, using: &self) {
        case 5: return .late(replica: replica, sequence: first, body: body(), receipt: receipt())
        case 0: return .change(replica: replica, sequence: first, body: body(), receipt: receipt())
        case 1: return .supplied(replica: replica, sequence: first, body: body(), receipt: receipt())
        case 2: return .own(replica: replica, first: first, last: first + counter() / 4)
        case 3: return .enters(caseID())
        case 4: return .leaves(caseID())
        default: return .unknown(CBOR.array([.unsigned(7 + next() % 100), cbor(depth: 3)]).encoded)
        }
    }
}
