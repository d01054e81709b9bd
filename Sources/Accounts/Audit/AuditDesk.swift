package import Web

/// Writes the lines of requests: what was read some at a time, within a second; everything else before it is answered.
///
/// A store that cannot be written keeps nobody from working: lines wait in memory, and are written when there is room again. What may be seen
/// only with its line (``AuditNote/demand()``, exports) is refused meanwhile. Beyond ``waitingMax`` lines are lost, and the next one that is
/// written says how many.
package actor AuditDesk {
    package typealias Write = @Sendable ([AuditLine]) async throws -> Void

    /// Lines that wait at once.
    package static let waitingMax = 10_000
    /// Refused sign-ins that leave a line in a minute; any others are counted in the next one's note. Anybody can cause them.
    package static let refusedPerMinuteMax = 30
    /// Milliseconds that what was read waits at most.
    package static let delayMilliseconds = 1000

    private var waiting: [AuditLine] = []
    private var lostCount = 0
    private var refused = (minute: UInt64(0), count: 0, dropped: 0)
    private var isDue = false

    package init() {}

    /// How many lines wait to be written.
    package var waitingCount: Int { waiting.count }

    /// Keeps a line.
    ///
    /// - Parameter isPrompt: it is committed when this returns.
    /// - Throws: what the store says; the line waits then.
    func record(_ line: AuditLine, isPrompt: Bool, _ write: @escaping Write) async throws {
        guard let line = counted(line) else { return }
        take([line])
        if isPrompt { return try await flush(write) }
        guard !isDue else { return }
        isDue = true
        Task {
            // Nobody cancels it; a line that was written before its time is none the worse.
            try? await Task.sleep(for: .milliseconds(Self.delayMilliseconds))
            await flushLater(write)
        }
    }

    /// Writes what waits: before the program ends, and before somebody looks at the log.
    package func flush(_ write: Write) async throws {
        guard !waiting.isEmpty else { return }
        var lines: [AuditLine] = []
        swap(&lines, &waiting)
        let lost = lostCount
        if lost > 0, let first = lines.first {
            var line = AuditLine(.log, at: first.milliseconds, site: first.site, route: "")
            line.note = "\(lost) lines were lost: the store could not be written"
            lines.insert(line, at: 0)
        }
        do {
            try await write(lines)
            lostCount -= lost
        } catch {
            if lost > 0 { lines.removeFirst() }
            let later = waiting
            waiting = []
            take(lines + later)
            throw error
        }
    }

    private func flushLater(_ write: Write) async {
        isDue = false
        // What cannot be written now waits for the next line.
        try? await flush(write)
    }

    private func take(_ lines: [AuditLine]) {
        let room = max(0, Self.waitingMax - waiting.count)
        waiting += lines.prefix(room)
        lostCount += max(0, lines.count - room)
    }

    /// Nil for one refused sign-in too many.
    private func counted(_ line: AuditLine) -> AuditLine? {
        guard [.signInRefused, .lockout].contains(line.kind) else { return line }
        var line = line
        let minute = line.milliseconds / 60_000
        if refused.minute != minute { (refused.minute, refused.count) = (minute, 0) }
        guard refused.count < Self.refusedPerMinuteMax else {
            refused.dropped += 1
            return nil
        }
        refused.count += 1
        if refused.dropped > 0 {
            line.note = "\(refused.dropped) more like it before"
            refused.dropped = 0
        }
        return line
    }
}

/// Sees to it that every request of a route that leaves a line leaves one: the one place of a server for it.
package struct AuditWitness: Sendable {
    let desk: AuditDesk
    let site: StaffRole.Site
    let now: @Sendable () -> UInt64
    let write: AuditDesk.Write

    /// - Parameter write: commits lines to the store, in their order.
    package init(
        _ desk: AuditDesk, site: StaffRole.Site, now: @escaping @Sendable () -> UInt64,
        write: @escaping AuditDesk.Write
    ) {
        (self.desk, self.site, self.now, self.write) = (desk, site, now, write)
    }

    /// Stands around all answers of a router from now on.
    package func watch(_ router: inout Router) {
        router.witness = { route, request, answer in await self.answer(route, request, answer) }
    }

    private func answer(
        _ route: RouteMark, _ request: Request, _ answer: () async -> Response
    ) async -> Response {
        guard let kind = AuditRule.kind(of: route) else { return await answer() }
        let note = AuditNote(kind, route, request, site: site, at: now())
        let response = await AuditNote.$current.withValue(note) { await answer() }
        guard let rest = note.rest(response) else { return response }
        do {
            try await desk.record(rest.line, isPrompt: rest.isPrompt, write)
            return response
        } catch {
            guard rest.isDemanded else { return response }
            return Self.refusal(request, error)
        }
    }

    /// - Parameter cause: what the store says, which never holds a value.
    private static func refusal(_ request: Request, _ cause: any Error) -> Response {
        let problem = Problem(
            status: 503, title: "审计日志暂时无法写入，不能查看已结束的办件，也不能导出",
            detail: "The line of the audit log could not be written: \(cause)", remedy: "请联系技术人员检查磁盘空间后再试。")
        guard !request.isCall else { return problem.response }
        return .text(
            [problem.title, problem.remedy].compactMap(\.self).joined(separator: "。") + "\n", status: 503)
    }
}
