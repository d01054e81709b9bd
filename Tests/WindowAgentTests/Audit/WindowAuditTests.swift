import Accounts
import Casework
import Cryptography
import Foundation
import SealedWindow
import SyncProtocol
import Testing
import Web

@testable import Persistence
@testable import WindowAgent

extension WindowStore {
    /// All lines but those about the log itself, the last first.
    func auditTrail() throws -> [AuditLine] {
        try auditLines(before: nil, countMax: 1000, caseID: nil, AuditFilter()).lines.compactMap(\.line)
            .filter { $0.kind != .log }
    }

    /// What somebody with the file in his hands does to it.
    func spoil(_ body: (Database) throws -> Void) throws { try body(database) }
}

@Suite("The audit log of a window", .timeLimit(.minutes(3)))
struct WindowAuditTests {
    private let fixture: AccountFixture

    init() async throws { fixture = try await AccountFixture() }

    private var store: WindowStore { fixture.window.store }

    private func flush() async throws { _ = try await fixture.window.call(.get, "/api/v1/audit?limit=1") }

    /// The lines of the one who asks in ``everyRoute()``, the last first.
    private func mine() async throws -> [AuditLine] {
        try await flush()
        return try await store.auditTrail().filter { $0.who == "all" }
    }

    @Test(
        "Every route leaves exactly one line of the kind that its registration says, or none where that says so"
    )
    func everyRoute() async throws {
        try await fixture.sign(
            Account(name: "all", displayName: "全", roles: [.issuer, .supervisor, .technician]))
        var (recorded, silent) = (0, 0)
        for route in fixture.window.router.routed where route.access != Permit.anyone.label {
            let requests = fixture.window.router.requests([:])
            guard
                let plain = requests.first(where: {
                    $0.request.method == route.method
                        && fixture.window.router.pattern(for: $0.request) == route.pattern
                })?.request
            else { continue }
            var request = plain
            for field in try await fixture.session(of: "all").fields {
                request.headers[field.name] = field.value
            }
            if request.segments.first != "api", request.method == .post {
                request.headers["Content-Type"] = "application/x-www-form-urlencoded"
            }
            let before = try await mine().count
            let response = await fixture.window.router.respond(to: request)
            let all = try await mine()
            let own = all.prefix(all.count - before)
            let place: Comment = "\(route.method.rawValue) \(route.pattern) answered \(response.status)"
            if let kind = AuditRule.kind(of: route) {
                recorded += 1
                #expect(own.count == 1, place)
                #expect(own.first?.route == "\(route.method.rawValue) \(route.pattern)", place)
                #expect(own.first?.kind == kind || own.first?.kind == .export, place)
                #expect(own.first?.who == "all", place)
                #expect((own.first?.status != nil) == (response.status >= 400), place)
            } else {
                silent += 1
                #expect(own.isEmpty, place)
            }
        }
        #expect(recorded > 60 && silent > 8, "\(recorded) \(silent)")
    }

    @Test("A change has its line in its own transaction: with the case, who, and where")
    func change() async throws {
        try await fixture.sign(Account(name: "li", displayName: "李", roles: [.clerk]))
        let session = try await fixture.session(of: "li")
        let answer = await fixture.respond(
            .post, "/api/v1/cases?policy=gx-yongfu", session, #"{"childName": "测试一"}"#)
        #expect(answer.status == 201)
        let line = try #require(try await store.auditTrail().first { $0.kind == .change })
        let id = try #require(line.cases.first)
        #expect(line.who == "li" && line.roles == ["clerk"] && line.status == nil && line.action == .editCase)
        #expect(try await store.state(of: id).texts("childName", in: .standard) == ["测试一"])
    }

    @Test("A transaction that fails leaves neither change nor line; the refusal is told by itself")
    func failed() async throws {
        let id = try await fixture.window.newCase()
        let before = try await store.auditTrail().filter { $0.kind == .change }.count
        let answer = try await fixture.window.call(
            .patch, "/api/v1/cases/\(id)", #"{"set": {"nonsense": "1"}}"#)
        #expect(answer.status >= 400)
        let lines = try await store.auditTrail().filter { $0.kind == .change }
        #expect(lines.count == before + 1 && lines.first?.status == UInt64(answer.status))
    }

    @Test("A log that takes no line keeps nobody from saving; the line comes later")
    func savingGoesOn() async throws {
        _ = try await fixture.window.newCase()
        try await store.spoil {
            try $0.execute(
                "CREATE TRIGGER stop BEFORE INSERT ON audit_line BEGIN SELECT RAISE(ABORT, 'no'); END")
        }
        let id = try await fixture.window.newCase(#"{"childName": "测试二"}"#)
        #expect(try await store.state(of: #require(CaseID(id))).count == 1)
        try await store.spoil { try $0.execute("DROP TRIGGER stop") }
        try await flush()
        let lines = try await store.auditTrail().filter { $0.cases.first?.description == id }
        #expect(lines.map(\.kind) == [.change])
        #expect(try await store.verifyAudit()?.isWhole == true)
    }

    @Test(
        "Signing in and out, and being refused, is there; what was typed in the place of an unknown name is not"
    )
    func signingIn() async throws {
        func attempt(_ user: String) async -> Int {
            var headers = Headers()
            headers["Content-Type"] = "application/json"
            return await fixture.respond(
                .post, "/api/v1/session", headers, #"{"user": "\#(user)", "password": "wrong horse"}"#
            ).status
        }
        try await fixture.sign(Account(name: "li", displayName: "李", roles: [.clerk]))
        #expect(await attempt("li") == 401)
        #expect(await attempt("mypassword123") == 401)
        let session = try await fixture.session(of: "li")
        #expect(await fixture.respond(.delete, "/api/v1/session", session).status == 204)
        try await flush()
        let lines = try await store.auditTrail().filter {
            [.signIn, .signInRefused, .signOut].contains($0.kind)
        }
        #expect(lines.map(\.kind) == [.signOut, .signInRefused, .signInRefused])
        #expect(lines.map(\.who) == ["li", "", "li"])
    }

    @Test(
        "A line that was altered, removed, moved or put in from elsewhere in the file is found; a cut tail by the anchor",
        arguments: UInt64(1)..<5)
    func spoilt(number: UInt64) async throws {
        for count in 0..<6 { _ = try await fixture.window.newCase(#"{"childName": "测试\#(count)"}"#) }
        try await flush()
        let head = try #require(try await store.auditHead())
        #expect(try await store.verifyAudit(anchors: [head.anchor])?.isWhole == true)
        let line = SQLiteValue.integer(Int64(number))
        let ways: [(String, @Sendable (Database) throws -> Void)] = [
            (
                "altered",
                {
                    try $0.execute(
                        "UPDATE audit_line SET line = zeroblob(length(line)) WHERE sequence = ?", line)
                }
            ),
            ("time", { try $0.execute("UPDATE audit_line SET at = at + 1 WHERE sequence = ?", line) }),
            (
                "copied over",
                {
                    try $0.execute(
                        "UPDATE audit_line SET line = (SELECT line FROM audit_line WHERE sequence = 6) WHERE sequence = ?",
                        line)
                }
            ),
            ("removed", { try $0.execute("DELETE FROM audit_line WHERE sequence = ?", line) }),
            (
                "put in",
                {
                    try $0.execute(
                        "INSERT INTO audit_line (sequence, at, line, chain) SELECT 10000, at, line, chain FROM audit_line WHERE sequence = ?",
                        line)
                }
            ),
        ]
        for (name, way) in ways {
            let copy = fixture.window.machine.path() + "-\(name)-\(number)"
            try await store.spoil { try $0.execute("VACUUM INTO ?", .text(copy)) }
            let other = try WindowStore(
                path: copy, dictionary: .standard, environment: fixture.window.machine.environment)
            try await other.spoil(way)
            #expect(try await other.verifyAudit()?.isWhole == false, "\(name) \(number)")
        }
        // The end is cut off, and what the store notes of it is made to fit.
        let copy = fixture.window.machine.path() + "-cut-\(number)"
        try await store.spoil { try $0.execute("VACUUM INTO ?", .text(copy)) }
        let other = try WindowStore(
            path: copy, dictionary: .standard, environment: fixture.window.machine.environment)
        try await other.spoil {
            try $0.execute("DELETE FROM audit_line WHERE sequence > ?", line)
            try $0.execute(
                "UPDATE audit_log SET sequence = ?, chain = (SELECT chain FROM audit_line WHERE sequence = ?)",
                line, line)
        }
        #expect(try await other.verifyAudit()?.isWhole == true)
        let found = try #require(try await other.verifyAudit(anchors: [head.anchor]))
        #expect(found.faults.map(\.fault) == [.cut])
    }

    @Test(
        "Old lines are cut off the front and nothing else; the log stays whole, says so, and its anchors hold"
    )
    func retention() async throws {
        for count in 0..<4 { _ = try await fixture.window.newCase(#"{"childName": "测试\#(count)"}"#) }
        try await flush()
        let old = try #require(try await store.auditHead())
        #expect(try await store.cutAudit() == 0)
        fixture.window.machine.pass(milliseconds: (AuditRetention.days + 1) * 86_400_000)
        _ = try await fixture.window.newCase()
        #expect(try await store.cutAudit() == Int(old.end.sequence))
        let verdict = try #require(try await store.verifyAudit(anchors: [old.anchor]))
        #expect(verdict.isWhole && verdict.first == old.end.sequence + 1, "\(verdict.faults)")
        let notes = try await store.auditLines(before: nil, countMax: 9, caseID: nil, AuditFilter()).lines
            .compactMap(\.line?.note)
        #expect(notes.contains("cut through \(old.end.sequence)"))
    }

    @Test("The log goes on after a restart, and says that it was opened")
    func reopened() async throws {
        _ = try await fixture.window.newCase()
        let first = try #require(try await store.auditHead())
        let again = try await fixture.window.machine.open()
        // As the agent does when it starts.
        #expect(try await again.cutAudit() == 0)
        try await again.record([AuditLine(.read, at: 1, site: .window, route: "r")])
        let head = try #require(try await again.auditHead())
        #expect(head.log == first.log && head.end.sequence == first.end.sequence + 2)
        #expect(try await again.verifyAudit(anchors: [first.anchor])?.isWhole == true)
    }

    @Test("Statements find their lines by a key and sort nothing")
    func plans() async throws {
        let id = try await fixture.window.newCase()
        let again = try await fixture.window.machine.open()
        _ = try await again.auditLines(before: nil, countMax: 5, caseID: nil, AuditFilter())
        _ = try await again.auditLines(before: nil, countMax: 5, caseID: CaseID(id), AuditFilter())
        _ = try await again.verifyAudit()
        let plans = try await again.plans().filter { $0.sql.contains("FROM audit_line") }
        #expect(plans.count >= 4)
        for plan in plans {
            #expect(!plan.steps.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
            #expect(plan.steps.allSatisfy { $0.hasPrefix("SEARCH") }, "\(plan)")
        }
    }
}
