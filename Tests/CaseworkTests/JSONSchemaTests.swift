import Casework
import Foundation
import Testing

@Suite("JSON Schema")
struct JSONSchemaTests {
    private static func faults(_ schema: String, _ document: String) throws -> [String] {
        let schema = try JSONSchema(JSON(parsing: [UInt8](schema.utf8)))
        return schema.faults(in: try JSON(parsing: [UInt8](document.utf8))).map(\.description)
    }

    @Test(
        "Each keyword refuses what it should, and says where",
        arguments: [
            (#"{"type": "object"}"#, "[]", "must be an object"),
            (#"{"type": "string"}"#, "1", "must be a string"),
            (#"{"type": "integer"}"#, "1.5", "must be an integer"),
            (#"{"type": "boolean"}"#, "null", "must be a boolean"),
            (#"{"required": ["a"]}"#, "{}", "a: is missing"),
            (
                #"{"properties": {"a": {"type": "null"}}, "additionalProperties": false}"#, #"{"b": 1}"#,
                "b: is not expected"
            ),
            (#"{"additionalProperties": {"type": "null"}}"#, #"{"b": 1}"#, "b: must be a null"),
            (#"{"items": {"type": "number"}}"#, #"[1, "x"]"#, "[1]: must be a number"),
            (#"{"enum": ["x", "y"]}"#, #""z""#, "must be one of x, y"),
            (#"{"const": 2}"#, "3", "has another value than it must"),
            (#"{"minItems": 2}"#, "[1]", "must be 2 entries or more"),
            (#"{"maxItems": 1}"#, "[1, 2]", "must be 1 entries or less"),
            (#"{"uniqueItems": true}"#, "[1, 1.0]", "has an entry twice"),
            (#"{"minimum": 0}"#, "-1", "must be 0 or more"),
            (#"{"maximum": 3}"#, "3.5", "must be 3 or less"),
            (#"{"minLength": 2}"#, #""x""#, "must be 2 characters or more"),
            (#"{"maxLength": 2}"#, #""新生儿""#, "must be 2 characters or less"),
            (
                ##"{"$defs": {"n": {"type": "number"}}, "properties": {"a": {"$ref": "#/$defs/n"}}}"##,
                #"{"a": "x"}"#, "a: must be a number"
            ),
        ])
    func keyword(schema: String, document: String, fault: String) throws {
        #expect(try Self.faults(schema, document) == [fault])
    }

    @Test(
        "What a keyword does not speak of passes",
        arguments: [
            (#"{"minLength": 5, "required": ["a"], "minItems": 9, "minimum": 7}"#, "true"),
            (#"{"type": "integer"}"#, "2.0"), (#"{"enum": [1]}"#, "1.00"), ("true", "[null]"),
            (#"{"properties": {"a": {"type": "null"}}}"#, #"{"b": 1}"#),
        ])
    func silent(schema: String, document: String) throws {
        #expect(try Self.faults(schema, document) == [])
    }

    @Test("All faults come at once, and no more than the limit")
    func all() throws {
        #expect(
            try Self.faults(
                #"{"required": ["a", "b"], "additionalProperties": false}"#, #"{"c": 1, "d": 2}"#)
                == ["a: is missing", "b: is missing", "c: is not expected", "d: is not expected"])
        let long = "[" + Array(repeating: "1", count: 150).joined(separator: ",") + "]"
        #expect(try Self.faults(#"{"items": {"type": "null"}}"#, long).count == JSONSchema.faultsMax)
    }

    @Test(
        "A schema with a keyword that nobody checks is refused",
        arguments: [
            #"{"patternProperties": {}}"#, #"{"pattern": "("}"#, ##"{"$ref": "#/$defs/none"}"##,
            #"{"items": {"format": "date"}}"#, #"{"properties": {"a": {"not": {}}}}"#,
            #"{"$defs": {"x": {"oneOf": []}}}"#, "3",
        ])
    func unknownKeyword(schema: String) {
        #expect(throws: PolicyFault.self) { try JSONSchema(JSON(parsing: [UInt8](schema.utf8))) }
    }

    /// A change to a shipped policy, and whether the schema still allows the file.
    private struct Mutation {
        let policy: String
        let path: [PathStep]
        let value: JSON?
        let isValid: Bool

        init(_ json: JSON) throws {
            guard let members = json.members, case .text(let policy)? = members["policy"],
                case .bool(let isValid)? = members["valid"]
            else { throw Fixture.Missing(name: "mutations.json") }
            (self.policy, self.isValid) = (policy, isValid)
            value = members["value"]
            path = (members["path"]?.list ?? []).map { step in
                if case .number(let index) = step { .entry(Int("\(index)") ?? 0) } else { .member(step.word) }
            }
        }
    }

    @Test(
        "The published schema judges changed policies as Tests/Policies/schema.py has Debian's jsonschema do")
    func mutations() throws {
        let mutations = try (JSON(parsing: Fixture.bytes("mutations.json")).list ?? []).map(Mutation.init)
        #expect(mutations.count >= 40)
        for mutation in mutations {
            let whole = try JSON(parsing: [UInt8](try Fixture.policyText(mutation.policy).utf8))
            #expect(Policy.schema.faults(in: whole).isEmpty)
            let changed = whole.replacing(mutation.path[...], by: mutation.value)
            #expect(changed != whole || mutation.isValid)
            #expect(
                Policy.schema.faults(in: changed).isEmpty == mutation.isValid,
                "\(mutation.policy) \(mutation.path)")
        }
    }
}

extension JSON {
    /// A text's own words; empty for anything else.
    fileprivate var word: String { if case .text(let text) = self { text } else { "" } }

    /// This value with the one at the end of a path replaced, added, or taken away.
    func replacing(_ path: ArraySlice<PathStep>, by value: JSON?) -> JSON {
        guard let step = path.first else { return value ?? self }
        let rest = path.dropFirst()
        switch (step, self) {
        case (.member(let name), .object(var members)):
            members[name] = rest.isEmpty ? value : members[name]?.replacing(rest, by: value)
            return .object(members)
        case (.entry(let index), .list(var values)):
            if rest.isEmpty, value == nil {
                values.remove(at: index)
            } else {
                values[index] = values[index].replacing(rest, by: value)
            }
            return .list(values)
        default: return self
        }
    }
}
