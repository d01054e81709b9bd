package import Foundation

/// One JSON value as a case file holds it. Numbers stay decimal, so that `12.30` yuan is not rounded.
package indirect enum JSON: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(Decimal)
    case text(String)
    case list([JSON])
    case object([String: JSON])

    /// Nesting that is read where the caller sets no bound of its own.
    package static let depthMax = 16

    /// Reads exactly one JSON text, whose keys may not repeat.
    package init(parsing bytes: [UInt8], depthMax: Int = Self.depthMax) throws(JSONError) {
        self = try JSONReader.read(bytes, depthMax: depthMax)
    }

    /// The members, if this is an object.
    package var members: [String: JSON]? {
        if case .object(let members) = self { members } else { nil }
    }

    /// The entries, if this is a list; none of anything else.
    package var entries: [JSON] { if case .list(let entries) = self { entries } else { [] } }
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
