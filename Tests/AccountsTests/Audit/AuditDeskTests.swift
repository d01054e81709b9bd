import SyncProtocol
import Testing
import Web

@testable import Accounts

@Suite("Writing lines")
struct AuditDeskTests {
    struct NoRoom: Error {}

    /// A store that can be full.
    actor Store {
        private(set) var lines: [AuditLine] = []
        var isFull = false
        func fill(_ isFull: Bool) { self.isFull = isFull }
        func write(_ lines: [AuditLine]) throws {
            if isFull { throw NoRoom() }
            self.lines += lines
        }
    }

    private let store = Store()
    private let desk = AuditDesk()

    private func router(_ recorded: AuditKind, _ permit: Permit, demands: Bool = false) -> Router {
        var router = Router()
        router.on(.get, "/x/{id}", access: permit.label, recorded: recorded.rawValue) { _ in
            AuditNote.current?.know(
                Viewer(
                    account: Account(name: "li", displayName: "李", roles: [.clerk]), name: "li",
                    site: .window, formToken: ""))
            if demands { AuditNote.current?.demand() }
            return .text("seen")
        }
        AuditWitness(desk, site: .window, now: { 1 }) { [store] in try await store.write($0) }.watch(&router)
        return router
    }

    private let request = Request(.get, "/x/0199f000-0000-7000-8000-000000000001", remoteAddress: "192.0.2.7")

    @Test(
        "What was read is answered at once and written in a moment; nobody works less while the disk is full")
    func reads() async throws {
        let router = router(.read, .allowed(.readCase))
        await store.fill(true)
        #expect(await router.respond(to: request).status == 200)
        await #expect(throws: NoRoom.self) { try await desk.flush { try await store.write($0) } }
        #expect(await desk.waitingCount == 1)
        await store.fill(false)
        #expect(await router.respond(to: request).status == 200)
        try await desk.flush { try await store.write($0) }
        let lines = await store.lines
        #expect(lines.count == 2 && lines.allSatisfy { $0.who == "li" && $0.kind == .read && !$0.isLocal })
        #expect(lines.first?.cases.count == 1)
    }

    @Test(
        "An export, and a case that is over, is shown only with its line on the disk",
        arguments: [AuditKind.export, .read])
    func demanded(kind: AuditKind) async throws {
        let router = router(kind, .allowed(.exportCases), demands: kind == .read)
        await store.fill(true)
        let refused = await router.respond(to: request)
        #expect(refused.status == 503 && !String(decoding: refused.body, as: UTF8.self).contains("seen"))
        await store.fill(false)
        #expect(await router.respond(to: request).status == 200)
        #expect(await store.lines.count == 2)  // the one that waited, too
    }

    @Test(
        "Who is known to nobody leaves no line but an attempt to sign in; of a flood of those some are counted only"
    )
    func attempts() async throws {
        var router = Router()
        router.on(.post, "/sign-in", access: Permit.anyone.label, recorded: AuditKind.signIn.rawValue) { _ in
            AuditNote.current?.attempt(nil)
            throw Problem(status: 401, title: "no")
        }
        router.on(.get, "/y", access: Permit.allowed(.readCase).label) { _ in throw SeeOther("/sign-in") }
        AuditWitness(desk, site: .window, now: { 1 }) { [store] in try await store.write($0) }.watch(&router)
        for _ in 0..<100 { _ = await router.respond(to: Request(.post, "/sign-in")) }
        _ = await router.respond(to: Request(.get, "/y"))
        try await desk.flush { try await store.write($0) }
        let lines = await store.lines
        #expect(lines.count == AuditDesk.refusedPerMinuteMax)
        #expect(lines.allSatisfy { $0.kind == .signInRefused && $0.status == 401 && $0.who.isEmpty })
    }

    @Test("Lines beyond the limit are lost, and the log says how many")
    func lost() async throws {
        await store.fill(true)
        let line = AuditLine(.read, at: 1, site: .window, route: "r")
        for _ in 0..<(AuditDesk.waitingMax + 5) {
            try? await desk.record(line, isPrompt: false) { [store] in try await store.write($0) }
        }
        await store.fill(false)
        try await desk.flush { try await store.write($0) }
        let lines = await store.lines
        #expect(lines.count == AuditDesk.waitingMax + 1)
        #expect(lines.first?.kind == .log && lines.first?.note?.hasPrefix("5 lines") == true)
    }

    @Test("Every action of the table leaves a line of some kind, but those that are about no person")
    func rule() {
        for action in Action.allCases {
            for method in [Web.Method.get, .post] {
                let mark = RouteMark(method, "/x", access: Permit.allowed(action).label)
                let isOfNobody = [.readRules, .readStatus, .readFleet].contains(action)
                #expect((AuditRule.kind(of: mark) == nil) == isOfNobody, "\(action)")
            }
        }
        #expect(!AuditRule.isDecided(RouteMark(.post, "/x", access: Permit.anyone.label)))
        #expect(AuditRule.isDecided(RouteMark(.get, "/x", access: Permit.anyone.label)))
    }
}
