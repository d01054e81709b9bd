import Foundation
package import SyncProtocol
package import Web

/// Why who looks at which cases that are over: a reason holds for one session and one case, and for half an hour.
package final class ReasonMemory: Sendable {
    /// Milliseconds for which a reason holds.
    package static let milliseconds: UInt64 = 30 * 60_000
    /// Reasons that are remembered; the oldest is forgotten first.
    package static let countMax = 1000
    /// The header by which a call gives its reason: UTF-8, percent-encoded where it is no ASCII.
    package static let header = "Reason"

    private struct Key: Hashable {
        let asker: String
        let caseID: CaseID
    }

    private let kept = Guarded<[Key: (reason: String, at: UInt64)]>([:])

    package init() {}

    package func keep(_ reason: String, of viewer: Viewer, for id: CaseID, now: UInt64) {
        kept.withLock { kept in
            kept[Key(asker: Self.asker(viewer), caseID: id)] = (reason, now)
            guard kept.count > Self.countMax, let oldest = kept.min(by: { $0.value.at < $1.value.at })
            else { return }
            kept[oldest.key] = nil
        }
    }

    /// Nil if none was given, or not lately.
    package func reason(of viewer: Viewer, for id: CaseID, now: UInt64) -> String? {
        kept.withLock { kept in
            guard let (reason, at) = kept[Key(asker: Self.asker(viewer), caseID: id)], now >= at,
                now - at < Self.milliseconds
            else { return nil }
            return reason
        }
    }

    private static func asker(_ viewer: Viewer) -> String {
        viewer.session.map { $0.bytes.hexadecimal } ?? "machine " + viewer.name
    }
}

extension ReasonMemory {
    /// What a request does to a case that it reads or changes.
    ///
    /// Law: nobody reads a case that is over without a reason that stands in the line of the request; who has worked on it himself until just
    /// now has one.
    ///
    /// - Parameter isOver: whether the case is over: closed, withdrawn, merged, archived, or another hospital's by now.
    /// - Throws: ``Web/SeeOther`` to the page that asks for the reason, or for a program ``Web/Problem`` with status 428.
    package func ask(
        _ request: Request, _ viewer: Viewer, _ id: CaseID, isOver: Bool, now: UInt64
    ) throws {
        let isLook = request.method == .get || request.method == .head
        guard isOver else {
            if !isLook { keep("本人刚办理此件", of: viewer, for: id, now: now) }
            return
        }
        guard isLook, !request.route.hasSuffix("/reason") else { return }
        if let given = request.headers[Self.header].map({ $0.removingPercentEncoding ?? "" }) {
            guard let reason = Self.usable(given) else {
                throw Problem(status: 400, title: "查看理由为空或过长", remedy: "请用几个字说明理由。")
            }
            keep(reason, of: viewer, for: id, now: now)
        }
        guard let reason = reason(of: viewer, for: id, now: now) else {
            if request.isCall || request.headers["X-Fragment"] != nil { throw Self.missing }
            throw SeeOther("/cases/\(id)/reason?next=\(PercentCoding.encode(request.target))")
        }
        AuditNote.current?.give(reason: reason)
        AuditNote.current?.demand()
    }

    /// A reason as it may be kept; nil for none.
    package static func usable(_ text: String) -> String? {
        let words = text.trimmingCharacters(in: .whitespacesAndNewlines)
        let isPlain = !words.unicodeScalars.contains { $0.properties.generalCategory == .control }
        return !words.isEmpty && isPlain && words.utf8.count <= Limits.reasonBytesMax ? words : nil
    }

    private static let missing = Problem(
        status: 428, title: "办件已结束，查看须说明理由",
        detail: "The case is over: reading it needs a reason, which is recorded.",
        remedy: "请说明理由后再查看。Commands: --reason TEXT. Programs: the header Reason, percent-encoded UTF-8.")
}
