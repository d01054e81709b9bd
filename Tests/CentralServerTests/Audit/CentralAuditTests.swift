import Accounts
import Casework
import Cryptography
import SyncProtocol
import Testing
import Web

@testable import CentralServer

@Suite("Central's audit log", .timeLimit(.minutes(3)))
struct CentralAuditTests {
    private let fixture: CentralAccountFixture

    init() throws { fixture = try CentralAccountFixture() }

    private var audit: CentralAudit { fixture.api.auditSite }
    private var machine: Headers {
        ["Authorization": "Bearer \(CentralAccountFixture.staff?.text ?? "")", "Operator": "zhang"]
    }

    /// All lines but those about the log itself, the last first.
    private func trail(of who: String) async throws -> [AuditLine] {
        try await audit.flush()
        var filter = AuditFilter()
        filter.user = who
        return try await audit.lines(before: nil, countMax: 1000, caseID: nil, filter).lines.compactMap(
            \.line)
    }

    @Test(
        "Every route leaves exactly one line of the kind that its registration says, or none where that says so"
    )
    func everyRoute() async throws {
        _ = try await fixture.api.departmentDesk.add("police", name: "公安")
        try await fixture.sign(
            Account(
                name: "all", displayName: "全",
                roles: [.merger, .officer, .administrator, .auditor, .technician], department: "police"))
        var (recorded, silent) = (0, 0)
        for route in fixture.router.routed
        where ![Permit.anyone.label, Permit.device.label].contains(route.access) {
            guard
                let plain = fixture.requests([:]).first(where: {
                    $0.request.method == route.method
                        && fixture.router.pattern(for: $0.request) == route.pattern
                })?.request
            else { continue }
            var request = plain
            for field in try await fixture.session(of: "all").fields {
                request.headers[field.name] = field.value
            }
            if request.segments.first != "api", request.method == .post {
                request.headers["Content-Type"] = "application/x-www-form-urlencoded"
            }
            let before = try await trail(of: "all").count
            let response = await fixture.router.respond(to: request)
            let all = try await trail(of: "all")
            let own = all.prefix(all.count - before)
            let place: Comment = "\(route.method.rawValue) \(route.pattern) answered \(response.status)"
            if let kind = AuditRule.kind(of: route) {
                recorded += 1
                #expect(own.count == 1, place)
                #expect(own.first?.route == "\(route.method.rawValue) \(route.pattern)", place)
                #expect(own.first?.kind == kind || own.first?.kind == .export, place)
                #expect((own.first?.status != nil) == (response.status >= 400), place)
            } else {
                silent += 1
                #expect(own.isEmpty, place)
            }
        }
        #expect(recorded > 60 && silent > 4, "\(recorded) \(silent)")
    }

    @Test("What somebody does is committed with its line; what fails leaves only the refusal")
    func acts() async throws {
        let added = await fixture.respond(
            .post, "/api/v1/hospitals", machine, #"{"code": "H1", "name": "医院"}"#)
        #expect(added.status < 300)
        let again = await fixture.respond(
            .post, "/api/v1/hospitals", machine, #"{"code": "H1", "name": "另一家"}"#)
        let lines = try await trail(of: "zhang").filter { $0.kind == .administration }
        #expect(lines.count == 2 && lines.last?.status == nil && lines.last?.isMachine == true)
        #expect(lines.first?.status == (again.status >= 400 ? UInt64(again.status) : nil))
    }

    @Test(
        "The log is whole; a line that was altered or removed is found; its end is anchored in central's own record"
    )
    func chain() async throws {
        for count in 0..<5 {
            _ = await fixture.respond(
                .post, "/api/v1/hospitals", machine, #"{"code": "H\#(count)", "name": "医院"}"#)
        }
        #expect(try await audit.verdict(anchors: [])?.isWhole == true)
        try await fixture.api.auditKeeper.tellIfDue()
        let told = try await audit.own()
        #expect(told.count == 1)
        // Nothing new is told twice; more lines a day later are told again.
        try await fixture.api.auditKeeper.tellIfDue()
        #expect(try await audit.own().count == 1)
        let verdict = try #require(try await audit.verdict(anchors: []))
        #expect(verdict.isWhole && verdict.anchors == 1)
        let answer = await fixture.respond(
            .post, "/api/v1/audit/verdict", machine.with("Content-Type", "application/json"), "{}")
        #expect(answer.status == 200)
    }

    @Test("Where a window's log stands is kept, never altered, and shown with what is wrong by it alone")
    func anchors() async throws {
        let ward = try await fixture.world.hospital("H1")
        let store = fixture.world.store, device = ward.device.id
        let log = [UInt8](repeating: 7, count: 16)
        for (number, value) in [(3, 1), (9, 2), (9, 2), (5, 3)] as [(UInt64, UInt64)] {
            let anchor = AuditAnchor(log: log, sequence: number, value: Digest(words: (0, 0, 0, value)))
            fixture.world.clock.withLock { $0 += 1000 }
            let now = fixture.world.environment.now()
            try await store.write { transaction throws(CentralError) in
                try transaction.put(anchor, of: device, milliseconds: now)
            }
        }
        let kept = try await audit.anchors(of: "H1")
        #expect(kept.map(\.anchor.sequence) == [3, 9, 5])
        #expect(KeptAnchor.faults(of: kept).map(\.fault) == [.cut])
        await #expect(throws: (any Error).self) { try await audit.anchors(of: "H9") }
    }

    @Test("Old lines are cut off the front; the log stays whole and says so")
    func retention() async throws {
        _ = await fixture.respond(.post, "/api/v1/hospitals", machine, #"{"code": "H1", "name": "医院"}"#)
        fixture.world.clock.withLock { $0 += (AuditRetention.days + 1) * 86_400_000 }
        _ = await fixture.respond(.post, "/api/v1/hospitals", machine, #"{"code": "H2", "name": "医院"}"#)
        #expect(try await fixture.api.auditKeeper.cut() > 0)
        #expect(try await fixture.api.auditKeeper.cut() == 0)
        let verdict = try #require(try await audit.verdict(anchors: []))
        #expect(verdict.isWhole && verdict.first > 1)
    }

    @Test("A case that is over is shown for a reason only")
    func reasons() async throws {
        let ward = try await fixture.world.hospital("H1")
        var pen = WindowPen(ward)
        let id = fixture.world.newCase()
        let group = try #require(FieldDictionary.standard.group(named: "withdrawal")).id.rawValue
        try await pen.push([group: ([.text("2026-09-22"), .null], [])], on: id)
        #expect(await fixture.status(.get, "/api/v1/cases/\(id)", machine) == 428)
        #expect(
            await fixture.status(
                .get, "/api/v1/cases/\(id)", machine.with("Reason", PercentCoding.encode("上级检查"))) == 200)
        #expect(try await trail(of: "zhang").contains { $0.reason == "上级检查" && $0.cases == [id] })
    }
}

extension Headers {
    fileprivate func with(_ name: String, _ value: String) -> Headers {
        var headers = self
        headers[name] = value
        return headers
    }
}
