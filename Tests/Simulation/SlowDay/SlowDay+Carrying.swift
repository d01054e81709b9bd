import SyncProtocol
import Web
import WindowAgent

/// Carrying requests over the slow link to the real central.
extension SlowDay {
    mutating func exchange(_ bytesMax: Int) async throws {
        let began = world.time.now
        let outgoing = try await machine.store.compose(bytesMax: bytesMax, budget: Self.budgetBytes)
        var message = outgoing.request
        message.offers = uploader.offers(now: began)
        let request = try machine.device.request(
            message.encoded, to: "/sync/v1/exchange", type: SyncMessage.exchange.mediaType(version: 1),
            at: began,
            nonce: random.next())
        guard let answer = try await carry(request, .exchanges) else {
            try await machine.store.noteFailure(outgoing, "the link was cut")
            tell(.caseData(isWaiting: true))
            next = schedule.handle(.failed, now: world.time.now, random: random.next())
            return
        }
        let (up, down) = (request.wireBytes, answer.wireBytes)
        let response = try ExchangeResponse(decoding: try machine.device.message(in: answer))
        let taken = try await machine.store.take(response, for: outgoing)
        let now = world.time.now
        for saved in unconfirmed.prefix(taken.confirmed) { figures.waits.append(Double(now - saved) / 1000) }
        unconfirmed.removeFirst(min(taken.confirmed, unconfirmed.count))
        figures.exchanges += 1
        figures.caseBytesUp += up
        figures.caseBytesDown += down
        if !message.offers.isEmpty { tell(.answered(grants: response.grants, held: response.held)) }
        tell(.caseData(isWaiting: taken.hasMore))
        next = schedule.handle(
            .succeeded(.init(hasMore: taken.hasMore, bytes: up + down, milliseconds: now - began)), now: now,
            random: random.next())
    }

    /// Carries a request up and its answer down.
    ///
    /// - Returns: nil if the link was cut. What went has to go again.
    private mutating func carry(_ request: Request, _ lane: SlowLink.Lane) async throws -> Response? {
        guard link.connect(lane) else { return nil }
        let arrived = link.carry(request.wireBytes)
        guard arrived == request.wireBytes else {
            figures.repeatedBytes += arrived
            return nil
        }
        let answer = try await world.central.respond(to: request)
        guard link.wait() else {
            figures.repeatedBytes += arrived
            return nil
        }
        let heard = link.carry(answer.wireBytes)
        guard heard == answer.wireBytes else {
            figures.repeatedBytes += arrived + heard
            return nil
        }
        return answer
    }

    // MARK: Photos

    mutating func locate(_ offer: AttachmentOffer, _ token: String) async throws {
        let make = uploadRequest(.post, nil, token, ["Upload-Length": "\(offer.byteCount)"])
        let find = uploadRequest(.head, offer, token, [:])
        for request in [make, find] {
            guard let answer = try await carry(request, .photos) else { return tell(.failed(bytes: 0)) }
            figures.overheadBytes += request.wireBytes + answer.wireBytes
            guard request.method == .head else { continue }
            guard let offset = answer.headers["Upload-Offset"].flatMap({ UInt64($0) }) else {
                throw Broken("an upload is not found: \(answer.status)")
            }
            tell(.located(offset: offset))
        }
    }

    /// Sends a piece. What arrives before a cut is kept at central.
    mutating func send(_ offer: AttachmentOffer, _ token: String, _ offset: UInt64, _ bytesMax: Int)
        async throws
    {
        let content = photos[offer.hash] ?? []
        let piece = Array(content[Int(offset)..<min(content.count, Int(offset) + bytesMax)])
        var request = uploadRequest(
            .patch, offer, token,
            ["Content-Type": "application/offset+octet-stream", "Upload-Offset": "\(offset)"])
        let began = world.time.now
        guard link.connect(.photos) else { return tell(.failed(bytes: 0)) }
        let arrived = max(0, link.carry(request.wireBytes + piece.count) - request.wireBytes)
        figures.overheadBytes += request.wireBytes
        figures.photoBytes += arrived
        request.body = Array(piece.prefix(arrived))
        if arrived == 0 { return tell(.failed(bytes: 0)) }
        let answer = try await world.central.respond(to: request)
        guard arrived == piece.count, link.wait(), link.carry(answer.wireBytes) == answer.wireBytes else {
            return tell(.failed(bytes: arrived))
        }
        figures.overheadBytes += answer.wireBytes
        guard answer.status == 204, let end = answer.headers["Upload-Offset"].flatMap({ UInt64($0) }) else {
            throw Broken("a piece was refused: \(answer.status)")
        }
        tell(.sent(offset: end, bytes: piece.count, milliseconds: world.time.now - began))
    }

    private func uploadRequest(
        _ method: Web.Method, _ offer: AttachmentOffer?, _ token: String, _ more: [String: String]
    ) -> Request {
        var headers: Headers = ["Tus-Resumable": "1.0.0", "Authorization": "Bearer \(token)"]
        for (name, value) in more.sorted(by: { $0.key < $1.key }) { headers.append(name, value) }
        let path = offer.map { "/attachments/uploads/" + $0.hash.bytes.hexadecimal } ?? "/attachments/uploads"
        return Request(method, path, headers: headers)
    }
}

extension Request {
    /// With the lines that every client adds: host, length, the first line's ends.
    fileprivate var wireBytes: Int { target.utf8.count + headers.byteCount + body.count + 80 }
}

extension Response {
    /// With status line, date and length.
    fileprivate var wireBytes: Int { headers.byteCount + defaults.byteCount + body.count + 80 }
}
