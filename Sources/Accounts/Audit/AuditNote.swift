package import SyncProtocol
import Web

/// What the line of the request that is being answered says so far: whoever learns something of it adds it. There is one for each request
/// of a route that leaves a line, and it goes with the task that answers.
package final class AuditNote: Sendable {
    @TaskLocal package static var current: AuditNote?

    private struct Content {
        var line: AuditLine
        /// It is known who asks.
        var isKnown = false
        /// A store has committed the line.
        var isWritten = false
        /// What is answered may be seen only if the line is on the disk.
        var isDemanded = false
    }

    private let content: Guarded<Content>

    init(_ kind: AuditKind, _ route: RouteMark, _ request: Request, site: StaffRole.Site, at now: UInt64) {
        var line = AuditLine(kind, at: now, site: site, route: "\(route.method.rawValue) \(route.pattern)")
        switch route.access.flatMap(Permit.init) {
        case .local(let action), .department(let action), .allowed(let action): line.action = action
        default: break
        }
        line.isLocal = Loopback.contains(host: request.remoteAddress)
        let given = request.parameters
        for name in ["id", "first", "second"] {
            if let id = given[name].flatMap({ CaseID($0) }) { line.touch(id) }
        }
        if let code = given["code"] {
            if route.pattern.contains("/departments/") { line.object = code } else { line.hospital = code }
        }
        line.hospital = line.hospital ?? request.query["hospital"].flatMap { Self.word($0) }
        line.account = given["name"].flatMap { AccountRules.isName($0) ? $0 : nil }
        line.object = line.object ?? (given["kind"] ?? given["quarter"]).flatMap { Self.word($0) }
        content = Guarded(Content(line: line))
    }

    /// A code, if it is one: nothing that somebody typed in its place.
    private static func word(_ text: String) -> String? {
        let isWord = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        return isWord && text.utf8.count <= 64 ? text : nil
    }

    // MARK: What is learnt

    /// Who asks.
    package func know(_ viewer: Viewer) {
        content.withLock { content in
            content.isKnown = true
            content.line.who = viewer.name
            content.line.isMachine = viewer.account == nil
            content.line.roles = (viewer.account?.roles ?? []).map(\.rawValue).sorted()
            content.line.department = viewer.account?.department
        }
    }

    /// A department asks by its own token.
    ///
    /// - Parameter name: whom its program names.
    package func know(department code: String, _ name: String) {
        content.withLock { content in
            (content.isKnown, content.line.isMachine) = (true, true)
            (content.line.department, content.line.who) = (code, name)
        }
    }

    /// Somebody tries to sign in. What is typed in the place of a name that does not exist may be a password, and is not kept.
    package func attempt(_ name: String?) {
        content.withLock { $0.line.who = name ?? "" }
    }

    package func noteLockout() { content.withLock { $0.line.kind = .lockout } }

    /// A case that the request touches.
    package func touch(_ id: CaseID) { content.withLock { $0.line.touch(id) } }

    package func give(reason: String) { content.withLock { $0.line.reason = reason } }

    /// The answer may be seen only if the line is on the disk.
    package func demand() { content.withLock { $0.isDemanded = true } }

    package var kind: AuditKind { content.withLock { $0.line.kind } }

    // MARK: Writing

    /// The line of what a transaction changes, to be written in it; nil if there is nothing to write with it.
    package var lineOfChange: AuditLine? {
        content.withLock { content in
            guard content.isKnown, !content.isWritten, content.line.kind.changesSomething else { return nil }
            return content.line
        }
    }

    /// The transaction was committed, the line with it.
    package func noteWritten() { content.withLock { $0.isWritten = true } }

    /// What is left to write when the answer is there.
    struct Rest: Hashable, Sendable {
        let line: AuditLine
        /// It is on the disk before the answer goes out.
        let isPrompt: Bool
        /// Without it there is no such answer.
        let isDemanded: Bool
    }

    /// Nil if nothing is: the line is written, or nobody was let in.
    func rest(_ response: Response) -> Rest? {
        content.withLock { content in
            var line = content.line
            let isRefused = response.status >= 400
            let isAttempt = [.signIn, .lockout].contains(line.kind)
            // Who is known to nobody and only sent to sign in has seen nothing.
            guard content.isKnown || isAttempt, !content.isWritten || isRefused else { return nil }
            // What goes on in the background writes nothing of this request any more.
            content.isWritten = true
            if isRefused { line.status = UInt64(response.status) }
            if line.kind == .signIn, isRefused { line.kind = .signInRefused }
            if line.kind == .read, !isRefused { line.kind = Self.kind(ofAnswer: response) }
            let isExport = line.kind == .export && !isRefused
            // A command's process may end with the answer.
            let isPlain = !line.isMachine && (line.kind == .read && !content.isDemanded || isRefused)
            return Rest(
                line: line, isPrompt: !isPlain, isDemanded: (content.isDemanded || isExport) && !isRefused)
        }
    }

    /// A list that leaves as a file is an export, whatever asked for it.
    private static func kind(ofAnswer response: Response) -> AuditKind {
        let type = response.headers["Content-Type"] ?? ""
        if type.hasPrefix("text/csv") || type.hasPrefix("application/zip") { return .export }
        return type.hasPrefix("application/pdf") ? .print : .read
    }
}
