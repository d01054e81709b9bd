import Casework

/// What the parts of a document share by reference.
struct ContractLibrary {
    private let components: [String: JSON]
    private let schemas: [String: JSON]
    /// The names of all members that any schema has.
    let names: Set<String>

    init(_ root: [String: JSON]) throws(ContractError) {
        components = root["components"]?.members ?? [:]
        schemas = components["schemas"]?.members ?? [:]
        names = Self.names(in: .object(root))
        for name in schemas.keys.sorted() { _ = try schema(schemas[name] ?? .null) }
    }

    private static func names(in json: JSON) -> Set<String> {
        switch json {
        case .object(let members):
            members.reduce(into: Set(members["properties"]?.members?.keys.map { $0 } ?? [])) {
                $0.formUnion(names(in: $1.value))
            }
        case .list(let entries): entries.reduce(into: []) { $0.formUnion(names(in: $1)) }
        default: []
        }
    }

    /// A parameter, a response or a body, or what it refers to.
    func resolved(_ json: JSON) throws(ContractError) -> [String: JSON] {
        guard case .text(let reference)? = json.members?["$ref"] else { return json.members ?? [:] }
        let steps = reference.split(separator: "/").map(String.init)
        guard steps.count == 4, steps.starts(with: ["#", "components"]),
            let found = components[steps[2]]?.members?[steps[3]]?.members
        else { throw ContractError("\(reference) refers to nothing") }
        return found
    }

    func schema(_ json: JSON) throws(ContractError) -> JSONSchema {
        do throws(PolicyFault) { return try JSONSchema(json, definitions: schemas) } catch {
            throw ContractError("a schema: \(error.description)")
        }
    }

    /// The types that a schema allows.
    func types(of schema: JSON) throws(ContractError) -> Set<String> {
        switch try resolved(schema)["type"] {
        case .text(let type)?: [type]
        case .list(let types)?: Set(types.compactMap { if case .text(let type) = $0 { type } else { nil } })
        default: []
        }
    }

    /// By media type the schema, nil where there is none.
    func contents(of members: [String: JSON]) throws(ContractError) -> [String: JSONSchema?] {
        var contents: [String: JSONSchema?] = [:]
        for (type, content) in members["content"]?.members ?? [:] {
            let rule = try content.members?["schema"].map { json throws(ContractError) in try schema(json) }
            contents.updateValue(rule, forKey: type)
        }
        return contents
    }
}
