import Accounts
import Casework
import Persistence
import SyncProtocol
import Testing
import Web

@testable import CentralServer

@Suite("What lists cost")
struct ListStatementTests {
    /// Lists that go through all there is, a page at a time: their statements grow with it, one for so many cases.
    private static let paged: Set<String> = [
        // Which numbers are shared or outside the ranges is seen by going through their holders, page by page.
        "GET /api/v1/collisions", "GET /rules",
        // Who is over is looked at page by page, until enough are due.
        "GET /api/v1/archive/plan",
    ]

    /// What a route needs to answer.
    private static let queries = [
        "/api/v1/statistics": "?from=2026-09-01&to=2026-10-31",
        "/statistics": "?from=2026-09-01&to=2026-10-31",
        "/api/v1/departments/{code}/tasks": "?limit=50",
        "/api/v1/cases": "?limit=50", "/api/v1/desk/queue": "?limit=50", "/api/v1/duplicates": "?limit=50",
        "/api/v1/overdue": "?limit=50&within=10", "/api/v1/collisions": "?limit=50",
    ]

    @Test(
        "A list of many cases costs as many statements as one of few: every call of the API, and every page")
    func constant() async throws {
        let few = try await Office(cases: 10).counts(Self.queries)
        let many = try await Office(cases: 200).counts(Self.queries)
        // Elsewhere statements are not counted.
        guard few.values.contains(where: { $0 > 0 }) else { return }
        #expect(few.count > 30 && few.keys == many.keys, "\(few.keys.sorted())")
        for (route, count) in few.sorted(by: { $0.key < $1.key }) {
            let most = Self.paged.contains(route) ? count + 20 : count
            #expect(many[route] ?? .max <= most, "\(route): \(count) of 10 cases, \(many[route] ?? 0) of 200")
        }
    }

    /// Central's people, and cases with everything in them that lists show.
    private struct Office {
        let fixture: CentralPageFixture
        var world: World { fixture.world }
        private let visitors: [CentralPageFixture.Visitor]

        init(cases count: Int) async throws {
            fixture = try CentralPageFixture()
            visitors = [
                try await fixture.sign(.merger), try await fixture.sign(.administrator),
                try await fixture.sign(.officer), try await fixture.sign(.auditor),
                try await fixture.sign(.technician),
            ]
            let world = fixture.world
            for code in ["police", "health"] { _ = try await world.departmentDesk.add(code, name: code) }
            let ward = try await world.hospital("H1")
            _ = try await world.stockDesk.assign(
                try CertificateRange(
                    first: try #require(CertificateNumber("Z000000001")),
                    last: try #require(CertificateNumber("Z000000005"))), to: "H1", by: "x")
            let (first, second) = try Self.writers(count, world)
            try await ward.push(first.run())
            try await ward.push(second.run())
            // Nobody gave a receipt for it, and no more can be read of it than its name.
            var forged = Writer(3)
            for _ in 0..<count { try forged.write(world.newCase(), [20: (CBOR.name("x"), [])]) }
            for change in forged.changes {
                try await ward.push(
                    .foreign(change, try #require(Receipt(bytes: [UInt8](repeating: 1, count: 16)))))
            }
            world.clock.withLock { $0 += 40 * 86_400_000 }
        }

        private static func writers(_ count: Int, _ world: World) throws -> (Writer, Writer) {
            var (first, second) = (Writer(1), Writer(2))
            for number in 0..<count {
                let caseID = world.newCase()
                var writes = Year.accepted(["birthCert", "hukou"])
                writes[3] = ([.text("N-\(number / 2)")], [])
                writes[39] = ([.text("Z00000\(1000 + number)")], [])
                writes[20] = (CBOR.name("a"), [])
                if number % 4 == 0 { writes[14] = ([.text("2026-09-23"), .null], []) }
                try first.write(caseID, writes)
                try second.write(caseID, [20: (CBOR.name("b"), [])])
            }
            return (first, second)
        }

        /// Of each route of a list that somebody may see.
        func counts(_ queries: [String: String]) async throws -> [String: Int] {
            var router = fixture.accounts.router
            // Lines of the audit log are written in their own time.
            router.witness = { _, _, answer in await answer() }
            var counts: [String: Int] = [:]
            for route in router.routed
            where route.method == .get
                && !route.pattern.replacing("departments/{code}", with: "").contains("{")
            {
                let target =
                    route.pattern.replacing("{code}", with: "police") + (queries[route.pattern] ?? "")
                if let count = try await count(target, router) { counts["GET \(route.pattern)"] = count }
            }
            return counts
        }

        /// Of the first who may see it, the second time; nil if nobody may.
        private func count(_ target: String, _ router: Router) async throws -> Int? {
            let staff: Headers = ["Authorization": "Bearer " + String(repeating: "ab", count: 32)]
            for headers in [staff] + visitors.map(\.headers) {
                let request = Request(.get, target, headers: headers)
                guard await router.respond(to: request).status == 200 else { continue }
                let before = try await statements()
                _ = await router.respond(to: request)
                return try await statements() - before
            }
            return nil
        }

        private func statements() async throws -> Int {
            try await world.store.read { transaction in
                guard let transaction = transaction as? SQLiteTransaction,
                    case .file(let database) = transaction.session.database
                else { return 0 }
                return database.statementCount
            }
        }
    }
}
