import Foundation
package import SyncProtocol

extension FieldType {
    /// Reads a coded answer back. Only its shape is judged: what another version wrote is shown, not refused.
    ///
    /// It undoes ``cbor(from:codes:)``: coding the result again gives the same value.
    package func json(from cbor: CBOR) throws(ValueError) -> JSON {
        if cbor == .null { return .null }
        switch (self, cbor) {
        case (.text, .text(let value)), (.lines, .text(let value)), (.date, .text(let value)),
            (.format, .text(let value)), (.documentNumber, .text(let value)), (.code, .text(let value)):
            return .text(value)
        case (.int, .unsigned(let value)): return .number(Decimal(value))
        case (.money, .unsigned(let value)): return .number(Decimal(value) / 100)
        case (.decimal, .float(let value)):
            guard let decimal = Decimal(string: "\(value)") else { throw ValueError(.wrongType(.number)) }
            return .number(decimal)
        case (.bool, .bool(let value)): return .bool(value)
        case (.caseID, .bytes(let bytes)):
            guard let id = CaseID(bytes: bytes) else { throw ValueError(.wrongType(.caseID)) }
            return .text(id.description)
        case (.hash, .bytes(let bytes)) where bytes.count == 32: return .text(Self.hexadecimal(bytes))
        case (.pairs, .map(let entries)): return try Self.pairs(entries)
        case (.list(let element), .array(let values)): return try Self.list(values, of: element)
        case (.record(let parts), .array(let values)): return try Self.record(values, parts: parts)
        default: throw ValueError(.wrongType(expected))
        }
    }

    private var expected: Problem.Expected {
        switch self {
        case .text, .lines, .date, .format, .documentNumber: .text
        case .int: .wholeNumber
        case .decimal: .number
        case .money: .amount
        case .bool: .yesOrNo
        case .code: .code
        case .caseID: .caseID
        case .hash: .hash
        case .list: .list
        case .pairs, .record: .object
        }
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func pairs(_ entries: [CBOR.Entry]) throws(ValueError) -> JSON {
        var members: [String: JSON] = [:]
        for entry in entries {
            guard case .text(let name) = entry.key, case .text(let value) = entry.value else {
                throw ValueError(.wrongType(.object))
            }
            members[name] = .text(value)
        }
        return .object(members)
    }

    private static func list(_ values: [CBOR], of element: FieldType) throws(ValueError) -> JSON {
        var read: [JSON] = []
        for value in values { read.append(try element.json(from: value)) }
        return .list(read)
    }

    /// Parts that are unanswered are left out; parts behind the known ones are a later version's.
    private static func record(_ values: [CBOR], parts: [Part]) throws(ValueError) -> JSON {
        var members: [String: JSON] = [:]
        for (part, value) in zip(parts, values) where value != .null {
            members[part.name] = try part.type.json(from: value)
        }
        return .object(members)
    }
}
