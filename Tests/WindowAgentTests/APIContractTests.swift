import Casework
import Contract
import Testing
import Web

@testable import WindowAgent

@Suite("The window's OpenAPI document")
struct APIContractTests {
    private func agent() throws -> (Agent, TestMachine) {
        let place = try TestMachine()
        let agent = try Agent(
            directory: AgentDirectory(path: place.directory), token: "secret", environment: place.environment
        ) { _, _ in }
        return (agent, place)
    }

    /// Pages and their files are for people, and no part of the contract.
    private static func isPage(_ pattern: String) -> Bool {
        !pattern.hasPrefix("/api/") && !["/healthz", "/metrics"].contains(pattern)
    }

    @Test("Every route but pages is in the document, and everything in the document is a route")
    func routes() throws {
        let (agent, place) = try agent()
        defer { withExtendedLifetime(place) {} }
        // Pages are for people.
        let routed = Set(agent.router.routed.map { APIContract.Place($0.method, $0.pattern) }).filter {
            place in
            ["/api/", "/healthz", "/metrics"].contains { place.path.hasPrefix($0) }
        }
        let described = APIContract.window.places
        #expect(routed.subtracting(described).isEmpty, "routes that no file of API/OpenAPI describes")
        #expect(described.subtracting(routed).isEmpty, "described, and no route")
    }

    @Test("The document is served without a token; everything else asks for it, and keeps to the document")
    func served() async throws {
        let (agent, place) = try agent()
        defer { withExtendedLifetime(place) {} }
        let response = await agent.router.respond(to: Request(.get, "/api/v1/openapi.json"))
        #expect(response.status == 200 && response.body == APIContract.window.document)
        for (target, status) in [
            ("/api/v1/cases?limit=1001", 400), ("/api/v1/cases?sort=name", 400),
            ("/api/v1/cases?departed=maybe", 400),
            ("/api/v1/outbox?limit=-1", 400), ("/api/v1/due?limit=1", 200),
        ] {
            #expect(await agent.router.respond(to: Request(.get, target)).status == 401)
            let request = Request(.get, target, headers: ["Authorization": "Bearer secret"])
            #expect(await agent.router.respondByContract(to: request).status == status, "\(target)")
        }
    }
}

extension Router {
    /// Answers, and holds the answer to the document.
    func respondByContract(to request: Request) async -> Response {
        let response = await respond(to: request)
        guard let pattern = pattern(for: request), pattern.hasPrefix("/api/") else { return response }
        var routed = request
        routed.route = pattern
        let faults = APIContract.window.faults(in: response, to: routed)
        #expect(
            faults.isEmpty, "\(request.method.rawValue) \(pattern) answered \(response.status): \(faults)")
        return response
    }
}
