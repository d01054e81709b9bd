import Foundation
package import SyncProtocol

extension FieldType {
    /// Codes one answer, or says what is wrong with it. Empty text, an empty list and a record
    /// without any part are unanswered.
    package func cbor(from json: JSON, codes: CodeLists = .standard) throws(ValueError) -> CBOR {
        if json == .null { return .null }
        switch self {
        case .text(let longest): return try text(json, longest: longest)
        case .lines: return try text(json, longest: Self.linesLongest, allowing: ["\n", "\t"])
        case .int: return .unsigned(try Self.whole(json, expected: .wholeNumber))
        case .decimal: return .float(try Self.number(json))
        case .money: return .unsigned(try Self.whole(json, times: 100, expected: .amount))
        case .bool:
            guard case .bool(let value) = json else { throw ValueError(.wrongType(.yesOrNo)) }
            return .bool(value)
        case .date:
            return try text(json) { CalendarDate($0) == nil ? .noSuchDate : nil }
        case .format(let format):
            return try text(json) { format.matches($0) ? nil : .badFormat(format) }
        case .documentNumber:
            let value = try text(json)
            guard case .text(let number) = value, number.hasSuffix("x"), number.count == 18 else {
                return value
            }
            return .text(number.dropLast() + "X")
        case .code(let list):
            guard case .text = json else { throw ValueError(.wrongType(.code)) }
            return try text(json) { codes.code($0, in: list) == nil ? .unknownCode : nil }
        case .caseID: return try caseID(json)
        case .hash: return try hash(json)
        case .pairs: return try pairs(json)
        case .list(let element): return try list(json, of: element, codes: codes)
        case .record(let parts): return try record(json, parts: parts, codes: codes)
        }
    }

    private func text(
        _ json: JSON, longest: Int = textLongest, allowing allowed: Set<Unicode.Scalar> = [],
        problem: (String) -> Problem? = { _ in nil }
    ) throws(ValueError) -> CBOR {
        guard case .text(let raw) = json else { throw ValueError(.wrongType(.text)) }
        let value = raw.precomposedStringWithCanonicalMapping.trimmingCharacters(in: .whitespacesAndNewlines)
        if value.isEmpty { return .null }
        guard value.count <= longest, value.utf8.count <= longest * 4 else {
            throw ValueError(.tooLong(countMax: longest))
        }
        let isClean = value.unicodeScalars.allSatisfy {
            $0.properties.generalCategory != .control || allowed.contains($0)
        }
        guard isClean else { throw ValueError(.controlCharacter) }
        if let problem = problem(value) { throw ValueError(problem) }
        return .text(value)
    }

    /// A decimal's own digits are read, so that no binary fraction decides whether a number is whole.
    private static func whole(
        _ json: JSON, times factor: Decimal = 1, expected: Problem.Expected
    ) throws(ValueError) -> UInt64 {
        guard case .number(let number) = json, let value = UInt64("\(number * factor)"), value <= wholeMax
        else {
            throw ValueError(.wrongType(expected))
        }
        return value
    }

    /// The largest whole number that every reader of JSON keeps exact (RFC 8259 section 6).
    private static let wholeMax: UInt64 = 1 << 53

    private static func number(_ json: JSON) throws(ValueError) -> Double {
        guard case .number(let number) = json, let value = Double("\(number)"), value.isFinite, value >= 0,
            "\(number)".utf8.count <= 15
        else { throw ValueError(.wrongType(.number)) }
        return value
    }

    private func caseID(_ json: JSON) throws(ValueError) -> CBOR {
        guard case .text(let text) = json, let id = CaseID(text) else {
            throw ValueError(.wrongType(.caseID))
        }
        return .bytes(id.bytes)
    }

    private func hash(_ json: JSON) throws(ValueError) -> CBOR {
        guard case .text(let text) = json, text.utf8.count == 64, text.allSatisfy(\.isHexDigit) else {
            throw ValueError(.wrongType(.hash))
        }
        let digits = text.compactMap(\.hexDigitValue)
        return .bytes(stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) })
    }

    private func pairs(_ json: JSON) throws(ValueError) -> CBOR {
        guard let members = json.members else { throw ValueError(.wrongType(.object)) }
        guard members.count <= Self.listCountMax else {
            throw ValueError(.tooMany(countMax: Self.listCountMax))
        }
        var entries: [CBOR.Entry] = []
        for (name, value) in members {
            let key = try text(.text(name))
            let value = try text(value)
            guard key != .null, value != .null else { throw ValueError(.wrongType(.text)) }
            entries.append(CBOR.Entry(key: key, value: value))
        }
        guard Set(entries.map(\.key)).count == entries.count else { throw ValueError(.repeated) }
        return entries.isEmpty ? .null : .map(of: entries)
    }

    private func list(_ json: JSON, of element: FieldType, codes: CodeLists) throws(ValueError) -> CBOR {
        guard case .list(let values) = json else { throw ValueError(.wrongType(.list)) }
        guard values.count <= Self.listCountMax else {
            throw ValueError(.tooMany(countMax: Self.listCountMax))
        }
        var coded: [CBOR] = []
        for value in values {
            let entry = try element.cbor(from: value, codes: codes)
            guard entry != .null else { throw ValueError(.wrongType(.text)) }
            coded.append(entry)
        }
        return coded.isEmpty ? .null : .array(coded)
    }

    private func record(_ json: JSON, parts: [Part], codes: CodeLists) throws(ValueError) -> CBOR {
        guard let members = json.members else { throw ValueError(.wrongType(.object)) }
        guard members.keys.allSatisfy({ name in parts.contains { $0.name == name } }) else {
            throw ValueError(.unknownPart)
        }
        var coded: [CBOR] = []
        for part in parts {
            coded.append(try part.type.cbor(from: members[part.name] ?? .null, codes: codes))
        }
        return coded.allSatisfy { $0 == .null } ? .null : .array(coded)
    }
}

/// Why a value cannot be coded or read back.
package struct ValueError: Error, Hashable, Sendable {
    package let problem: Problem
    init(_ problem: Problem) { self.problem = problem }
}
