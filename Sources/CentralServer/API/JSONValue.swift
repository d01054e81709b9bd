import Casework
import Foundation

/// Any JSON value within a body that is decoded as a whole.
struct JSONValue: Decodable {
    let json: JSON

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            json = .null
        } else if let value = try? container.decode(Bool.self) {  // another kind is tried next
            json = .bool(value)
        } else if let value = try? container.decode(Decimal.self) {  // as above
            json = .number(value)
        } else if let value = try? container.decode(String.self) {  // as above
            json = .text(value)
        } else if let values = try? container.decode([JSONValue].self) {  // as above
            json = .list(values.map(\.json))
        } else {
            json = .object(try container.decode([String: JSONValue].self).mapValues(\.json))
        }
    }
}
