import Cryptography
import Foundation
package import SyncProtocol
package import Web

/// The audit log of a server, as its desk, pages and commands ask for it.
package protocol AuditSite: Sendable {
    /// Milliseconds since 1970.
    func now() -> UInt64
    /// Writes what still waits, so that who looks sees all.
    func flush() async throws
    func lines(
        before: UInt64?, countMax: Int, caseID: CaseID?, _ filter: AuditFilter
    ) async throws -> AuditPage
    /// Looks through the whole log; nil if there is none yet.
    ///
    /// - Parameter anchors: what other machines keep; the server's own record is looked at besides.
    func verdict(anchors: [AuditAnchor]) async throws -> AuditVerdict?
    /// What is kept here of other machines' logs, in the order in which it came: at central of the computers of a hospital, or of all; at a
    /// window of central's.
    func anchors(of hospital: String?) async throws -> [KeptAnchor]
}

/// The JSON addresses of the audit log, at both servers.
package struct AuditRoutes: Sendable {
    /// Lines in one answer, and anchors in one request.
    package static let (linesMax, anchorsMax) = (1000, 10_000)

    let site: any AuditSite

    package init(_ site: any AuditSite) { self.site = site }

    /// What the contract of both servers says of these addresses.
    package static let contract = (name: "audit.json", bytes: PackageResources.audit_json)

    package static let (listPattern, verdictPattern) = ("/api/v1/audit", "/api/v1/audit/verdict")
    package static let anchorsPattern = "/api/v1/audit/anchors"

    // MARK: The list

    private struct PageShape: Encodable {
        let lines: [AuditLineShape]
        /// Where to go on; absent at the end.
        let next: UInt64?
    }

    /// `GET /api/v1/audit?before=&limit=&case=&user=&kind=&action=&hospital=&since=&until=`: the last first.
    package func list(_ request: Request) async throws -> Response {
        let query = request.query
        try await flushed()
        let page = try await site.lines(
            before: query["before"].flatMap { UInt64($0) },
            countMax: min(max(query["limit"].flatMap { Int($0) } ?? 100, 1), Self.linesMax),
            caseID: query["case"].flatMap { CaseID($0) }, AuditFilter(query))
        return try .json(PageShape(lines: page.lines.map(AuditLineShape.init), next: page.next))
    }

    /// What waits for a disk that is full is shown when it is written.
    private func flushed() async throws { try? await site.flush() }

    // MARK: The verdict

    private struct AnchorBody: Decodable {
        let log: String
        let sequence: UInt64
        let value: String
    }

    private struct VerdictBody: Decodable {
        let anchors: [AnchorBody]?
    }

    /// `POST /api/v1/audit/verdict`: `{anchors?: [{log, sequence, value}]}`
    package func verdict(_ request: Request) async throws -> Response {
        let body: VerdictBody
        do { body = try JSONDecoder().decode(VerdictBody.self, from: Data(request.body)) } catch {
            throw Problem(status: 400, title: "The body cannot be read", remedy: "See openapi.json.")
        }
        let anchors = try (body.anchors ?? []).map { anchor in
            guard let log = [UInt8](hexadecimal: anchor.log), log.count == AuditAnchor.logByteCount,
                let value = [UInt8](hexadecimal: anchor.value).flatMap({ Digest(bytes: $0) })
            else { throw Problem(status: 400, title: "An anchor cannot be read") }
            return AuditAnchor(log: log, sequence: anchor.sequence, value: value)
        }
        try await flushed()
        return try .json(AuditVerdictShape(try await site.verdict(anchors: anchors)))
    }
}

extension AuditRoutes {
    private struct AnchorShape: Encodable {
        let log: String
        let sequence: UInt64
        let value: String
        let milliseconds: UInt64
        let device: String?
        let hospital: String?
    }

    private struct FaultShape: Encodable {
        let device: String?
        let fault: String
        let sequence: UInt64
        let sentence: String
    }

    private struct AnchorsShape: Encodable {
        let anchors: [AnchorShape]
        let faults: [FaultShape]
    }

    /// `GET /api/v1/audit/anchors?hospital=CODE`
    package func anchors(_ request: Request) async throws -> Response {
        let kept = try await site.anchors(of: request.query["hospital"])
        let faults = Dictionary(grouping: kept, by: \.device).sorted { ($0.key ?? "") < ($1.key ?? "") }
            .flatMap { device, anchors in
                KeptAnchor.faults(of: anchors).map {
                    FaultShape(
                        device: device, fault: $0.fault.rawValue, sequence: $0.sequence,
                        sentence: $0.fault.sentence($0.sequence))
                }
            }
        return try .json(
            AnchorsShape(
                anchors: kept.map {
                    AnchorShape(
                        log: $0.anchor.log.hexadecimal, sequence: $0.anchor.sequence,
                        value: $0.anchor.value.bytes.hexadecimal, milliseconds: $0.milliseconds,
                        device: $0.device, hospital: $0.hospital)
                }, faults: faults))
    }
}

extension KeptAnchor {
    /// The group of central's record in which it tells where its own log stands.
    package static let group = "auditAnchor"

    /// As a value of ``group``.
    package static func value(_ anchor: AuditAnchor) -> [CBOR] {
        [
            .text(anchor.log.hexadecimal), .unsigned(anchor.sequence),
            .text(anchor.value.bytes.hexadecimal),
        ]
    }

    /// All that central ever told in its record, in the order in which it came.
    package static func all(in changes: [Change], _ group: GroupID) -> [KeptAnchor] {
        changes.compactMap { change in
            guard let content = change.content, content.author.role == .central,
                let value = content.writes[group]?.value, value.count == 3, case .text(let log) = value[0],
                case .unsigned(let sequence) = value[1], case .text(let code) = value[2],
                let name = [UInt8](hexadecimal: log), name.count == AuditAnchor.logByteCount,
                let digest = [UInt8](hexadecimal: code).flatMap({ Digest(bytes: $0) })
            else { return nil }
            return KeptAnchor(
                AuditAnchor(log: name, sequence: sequence, value: digest),
                milliseconds: content.time.milliseconds)
        }
    }
}

extension AuditFilter {
    /// From a query or a form's fields. Days begin in China.
    package init(_ given: [String: String]) {
        func text(_ name: String) -> String? { given[name].flatMap { $0.isEmpty ? nil : $0 } }
        self.init()
        (user, hospital) = (text("user"), text("hospital"))
        kind = text("kind").flatMap(AuditKind.init)
        action = text("action").flatMap(Action.init)
        (since, until) = (text("since").flatMap { UInt64($0) }, text("until").flatMap { UInt64($0) })
    }
}

/// A line as programs see it.
package struct AuditLineShape: Encodable {
    let sequence: UInt64
    let milliseconds: UInt64
    /// A word of ``AuditKind``, or `unreadable`.
    let kind: String
    let action: String?
    let who: String
    let isMachine: Bool
    let isLocal: Bool
    let roles: [String]
    let site: String?
    let department: String?
    let route: String
    let cases: [String]
    let moreCases: UInt64
    let hospital: String?
    let account: String?
    let object: String?
    let reason: String?
    let status: UInt64?
    let note: String?

    package init(_ stored: StoredAuditLine) {
        let line = stored.line
        (sequence, milliseconds) = (stored.sequence, line?.milliseconds ?? stored.milliseconds)
        (kind, action) = (line?.kind.rawValue ?? "unreadable", line?.action?.rawValue)
        (who, department) = (line?.who ?? "", line?.department)
        (isMachine, isLocal) = (line?.isMachine ?? false, line?.isLocal ?? false)
        (roles, route) = (line?.roles ?? [], line?.route ?? "")
        site = line.map { $0.site == .central ? "central" : "window" }
        (cases, moreCases) = ((line?.cases ?? []).map(\.description), line?.moreCases ?? 0)
        (hospital, account, object) = (line?.hospital, line?.account, line?.object)
        (reason, status, note) = (line?.reason, line?.status, line?.note)
    }
}

/// A verdict as programs see it.
package struct AuditVerdictShape: Encodable {
    private struct FaultShape: Encodable {
        let fault: String
        let sequence: UInt64
        let sentence: String
    }

    private let isWhole: Bool
    private let log: String?
    private let first: UInt64
    private let last: UInt64
    private let lines: Int
    private let anchors: Int
    private let foreignAnchors: Int
    private let faultCount: Int
    private let faults: [FaultShape]

    package init(_ verdict: AuditVerdict?) {
        isWhole = verdict?.isWhole ?? true
        log = verdict?.log.hexadecimal
        (first, last) = (verdict?.first ?? 0, verdict?.last ?? 0)
        (lines, faultCount) = (verdict?.lines ?? 0, verdict?.faultCount ?? 0)
        (anchors, foreignAnchors) = (verdict?.anchors ?? 0, verdict?.foreignAnchors ?? 0)
        faults = (verdict?.faults ?? []).map {
            FaultShape(
                fault: $0.fault.rawValue, sequence: $0.sequence, sentence: $0.fault.sentence($0.sequence))
        }
    }
}
