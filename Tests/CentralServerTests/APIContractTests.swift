import Casework
import Contract
import Testing
import Web

@testable import CentralServer

@Suite("Central's OpenAPI document")
struct APIContractTests {
    /// The exchange with the agents is specified elsewhere: SyncProtocol/PROTOCOL.md. Pages are for people.
    private static let described = ["/api/", "/healthz", "/metrics"]

    @Test("Every route is in the document, and everything in the document is a route")
    func routes() throws {
        let directory = try TemporaryDirectory()
        let central = try Central.open(directory: directory.path)
        let routed = Set(central.router().routed.map { APIContract.Place($0.method, $0.pattern) }).filter {
            place in
            Self.described.contains { place.path.hasPrefix($0) }
        }
        let described = APIContract.central.places
        #expect(routed.subtracting(described).isEmpty, "routes that no file of API/OpenAPI describes")
        #expect(described.subtracting(routed).isEmpty, "described, and no route")
    }

    @Test("The document is served to everybody, whole; everything else of the API asks for a token")
    func served() async throws {
        let directory = try TemporaryDirectory()
        let router = try Central.open(directory: directory.path).router()
        let response = await router.respond(to: Request(.get, "/api/v1/openapi.json"))
        #expect(response.status == 200 && response.body == APIContract.central.document)
        for place in APIContract.central.places
        where !["/healthz", "/api/v1/openapi.json"].contains(place.path)
            && place != APIContract.Place(.post, "/api/v1/session")
        {
            let target = place.path.replacing("{id}", with: "1").replacing("{code}", with: "1")
                .replacing("{item}", with: "1").replacing("{version}", with: "1")
                .replacing("{hash}", with: "1").replacing("{first}", with: "1").replacing(
                    "{second}", with: "2"
                ).replacing("{name}", with: "li")
            // Metrics are told to this machine.
            let request = Request(place.method, target, remoteAddress: "192.0.2.1")
            #expect(await router.respond(to: request).status == 401, "\(place)")
        }
    }

    @Test("What the document does not allow is a problem, after the token was looked at")
    func refusals() async throws {
        let directory = try TemporaryDirectory()
        let central = try Central.open(directory: directory.path)
        let router = central.router()
        for (method, target, body, status) in [
            (Web.Method.get, "/api/v1/cases?limit=0", "", 400), (.get, "/api/v1/cases?limit=201", "", 400),
            (.get, "/api/v1/cases?before=x", "", 400), (.get, "/api/v1/cases?page=2", "", 400),
            (.post, "/api/v1/hospitals", #"{"code":"H1","name":"A","more":1}"#, 400),
            (.post, "/api/v1/hospitals", #"{"code":"H1"}"#, 400),
            (.get, "/api/v1/departments/police/tasks?limit=x", "", 400),
            (.get, "/api/v1/desk/queue?kind=x", "", 400), (.get, "/api/v1/desk/queue?hours=87601", "", 400),
            (.post, "/api/v1/desk/settlements", #"{"reason":"r","settlements":[]}"#, 400),
            (.get, "/api/v1/duplicates?state=x", "", 400), (.get, "/api/v1/fleet?state=x", "", 400),
            (.get, "/api/v1/overdue?within=61", "", 400), (.get, "/api/v1/statistics", "", 400),
            (.put, "/api/v1/fleet-settings", #"{"name":"fleet.lateHours","value":1000001}"#, 400),
            (.get, "/api/v1/bundles?x=1", "", 400), (.put, "/api/v1/cases", "", 405),
        ] {
            let headers: Headers = ["Authorization": "Bearer \(central.staffToken)"]
            let request = Request(method, target, headers: headers, body: Array(body.utf8))
            let response = await router.respond(to: request)
            #expect(response.status == status, "\(target)")
            #expect(response.headers["Content-Type"] == Web.Problem.mediaType)
        }
    }
}

extension Router {
    /// Answers, and holds the answer to the document. What is specified elsewhere is not looked at.
    func respondByContract(to request: Request) async -> Response {
        let response = await respond(to: request)
        guard let pattern = pattern(for: request), pattern.hasPrefix("/api/") else { return response }
        var routed = request
        routed.route = pattern
        let faults = APIContract.central.faults(in: response, to: routed)
        #expect(
            faults.isEmpty, "\(request.method.rawValue) \(pattern) answered \(response.status): \(faults)")
        return response
    }
}
