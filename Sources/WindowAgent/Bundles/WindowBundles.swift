package import Bundles
package import Cryptography
import Persistence
package import SyncProtocol
import Web

/// The window's side of sticks: makes bundles for central, and takes central's.
package struct WindowBundles: BundleParty {
    let store: WindowStore
    let lane: AttachmentLane?
    let codec: BundleCodec
    let key: @Sendable () throws -> Ed25519.SigningKey
    let milliseconds: @Sendable () -> UInt64

    /// - Parameters:
    ///   - lane: the window's photos; nil without.
    ///   - key: the device's key, as it is now.
    package init(
        store: WindowStore, lane: AttachmentLane?, codec: BundleCodec,
        milliseconds: @escaping @Sendable () -> UInt64,
        key: @escaping @Sendable () throws -> Ed25519.SigningKey
    ) {
        (self.store, self.lane, self.codec, self.key) = (store, lane, codec, key)
        self.milliseconds = milliseconds
    }

    package func addressee() async throws(BundleError) -> Digest {
        try await sorted { BundleHeader.addressee(try key().publicKey) }
    }

    package func bundles() async throws(BundleError) -> [BundleReport] {
        let (device, exports) = try await sorted {
            (try await store.loadEnrolment()?.device, try await store.bundleExports())
        }
        return exports.map { export in
            var report = BundleReport(id: export.id.description, device: device ?? "")
            report.milliseconds = export.milliseconds
            (report.bytes, report.changes) = (export.bytes, export.changes)
            (report.photos, report.photosLeft) = (export.photos, export.photosLeft)
            report.isConfirmed = export.isConfirmed
            return report
        }
    }

    // MARK: Making

    package func export(
        _ order: BundleOrder, as id: BundleID, to path: String
    ) async throws(BundleError) -> BundleReport {
        try await sorted {
            guard let enrolment = try await store.loadEnrolment(), let device = CaseID(enrolment.device)
            else { throw StoreError.notEnrolled }
            let writer = try BundleWriter(
                path: path, id: id,
                BundleWriter.Parties(
                    .toCentral, device: device.bytes, signer: try key(), receiver: enrolment.centralKey))
            var report = BundleReport(id: id.description, device: enrolment.device)
            report.milliseconds = milliseconds()
            try writer.append(
                .opening(
                    BundleOpening(hospital: enrolment.hospital, milliseconds: report.milliseconds)))
            let photos = try await waitingPhotos(order)
            let progress = try await appendMessages(to: writer, offering: photos, &report)
            if order.photos == true { try await append(photos, order.bytesMax, to: writer, &report) }
            report.photosLeft = try await waitingPhotos(BundleOrder.all).count - report.photos
            try writer.finish()
            (report.bytes, report.isRepair) = (UInt64(writer.byteCount), progress.isRepair)
            report.changes = progress.changes
            try await store.noteBundle(
                BundleExport(
                    id: id, milliseconds: report.milliseconds, bytes: report.bytes, changes: report.changes,
                    photos: report.photos, photosLeft: report.photosLeft ?? 0), progress)
            return report
        }
    }

    private func waitingPhotos(_ order: BundleOrder) async throws -> [WaitingAttachment] {
        guard order.photos == true, let lane else { return [] }
        return try await lane.waitingFiles()
    }

    /// Every photo is offered in some message: central answers which of them it has, also those that do not fit.
    private func appendMessages(
        to writer: BundleWriter, offering photos: [WaitingAttachment], _ report: inout BundleReport
    ) async throws -> BundleProgress {
        var progress = try await store.beginBundle()
        var offers = photos.map { AttachmentOffer(hash: $0.hash, byteCount: UInt64($0.byteCount)) }[...]
        var last: ExchangeRequest?
        while var request = try await store.nextBundleMessage(&progress) {
            request.offers = Array(offers.prefix(SyncProtocol.Limits.offersMax))
            offers = offers.dropFirst(request.offers.count)
            try writer.append(.message(try codec.frame(request.encoded)))
            report.messages += 1
            last = request
        }
        last?.pushes = []
        while !offers.isEmpty, var request = last {
            request.offers = Array(offers.prefix(SyncProtocol.Limits.offersMax))
            offers = offers.dropFirst(request.offers.count)
            try writer.append(.message(try codec.frame(request.encoded)))
            report.messages += 1
        }
        return progress
    }

    /// The oldest first, as many as fit.
    private func append(
        _ photos: [WaitingAttachment], _ bytesMax: UInt64?, to writer: BundleWriter,
        _ report: inout BundleReport
    ) async throws {
        let limit = Int(clamping: min(bytesMax ?? .max, UInt64(SyncProtocol.Limits.bundleBytesMax)))
        for photo in photos {
            let sealed = FrameSealing.sealedByteCount(ofBytes: photo.byteCount + Digest.byteCount)
            // Two frames more: what is not sealed yet, and the signature.
            guard writer.byteCount + sealed + 2 * FrameSealing.frameByteCount <= limit, let lane else {
                break
            }
            let content = try await lane.read(photo.hash, 0..<photo.byteCount)
            try writer.append(.attachment(photo.hash, content))
            report.photos += 1
        }
    }

    // MARK: Taking

    package func take(
        _ path: String, isDryRun: Bool, despite decision: RevokedDecision?
    ) async throws(BundleError) -> BundleReport {
        // Central is never revoked.
        guard decision == nil else { throw .unknownSender }
        return try await sorted {
            let reader = try await open(path)
            for _ in 0..<3 {
                let (report, verdict) = try await take(reader, isDryRun: isDryRun)
                if verdict != .moved { return report }
            }
            throw BundleError.other(
                Problem(
                    status: 503, title: "This window exchanges with central just now", remedy: "Try again."))
        }
    }

    private func open(_ path: String) async throws -> BundleReader {
        let reader = try BundleReader(path: path)
        let key = try key()
        guard let enrolment = try await store.loadEnrolment(), let device = CaseID(enrolment.device) else {
            throw StoreError.notEnrolled
        }
        guard reader.header.kind == .toWindow else { throw BundleError.wrongWay }
        guard reader.header.device == device.bytes else { throw BundleError.otherReceiver }
        guard reader.header.addressee == BundleHeader.addressee(key.publicKey) else {
            throw BundleError.otherKey
        }
        try reader.verify([enrolment.centralKey])
        try reader.open(with: key.openingKey)
        guard try reader.opening().hospital == enrolment.hospital else { throw BundleError.otherHospital }
        return reader
    }

    private func take(
        _ reader: BundleReader, isDryRun: Bool
    ) async throws -> (BundleReport, BundleVerdict) {
        let opening = try reader.opening()
        var report = BundleReport(
            id: reader.header.id.description, device: try await store.loadEnrolment()?.device ?? "")
        (report.milliseconds, report.answers) = (opening.milliseconds, opening.answers?.description)
        var line = FeedLine(known: try await store.bundlePlaces())
        var answers: [ExchangeResponse] = []
        while let item = try reader.next() {
            report.messages += 1
            switch item {
            case .message(let frame): answers.append(try codec.response(frame))
            case .feed(let point, let frame):
                let part = try codec.response(frame)
                guard line.add(part, at: point) else { throw BundleError.malformed }
                report.changes += part.entries.count
            case .opening, .attachment, .unknown: throw BundleError.malformed
            }
        }
        (report.from, report.through) = (line.start?.position, line.head?.position)
        let isRefused = answers.contains(where: \.isRepairNeeded)
        guard line.isWhole || isRefused else { throw BundleError.malformed }
        if isDryRun { return (report, .old) }
        let verdict = try await store.takeBundle(opening, answers, line)
        try await finish(reader, answers, verdict, &report)
        return (report, verdict)
    }

    private func finish(
        _ reader: BundleReader, _ answers: [ExchangeResponse], _ verdict: BundleVerdict,
        _ report: inout BundleReport
    ) async throws {
        switch verdict {
        case .moved: return
        case .old: report.note = "nothing in it is news for this window"
        case .repair: report.note = Self.repairNote
        case .usable(let confirmed):
            report.confirmed = confirmed
            report.received = 0
            report.refused = answers.reduce(0) { $0 + $1.unreadable.count + $1.forks.count }
            await lane?.note(held: answers.flatMap(\.held))
            _ = try reader.opening()
            while let item = try reader.next() {
                guard case .feed(let point, let frame) = item else { continue }
                let taken = try await store.takeBundlePart(try codec.response(frame), at: point)
                report.received = (report.received ?? 0) + taken.received
                if taken.isRepairing { report.note = Self.repairNote }
            }
        }
    }

    private static let repairNote =
        "central went back in time: this window brings everything again; take a new stick to central: "
        + "birthwindow bundle export TO"

    /// Errors of the window's parts in the words of bundles.
    private func sorted<R>(_ body: () async throws -> R) async throws(BundleError) -> R {
        do { return try await body() } catch {
            switch error {
            case let error as BundleError: throw error
            case let error as AttachmentError:
                throw error == .full ? .noRoom : .other(Problem(status: 503, title: "\(error.description)"))
            default:
                throw .other(
                    Problem(window: error) ?? Problem(status: 500, title: "The window failed inside"))
            }
        }
    }
}

extension BundleOrder {
    /// Photos and everything.
    static var all: BundleOrder {
        var order = BundleOrder()
        order.photos = true
        return order
    }
}
