import Foundation
import SyncProtocol
import Testing
import Web

@testable import CentralServer

@Suite("The fleet over HTTP")
struct FleetAPITests {
    private let world: World
    private let router: Router
    private let staff: Token

    init() throws {
        world = try World()
        staff = Token(world.environment)
        router = world.api(for: staff).router { _, _ in }
    }

    private func get(_ target: String, isStaff: Bool = true, from address: String = "127.0.0.1") async
        -> Response
    {
        await router.respondByContract(
            to: Request(
                .get, target, headers: isStaff ? ["Authorization": "Bearer \(staff.text)"] : [:],
                remoteAddress: address))
    }

    private func rows(_ response: Response) throws -> [[String]] {
        var reader = try CSVReader(response.body)
        return try reader.rows()
    }

    @Test("Fleet, overdue and statistics come as JSON and as tables that a strict reader takes")
    func tables() async throws {
        let year = try await Year(world)
        year.come(to: "2026-09-29")
        for target in [
            "/api/v1/fleet", "/api/v1/overdue", "/api/v1/statistics?from=2026-09-01&to=2026-09-30&by=month",
        ] {
            #expect(await get(target).status == 200, "\(target)")
            #expect(await get(target, isStaff: false).status == 401, "\(target)")
            let table = await get(target + (target.contains("?") ? "&" : "?") + "format=csv")
            #expect(table.headers["Content-Type"] == CSVWriter.mediaType)
            #expect(try rows(table).count > 1, "\(target)")
        }
        #expect(try rows(await get("/api/v1/overdue?format=csv")).count == 4)
        #expect(await get("/api/v1/fleet/H1").status == 200)
        #expect(await get("/api/v1/fleet/H9").status == 404)
        let page = try JSONSerialization.jsonObject(with: Data(await get("/api/v1/overdue?limit=1").body))
        let next = try #require((page as? [String: Any])?["next"] as? String)
        #expect(await get("/api/v1/overdue?limit=1&after=\(next)").status == 200)
    }

    @Test(
        "What cannot be asked is refused",
        arguments: [
            "/api/v1/fleet?state=bad", "/api/v1/overdue?within=61", "/api/v1/overdue?within=-1",
            "/api/v1/overdue?after=x", "/api/v1/statistics",
            "/api/v1/statistics?from=2026-09-30&to=2026-09-01",
            "/api/v1/statistics?from=2006-09-30&to=2026-09-01",
            "/api/v1/statistics?from=2026-09-01&to=2026-09-02&by=day",
        ])
    func refused(target: String) async {
        #expect(await get(target).status == 400, "\(target)")
    }

    @Test("Metrics are for this machine and for staff; they name no case")
    func metrics() async throws {
        let year = try await Year(world)
        _ = await get("/api/v1/cases/\(year.open)")
        #expect(await get("/metrics", isStaff: false, from: "10.0.0.9").status == 401)
        #expect(await get("/metrics", from: "10.0.0.9").status == 200)
        let response = await get("/metrics", isStaff: false)
        let text = String(decoding: response.body, as: UTF8.self)
        #expect(response.headers["Content-Type"] == MetricsText.mediaType)
        for line in [
            #"birthcentral_feed_position{hospital="H1"}"#, #"birthcentral_queue_size{queue="conflicts"} 0"#,
            #"birthcentral_requests_total{method="GET",route="/api/v1/cases/{id}",status="200"} 1"#,
            #"birthcentral_refusals_total{problem="unauthorised"} 1"#,
        ] { #expect(text.contains(line), "\(line)") }
        #expect(!text.contains(year.open.description))
    }
}
