import Casework
import Foundation
import Web

/// What the document says of one method at one path.
struct Operation: Sendable {
    /// By name, those in the query.
    private let query: [String: ParameterRule]
    private let headers: [String: ParameterRule]
    private let path: [String: JSONSchema]
    private let body: RequestBodyRule?
    /// By status.
    private let answers: [String: [String: JSONSchema?]]
    /// Names of members that may be told in a refusal: those that the document has.
    private let names: Set<String>

    /// - Parameter shared: the parameters of all methods at the path.
    init(
        _ json: JSON, _ shared: [JSON], at place: APIContract.Place, by library: ContractLibrary
    ) throws(ContractError) {
        var query: [String: ParameterRule] = [:]
        var headers: [String: ParameterRule] = [:]
        var path: [String: JSONSchema] = [:]
        for parameter in shared + (json.members?["parameters"]?.entries ?? []) {
            let members = try library.resolved(parameter)
            guard case .text(let name)? = members["name"], let schema = members["schema"] else {
                throw ContractError("\(place): a parameter has no name or no schema")
            }
            if members["in"] == .text("path") { path[name] = try library.schema(schema) }
            let rule = ParameterRule(
                schema: try library.schema(schema), types: try library.types(of: schema),
                isRequired: members["required"] == .bool(true))
            if members["in"] == .text("header") { headers[name] = rule }
            if members["in"] == .text("query") { query[name] = rule }
        }
        (self.query, self.headers, self.path) = (query, headers, path)
        body = try json.members?["requestBody"].map { json throws(ContractError) in
            try RequestBodyRule(json, by: library)
        }
        var answers: [String: [String: JSONSchema?]] = [:]
        for (status, answer) in json.members?["responses"]?.members ?? [:] {
            answers[status] = try library.contents(of: try library.resolved(answer))
        }
        self.answers = answers
        names = library.names
    }

    func refusal(of request: Request) -> Web.Problem? {
        for (name, schema) in path where !schema.faults(in: .text(request.parameters[name] ?? "")).isEmpty {
            // What cannot be a name names nothing.
            return Web.Problem(
                status: 404, title: "There is no such thing", type: "urn:birthwindow:problem:unknown")
        }
        for name in request.query.keys where query[name] == nil {
            let known = query.keys.sorted().joined(separator: ", ")
            return .contract(
                query.isEmpty
                    ? "No query parameter is known here." : "A query parameter is not known; known: \(known)."
            )
        }
        for (name, parameter) in query.sorted(by: { $0.key < $1.key }) {
            if let fault = parameter.fault(in: request.query[name]) {
                return .contract("The query parameter “\(name)” \(fault).")
            }
        }
        for (name, header) in headers.sorted(by: { $0.key < $1.key }) {
            if let fault = header.fault(in: request.headers[name]) {
                return .contract("The header “\(name)” \(fault).")
            }
        }
        return body?.refusal(of: request, naming: names)
    }

    func faults(in response: Response) -> [String] {
        guard let contents = answers["\(response.status)"] else {
            return ["the status \(response.status) is not described"]
        }
        let type = MediaType.essence(of: response.headers["Content-Type"] ?? "")
        if contents.isEmpty { return response.body.isEmpty ? [] : ["there is a body, and none is described"] }
        guard let rule = contents[type] else { return ["the media type \(type) is not described"] }
        guard let schema = rule else { return [] }
        do throws(JSONError) {
            let json = try JSON(parsing: response.body, depthMax: RequestBodyRule.depthMax)
            return schema.faults(in: json).map(\.description)
        } catch {
            return ["the body is no JSON: \(error.english)"]
        }
    }
}

/// One parameter of the query, or of the head.
struct ParameterRule: Sendable {
    let schema: JSONSchema
    let types: Set<String>
    let isRequired: Bool

    /// What is wrong with a value, or with its absence.
    func fault(in text: String?) -> String? {
        guard let text else { return isRequired ? "is missing" : nil }
        guard let value = value(of: text) else {
            return "is not of type \(types.sorted().joined(separator: " or "))"
        }
        return schema.faults(in: value).first?.text
    }

    private func value(of text: String) -> JSON? {
        if types.contains("integer") {
            guard text.utf8.count <= 20, let number = Int(text), "\(number)" == text else { return nil }
            return .number(Decimal(number))
        }
        if types.contains("boolean") {
            return text == "true" ? .bool(true) : text == "false" ? .bool(false) : nil
        }
        return .text(text)
    }
}

/// What a request's body has to be.
struct RequestBodyRule: Sendable {
    /// Nesting of a body in JSON.
    static let depthMax = 32
    /// Faults that one refusal tells.
    private static let faultsMax = 5

    private let isRequired: Bool
    private let contents: [String: JSONSchema?]

    init(_ json: JSON, by library: ContractLibrary) throws(ContractError) {
        let members = try library.resolved(json)
        isRequired = members["required"] == .bool(true)
        contents = try library.contents(of: members)
    }

    /// A request without a media type is taken as of the one that is described.
    func refusal(of request: Request, naming names: Set<String>) -> Web.Problem? {
        if let field = request.headers["Content-Type"] {
            guard contents[MediaType.essence(of: field)] != nil else {
                return Web.Problem(
                    status: 415, title: "The media type is not taken here",
                    type: "urn:birthwindow:problem:wrong-media-type",
                    detail: "Taken: \(contents.keys.sorted().joined(separator: ", ")).")
            }
        }
        // What is no JSON, and what has rules of its own, is its handler's business.
        guard let schema = contents["application/json"] ?? nil else { return nil }
        if request.body.isEmpty { return isRequired ? .contract("The body is missing.") : nil }
        let json: JSON
        do throws(JSONError) { json = try JSON(parsing: request.body, depthMax: Self.depthMax) } catch {
            return .contract("The body is no JSON that can be read.")
        }
        let faults = schema.faults(in: json).prefix(Self.faultsMax)
        if faults.isEmpty { return nil }
        return .contract(faults.map { Self.sentence($0, naming: names) }.joined(separator: "\n"))
    }

    /// Names that the sender made up are left out.
    private static func sentence(_ fault: PolicyFault, naming names: Set<String>) -> String {
        let steps = fault.path.split(separator: ".").map { step in
            let name = step.prefix { $0 != "[" }
            return names.contains(String(name)) ? String(step) : "…"
        }
        return "\(steps.isEmpty ? "The body" : steps.joined(separator: ".")) \(fault.text)."
    }
}

extension Web.Problem {
    /// A request that the document does not allow.
    fileprivate static func contract(_ detail: String) -> Web.Problem {
        Web.Problem(
            status: 400, title: "The request is malformed", type: "urn:birthwindow:problem:malformed",
            detail: detail,
            remedy: "GET /api/v1/openapi.json tells what is taken here.")
    }
}

/// A media type without its parameters.
enum MediaType {
    static func essence(of field: String) -> String {
        field.prefix { $0 != ";" }.lowercased().filter { $0 != " " && $0 != "\t" }
    }
}
