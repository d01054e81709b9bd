package import Foundation

/// Any JSON, as the programs answer it. What is absent reads as `null`, so that a reader names a path and not a shape.
package enum Value: Hashable, Sendable, Decodable {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case list([Value])
    case object([String: Value])

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // Which kind stands here is found by asking: a refusal only means "another kind".
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .bool(flag)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let list = try? container.decode([Value].self) {
            self = .list(list)
        } else {
            self = .object(try container.decode([String: Value].self))
        }
    }

    package init(parsing data: Data) throws { self = try JSONDecoder().decode(Value.self, from: data) }

    /// A member of an object.
    package subscript(_ name: String) -> Value {
        if case .object(let members) = self { members[name] ?? .null } else { .null }
    }

    /// The entries of a list; of anything else none.
    package var list: [Value] { if case .list(let list) = self { list } else { [] } }

    /// A number without its fraction; of anything else 0.
    package var number: Int { if case .number(let number) = self { Int(number) } else { 0 } }

    /// A plain value as text; the values of a list or an object one after the other.
    package var text: String {
        switch self {
        case .null: ""
        case .bool(let flag): "\(flag)"
        case .number(let number): number == number.rounded() ? "\(Int(number))" : "\(number)"
        case .text(let text): text
        case .list(let values): values.map(\.text).joined(separator: "、")
        case .object(let members): members.sorted { $0.key < $1.key }.map(\.value.text).joined(separator: " ")
        }
    }
}
