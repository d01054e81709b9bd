import Testing
import Web

@testable import Contract

@Suite("The contract of an API")
struct APIContractTests {
    private static let head =
        #"{"openapi": "3.1.0", "components": {"schemas": {"Name": {"type": "string", "maxLength": 4}}}}"#
    private static let wards = """
        {"paths": {"/wards": {
            "parameters": [{"name": "floor", "in": "path", "schema": {"$ref": "#/components/schemas/Name"}}],
            "get": {"parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 9}},
                    {"name": "name", "in": "query", "schema": {"$ref": "#/components/schemas/Name"}},
                    {"name": "all", "in": "query", "schema": {"type": "boolean"}}],
                "responses": {"200": {"description": "", "content": {"application/json": {"schema":
                    {"type": "object", "properties": {"wards": {"type": "array"}}, "required": ["wards"],
                     "additionalProperties": false}}}}, "204": {"description": ""}}},
            "post": {"requestBody": {"required": true, "content": {"application/json": {"schema":
                    {"type": "object", "properties": {"name": {"$ref": "#/components/schemas/Name"}, "beds":
                        {"type": "object", "additionalProperties": {"type": "integer"}}},
                     "required": ["name"], "additionalProperties": false}}}},
                "responses": {}}
        }}}
        """

    private static func contract(_ parts: String...) throws(ContractError) -> APIContract {
        try APIContract(parts.enumerated().map { ("part \($0.offset)", Array($0.element.utf8)) })
    }

    private static func request(
        _ method: Web.Method, _ query: String = "", _ body: String = "", type: String? = nil
    ) -> Request {
        var request = Request(method, "/wards" + query, body: Array(body.utf8))
        request.route = "/wards"
        request.headers["Content-Type"] = type
        return request
    }

    @Test("What the document allows passes", arguments: ["", "?limit=1", "?limit=9&name=west", "?all=true"])
    func allowed(query: String) throws {
        #expect(try Self.contract(Self.head, Self.wards).refusal(of: Self.request(.get, query)) == nil)
        #expect(try Self.contract(Self.head, Self.wards).refusal(of: Self.request(.head, query)) == nil)
    }

    @Test(
        "A query beyond the document is refused, and not quoted",
        arguments: [
            "?limit=0", "?limit=10", "?limit=1e1", "?limit=01", "?limit=", "?name=secret", "?secret=1",
            "?all=secret",
        ])
    func queries(query: String) throws {
        let refusal = try #require(
            try Self.contract(Self.head, Self.wards).refusal(of: Self.request(.get, query)))
        #expect(refusal.status == 400 && refusal.detail?.contains("secret") == false)
    }

    @Test(
        "A body beyond the document is refused, and nothing of the sender's is quoted",
        arguments: [
            "", "{", "[]", "{}", #"{"name": "secret"}"#, #"{"name": "a", "secret": 1}"#,
            #"{"name": "a", "name": "b"}"#, #"{"name": null}"#, #"{"name": "a", "beds": {"secret": "1"}}"#,
        ])
    func bodies(body: String) throws {
        let contract = try Self.contract(Self.head, Self.wards)
        let refusal = try #require(contract.refusal(of: Self.request(.post, "", body)))
        #expect(refusal.status == 400 && refusal.detail?.contains("secret") == false)
        #expect(contract.refusal(of: Self.request(.post, "", #"{"name": "a", "beds": {"west": 1}}"#)) == nil)
    }

    @Test("What can be no name in the path names nothing")
    func paths() throws {
        let contract = try Self.contract(Self.head, Self.wards)
        var request = Self.request(.get)
        request.parameters["floor"] = "secret"
        #expect(contract.refusal(of: request)?.status == 404)
        request.parameters["floor"] = "west"
        #expect(contract.refusal(of: request) == nil)
    }

    @Test(
        "A body of another media type is a 415 that names those that are taken; one without is taken as JSON")
    func mediaTypes() throws {
        let contract = try Self.contract(Self.head, Self.wards)
        let body = #"{"name": "a"}"#
        #expect(contract.refusal(of: Self.request(.post, "", body, type: "text/plain"))?.status == 415)
        for type in [nil, "application/json", "Application/JSON; charset=utf-8"] {
            #expect(contract.refusal(of: Self.request(.post, "", body, type: type)) == nil)
        }
    }

    @Test("Every way in which an answer differs from the document is found")
    func answers() throws {
        let contract = try Self.contract(Self.head, Self.wards)
        func faults(_ response: Response) -> Int {
            contract.faults(in: response, to: Self.request(.get)).count
        }
        #expect(faults(try .json(["wards": ["west"]])) == 0 && faults(.noContent) == 0)
        #expect(faults(try .json(["wards": "west"])) == 1)
        #expect(faults(try .json(["rooms": ["west"]])) == 2)
        #expect(faults(.text("{}")) == 1)
        #expect(faults(.bytes([0x7B], type: "application/json")) == 1)
        #expect(faults(try .json(["wards": [""]], status: 201)) == 1)
        #expect(faults(Response(status: 204, body: [1])) == 1)
        var elsewhere = Self.request(.get)
        elsewhere.route = "/rooms"
        #expect(contract.faults(in: .noContent, to: elsewhere).count == 1)
        #expect(contract.refusal(of: elsewhere) == nil)
    }

    @Test(
        "A document that promises what nobody checks, or refers to nothing, is a mistake",
        arguments: [
            "{", ##"{"paths": {"/a": {"get": {"parameters": [{"in": "query"}]}}}}"##,
            ##"{"paths": {"/a": {"get": {"parameters": [{"$ref": "#/components/parameters/none"}]}}}}"##,
            ##"{"components": {"schemas": {"A": {"type": "string", "minimumLength": 1}}}}"##,
            ##"{"components": {"schemas": {"A": {"$ref": "#/components/schemas/B"}}}}"##,
            ##"{"components": {"schemas": {"A": {"type": "string", "pattern": "("}}}}"##,
            ##"{"components": {"schemas": {"Name": {}}}}"##,
        ])
    func mistakes(part: String) {
        #expect(throws: ContractError.self) { try Self.contract(Self.head, Self.wards, part) }
    }

    @Test("The parts become one document, whose places are all known")
    func joining() throws {
        let contract = try Self.contract(Self.head, Self.wards)
        #expect(contract.places == [.init(.get, "/wards"), .init(.post, "/wards")])
        let text = String(decoding: contract.document, as: UTF8.self)
        #expect(text.contains(#""openapi":"3.1.0""#) && text.contains(#""Name":{"#))
    }
}
