package import Bundles
import Cryptography
package import SyncProtocol

/// What a bundle for a window holds besides the entries of its feed. All of it was so at one moment.
package struct BundleContent: Sendable {
    package let opening: BundleOpening
    /// What its last bundle was answered.
    package internal(set) var answers: [ExchangeResponse]
    /// Where the entries begin and end; nil if none may be used before a repair.
    package let stretch: (start: FeedPoint, head: FeedPoint)?
    let device: DeviceRecord
    let epoch: Epoch
    /// Whether the window is known to have all of it.
    let isNews: Bool
}

extension CentralBundles {
    /// Bytes of entries in one part.
    static let partBytesMax = 2 * 1024 * 1024

    package func export(
        _ order: BundleOrder, as id: BundleID, to path: String
    ) async throws(BundleError) -> BundleReport {
        guard let device = order.device.flatMap(DeviceID.init) else { throw .unknownSender }
        let content = try await content(for: device, from: order.from)
        var report = BundleReport(id: id.description, device: device.description)
        report.milliseconds = content.opening.milliseconds
        (report.from, report.through) = (content.stretch?.start.position, content.stretch?.head.position)
        report.answers = content.opening.answers?.description
        if order.onlyNews == true, !content.isNews {
            report.isEmpty = true
            return report
        }
        guard let receiver = Ed25519.PublicKey(bytes: content.device.publicKey) else { throw .otherKey }
        let writer = try BundleWriter(
            path: path, id: id,
            BundleWriter.Parties(.toWindow, device: device.bytes, signer: signing, receiver: receiver))
        try writer.append(.opening(content.opening))
        for answer in content.answers { try writer.append(.message(try codec.frame(answer.encoded))) }
        report.messages = content.answers.count
        var next = content.stretch?.start
        while let point = next, let part = try await part(of: content, after: point) {
            try writer.append(.feed(point, try codec.frame(part.response.encoded)))
            report.messages += 1
            report.changes += part.response.entries.count
            next = part.response.hasMore && part.end.position > point.position ? part.end : nil
        }
        try writer.finish()
        report.bytes = UInt64(writer.byteCount)
        if content.stretch == nil { report.note = "it tells the window that central went back in time" }
        return report
    }

    /// What a bundle for a device begins with.
    ///
    /// - Parameter from: after which position; nil goes by what was heard of the device last.
    package func content(for device: DeviceID, from: UInt64? = nil) async throws(BundleError) -> BundleContent
    {
        let now = environment.now()
        var content = try await sorted { () async throws(CentralError) in
            try await store.read { transaction throws(CentralError) in
                try Self.content(transaction, device, from: from, now: now)
            }
        }
        for (index, answer) in content.answers.enumerated() {
            var held: [Digest] = []
            // One that cannot be read is not here.
            for hash in answer.held where (try? await attachments?.byteCount(of: hash)) != nil {
                held.append(hash)
            }
            content.answers[index].held = held
        }
        return content
    }

    private static func content(
        _ transaction: any CentralTransaction, _ id: DeviceID, from: UInt64?, now: UInt64
    ) throws(CentralError) -> BundleContent {
        guard let device = try transaction.device(id), !device.isRevoked,
            let head = try transaction.feedHead(of: device.hospital)
        else { throw CentralError.refused(.unknownDevice) }
        let contact = try transaction.contact(of: id)
        var answers: [ExchangeResponse] = []
        if contact?.bundle != nil {
            // What is stored was encoded here; one that does not decode any more says nothing.
            answers = try transaction.answers(to: id).compactMap { try? ExchangeResponse(decoding: $0) }
        }
        let isRepairNeeded = answers.contains(where: \.isRepairNeeded)
        let cursor = contact.map { $0.isRepair ? 0 : $0.cursor } ?? 0
        let start = try transaction.feedHead(of: device.hospital, at: from ?? cursor) ?? .start
        return BundleContent(
            opening: BundleOpening(hospital: device.hospital, milliseconds: now, answers: contact?.bundle),
            answers: answers,
            stretch: isRepairNeeded ? nil : (start.point, head.point), device: device,
            epoch: try transaction.epoch(), isNews: contact?.bundle != nil || cursor < head.position)
    }

    /// The entries after a point, as many as one part holds; nil if central went back meanwhile.
    package func part(
        of content: BundleContent, after point: FeedPoint
    ) async throws(BundleError) -> (response: ExchangeResponse, end: FeedPoint)? {
        guard let head = content.stretch?.head else { return nil }
        let (hospital, epoch, now) = (content.device.hospital, content.epoch, content.opening.milliseconds)
        return try await sorted { () async throws(CentralError) in
            try await store.read { transaction throws(CentralError) in
                let start = try transaction.feedHead(of: hospital, at: point.position)
                guard let start, start.point == point else { throw CentralError.refused(.busy) }
                var packer = EntryPacker(after: point.position, budget: UInt64(Self.partBytesMax), held: [:])
                try Self.pack(&packer, of: hospital, through: head.position, transaction)
                var response = ExchangeResponse(
                    epoch: epoch, head: head, from: point.position, milliseconds: now,
                    fingerprint: start.fingerprint)
                response.entries = packer.entries
                response.hasMore = packer.position < head.position
                let end = try transaction.feedHead(of: hospital, at: packer.position)
                return (response, end?.point ?? head)
            }
        }
    }

    private static func pack(
        _ packer: inout EntryPacker, of hospital: HospitalID, through last: UInt64,
        _ transaction: any CentralTransaction
    ) throws(CentralError) {
        while packer.position < last {
            let count = Int(min(256, last - packer.position))
            let page = try transaction.feed(of: hospital, after: packer.position, countMax: count)
            guard !page.isEmpty else { return }
            for item in page {
                guard packer.add(item) else { return }
            }
        }
    }
}
