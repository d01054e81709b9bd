package import Foundation

/// One JSON value as a case file holds it. Numbers stay decimal, so that `12.30` yuan is not rounded.
package indirect enum JSON: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(Decimal)
    case text(String)
    case list([JSON])
    case object([String: JSON])

    /// The members, if this is an object.
    package var members: [String: JSON]? {
        if case .object(let members) = self { members } else { nil }
    }
}

extension JSON: Encodable {
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .list(let values): try container.encode(values)
        case .object(let members): try container.encode(members)
        }
    }
}
