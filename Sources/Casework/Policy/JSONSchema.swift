import Foundation

/// The part of JSON Schema (draft 2020-12) that `policy.schema.json` and the APIs' contracts use, so that one published file is
/// what policies and requests are written by and checked against.
///
/// Known: `type`, `properties`, `required`, `additionalProperties`, `items`, `enum`, `const`, `minItems`,
/// `maxItems`, `uniqueItems`, `minimum`, `maximum`, `minLength`, `maxLength`, `pattern`, `$ref` into `$defs` or
/// `#/components/schemas`; `default` and `examples` say nothing of what is valid. A schema with another keyword is refused,
/// because it would promise a check that nobody makes.
package struct JSONSchema: Sendable {
    private let root: JSON
    private let definitions: [String: JSON]

    /// Faults that are told of one document.
    package static let faultsMax = 100

    /// Reads a schema, with the definitions that it refers to beside its own.
    package init(_ schema: JSON, definitions others: [String: JSON] = [:]) throws(PolicyFault) {
        root = schema
        definitions = others.merging(schema.members?["$defs"]?.members ?? [:]) { $1 }
        let known = Set(definitions.keys)
        try Self.check(schema, at: "", known)
        for (name, definition) in schema.members?["$defs"]?.members ?? [:] {
            try Self.check(definition, at: "$defs.\(name)", known)
        }
    }

    /// Everything in which the document differs from the schema, in its own order; at most ``faultsMax``.
    package func faults(in document: JSON) -> [PolicyFault] {
        var faults: [PolicyFault] = []
        validate(document, root, "", &faults)
        return Array(faults.prefix(Self.faultsMax))
    }

    private static let keywords: Set<String> = [
        "$schema", "$id", "$defs", "$ref", "title", "description", "type", "properties", "required",
        "additionalProperties", "items", "enum", "const", "minItems", "maxItems", "uniqueItems", "minimum",
        "maximum", "minLength", "maxLength", "pattern", "default", "examples",
    ]

    private static func check(_ schema: JSON, at path: String, _ known: Set<String>) throws(PolicyFault) {
        guard let members = schema.members else {
            if case .bool = schema { return }
            throw PolicyFault(path, "is no schema")
        }
        for key in members.keys.sorted() where !keywords.contains(key) {
            throw PolicyFault(path, "the keyword \(key) is not known")
        }
        if case .text(let reference)? = members["$ref"], !known.contains(name(in: reference)) {
            throw PolicyFault(path, "the schema has no definition \(name(in: reference))")
        }
        if case .text(let pattern)? = members["pattern"], (try? Regex(pattern)) == nil {
            throw PolicyFault(path, "the pattern cannot be read")
        }
        for (name, property) in members["properties"]?.members ?? [:] {
            try check(property, at: joined(path, "properties.\(name)"), known)
        }
        if let items = members["items"] { try check(items, at: joined(path, "items"), known) }
        if let more = members["additionalProperties"] {
            try check(more, at: joined(path, "additionalProperties"), known)
        }
    }

    /// What a reference names.
    private static func name(in reference: String) -> String {
        reference.split(separator: "/").last.map(String.init) ?? ""
    }

    static func joined(_ path: String, _ member: String) -> String {
        path.isEmpty ? member : "\(path).\(member)"
    }
}

extension JSONSchema {
    private func validate(_ value: JSON, _ schema: JSON, _ path: String, _ faults: inout [PolicyFault]) {
        guard faults.count < Self.faultsMax else { return }
        guard let rules = schema.members else {
            if schema == .bool(false) { faults.append(PolicyFault(path, "is not expected")) }
            return
        }
        if case .text(let reference)? = rules["$ref"] {
            guard let target = definitions[Self.name(in: reference)] else { return }  // `init` saw to it
            validate(value, target, path, &faults)
        }
        let types = Self.types(rules["type"])
        if !types.isEmpty, !types.contains(where: { Self.fits(value, $0) }) {
            let known = types.map { "\(Self.article($0)) \($0)" }.joined(separator: " or ")
            faults.append(PolicyFault(path, "must be \(known)"))
            return
        }
        if case .list(let choices)? = rules["enum"], !choices.contains(value) {
            let known = choices.map { if case .text(let text) = $0 { text } else { "…" } }
            faults.append(PolicyFault(path, "must be one of \(known.joined(separator: ", "))"))
        }
        if let only = rules["const"], only != value {
            faults.append(PolicyFault(path, "has another value than it must"))
        }
        switch value {
        case .object(let members): validate(members, rules, path, &faults)
        case .list(let values): validate(values, rules, path, &faults)
        case .text(let text):
            let count = text.unicodeScalars.count
            bound(count, rules["minLength"], rules["maxLength"], "characters", path, &faults)
            if case .text(let pattern)? = rules["pattern"], !Self.matches(text, pattern) {
                faults.append(PolicyFault(path, "must match \(pattern)"))
            }
        case .number(let number): bound(number, rules["minimum"], rules["maximum"], "", path, &faults)
        case .null, .bool: break
        }
    }

    private func validate(
        _ members: [String: JSON], _ rules: [String: JSON], _ path: String, _ faults: inout [PolicyFault]
    ) {
        if case .list(let required)? = rules["required"] {
            for case .text(let name) in required where members[name] == nil {
                faults.append(PolicyFault(Self.joined(path, name), "is missing"))
            }
        }
        let known = rules["properties"]?.members ?? [:]
        for name in members.keys.sorted() {
            guard let value = members[name] else { continue }
            let place = Self.joined(path, name)
            if let schema = known[name] ?? rules["additionalProperties"] {
                validate(value, schema, place, &faults)
            }
        }
    }

    private func validate(
        _ values: [JSON], _ rules: [String: JSON], _ path: String, _ faults: inout [PolicyFault]
    ) {
        bound(values.count, rules["minItems"], rules["maxItems"], "entries", path, &faults)
        if rules["uniqueItems"] == .bool(true), Set(values).count != values.count {
            faults.append(PolicyFault(path, "has an entry twice"))
        }
        guard let schema = rules["items"] else { return }
        for (index, value) in values.enumerated() { validate(value, schema, "\(path)[\(index)]", &faults) }
    }

    private func bound(
        _ count: Int, _ least: JSON?, _ most: JSON?, _ unit: String, _ path: String,
        _ faults: inout [PolicyFault]
    ) {
        bound(Decimal(count), least, most, unit, path, &faults)
    }

    private func bound(
        _ number: Decimal, _ least: JSON?, _ most: JSON?, _ unit: String, _ path: String,
        _ faults: inout [PolicyFault]
    ) {
        let unit = unit.isEmpty ? "" : " \(unit)"
        if case .number(let least)? = least, number < least {
            faults.append(PolicyFault(path, "must be \(least)\(unit) or more"))
        }
        if case .number(let most)? = most, number > most {
            faults.append(PolicyFault(path, "must be \(most)\(unit) or less"))
        }
    }

    /// Whether some of a text matches; that the pattern can be read was checked.
    private static func matches(_ text: String, _ pattern: String) -> Bool {
        guard let regex = try? Regex(pattern) else { return false }
        return text.firstMatch(of: regex.matchingSemantics(.unicodeScalar)) != nil
    }

    /// One type, or several of which any will do.
    private static func types(_ rule: JSON?) -> [String] {
        switch rule {
        case .text(let type)?: [type]
        case .list(let types)?: types.compactMap { if case .text(let type) = $0 { type } else { nil } }
        default: []
        }
    }

    private static func fits(_ value: JSON, _ type: String) -> Bool {
        switch (type, value) {
        case ("object", .object), ("array", .list), ("string", .text), ("boolean", .bool),
            ("number", .number),
            ("null", .null):
            true
        case ("integer", .number(let number)): Int("\(number)") != nil
        default: false
        }
    }

    private static func article(_ type: String) -> String {
        "aeiou".contains(type.first ?? " ") ? "an" : "a"
    }
}
