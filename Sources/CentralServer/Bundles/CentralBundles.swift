package import Bundles
package import Cryptography
import Persistence
package import SyncProtocol
import Web

/// Central's side of sticks: takes windows' bundles as exchanges, and makes bundles for windows.
package struct CentralBundles: BundleParty {
    let store: any CentralStore
    let books: Books
    let environment: Environment
    /// Nil where there is no directory: photos are passed over.
    let attachments: AttachmentStore?
    let signing: Ed25519.SigningKey
    let codec: BundleCodec

    package init(
        store: any CentralStore, books: Books, environment: Environment, attachments: AttachmentStore?,
        signing: Ed25519.SigningKey, codec: BundleCodec
    ) {
        (self.store, self.books, self.environment) = (store, books, environment)
        (self.attachments, self.signing, self.codec) = (attachments, signing, codec)
    }

    package func addressee() async throws(BundleError) -> Digest {
        BundleHeader.addressee(signing.publicKey)
    }

    package func bundles() async throws(BundleError) -> [BundleReport] {
        try await sorted { () async throws(CentralError) in
            try await store.read { transaction throws(CentralError) in
                var reports: [BundleReport] = []
                for hospital in try transaction.hospitals() {
                    let head = try transaction.feedHead(of: hospital.id)?.position
                    let contacts = try transaction.contacts(of: hospital.id)
                    for device in try transaction.devices(of: hospital.id) where !device.isRevoked {
                        let contact = contacts.first { $0.device == device.id }
                        var report = BundleReport(
                            id: contact?.bundle?.description ?? "", device: device.id.description)
                        report.milliseconds = contact?.sentMilliseconds ?? 0
                        (report.from, report.through) = (contact?.cursor ?? 0, head)
                        report.isConfirmed = contact?.bundle == nil && contact?.cursor == head
                        reports.append(report)
                    }
                }
                return reports
            }
        }
    }

    // MARK: Taking

    package func take(
        _ path: String, isDryRun: Bool, despite decision: RevokedDecision?
    ) async throws(BundleError) -> BundleReport {
        let reader = try BundleReader(path: path)
        guard reader.header.kind == .toCentral else { throw .wrongWay }
        guard reader.header.addressee == BundleHeader.addressee(signing.publicKey) else {
            throw .otherReceiver
        }
        let device = try await sender(of: reader.header, decision)
        try reader.verify(
            [device.publicKey, device.nextPublicKey].compactMap {
                $0.flatMap { Ed25519.PublicKey(bytes: $0) }
            })
        try reader.open(with: signing.openingKey)
        let opening = try reader.opening()
        guard opening.hospital == device.hospital else { throw .otherHospital }
        var report = BundleReport(id: reader.header.id.description, device: device.id.description)
        report.milliseconds = opening.milliseconds
        report.refused = 0
        while let item = try reader.next() {
            try await take(item, of: reader.header.id, from: device, isDryRun: isDryRun, &report)
        }
        if !isDryRun {
            let revoked =
                device.isRevoked ? ", which is revoked, was taken as somebody decided" : " was taken"
            environment.log(
                LogEvent(
                    .info, "bundle.taken",
                    "a bundle of device \(device.id)\(revoked): \(report.changes) changes",
                    ["device": "\(device.id)", "changes": .count(Int(report.changes))]))
        }
        return report
    }

    /// What is not known and what is revoked look alike.
    private func sender(
        of header: BundleHeader, _ decision: RevokedDecision?
    ) async throws(BundleError) -> DeviceRecord {
        guard let id = CaseID(bytes: header.device).map(DeviceID.init(rawValue:)) else {
            throw .unknownSender
        }
        let device = try await sorted { () async throws(CentralError) in
            try await store.read { transaction throws(CentralError) in try transaction.device(id) }
        }
        if let device, device.isRevoked, let decision, decision.device == id.description {
            guard 1...SyncProtocol.Limits.reasonBytesMax ~= decision.reason.utf8.count else {
                throw .other(
                    Problem(
                        status: 422, title: "To take a revoked computer's bundle needs a reason",
                        detail: "It has at most \(SyncProtocol.Limits.reasonBytesMax) bytes."))
            }
            return device
        }
        guard let device, !device.isRevoked else {
            let reason = device == nil ? "unknown" : "revoked"
            environment.log(
                LogEvent(
                    .warning, "bundle.refused", "a bundle of device \(id) was refused: it is \(reason)",
                    ["device": "\(id)", "reason": .text(reason)]))
            throw .unknownSender
        }
        return device
    }

    private func take(
        _ item: BundleItem, of bundle: BundleID, from device: DeviceRecord, isDryRun: Bool,
        _ report: inout BundleReport
    ) async throws(BundleError) {
        switch item {
        case .message(let frame):
            let request = try codec.request(frame)
            let place = BundlePlace(
                bundle: bundle, number: report.messages, isDecided: device.isRevoked)
            report.messages += 1
            report.changes += request.changeCount
            if request.isRepair { report.isRepair = true }
            if isDryRun { return }
            let answer = try await take(request, place, from: device)
            report.refused = (report.refused ?? 0) + answer.unreadable.count + answer.forks.count
            if answer.isRepairNeeded { report.note = Self.wentBackNote }
        case .attachment(let hash, let content):
            report.photos += 1
            if isDryRun { return }
            do throws(AttachmentError) { try await attachments?.put(content, as: hash) } catch {
                switch error {
                case .wrongContent, .tooLong: report.refused = (report.refused ?? 0) + 1
                case .full, .readOnly: throw .noRoom
                default: throw .disk
                }
            }
        case .opening, .feed, .unknown: throw .malformed
        }
    }

    private static let wentBackNote =
        "central has gone back in time since: nothing was taken. Take the bundle that central exports now to the window, and "
        + "a new one of the window's back"

    /// Takes one message of a window's bundle; again is harmless, and so is any order.
    package func take(
        _ request: ExchangeRequest, _ place: BundlePlace, from device: DeviceRecord
    ) async throws(BundleError) -> ExchangeResponse {
        var arrival = Intake.Arrival(
            request: request, device: device, milliseconds: environment.now())
        arrival.bundle = place
        let outcomes = await Intake.commit([arrival], to: store, books)
        return try await sorted { () async throws(CentralError) in try outcomes[0].get() }
    }

    /// Central's errors in the words of bundles.
    func sorted<R: Sendable>(
        _ body: () async throws(CentralError) -> R
    ) async throws(BundleError) -> R {
        do throws(CentralError) { return try await body() } catch {
            switch error {
            case .refused(.unauthorised), .refused(.unknownDevice): throw .unknownSender
            case .refused(.otherHospital): throw .otherHospital
            case .refused(.unsupportedVersion): throw .laterVersion
            case .store(let failure) where failure.kind == .full: throw .noRoom
            default:
                let problem = CentralProblem(error)
                throw .other(
                    Problem(
                        status: problem.status, title: problem.title, type: problem.type,
                        detail: problem.detail, remedy: problem.remedy))
            }
        }
    }
}

extension ExchangeRequest {
    fileprivate var changeCount: Int {
        pushes.reduce(0) { count, push in
            switch push {
            case .run(_, _, _, let bodies): count + bodies.count
            case .foreign: count + 1
            case .unknown: count
            }
        }
    }
}
