import Casework
import Foundation

/// The files under `Fixtures`: copies of what the tests need of the domain's digest.
enum Fixture {
    /// Why a fixture cannot be read: the test itself is broken.
    struct Missing: Error { let name: String }

    static func bytes(_ name: String) throws -> [UInt8] {
        guard let folder = Bundle.module.resourceURL else { throw Missing(name: name) }
        return [UInt8](try Data(contentsOf: folder.appending(path: "Fixtures/\(name)")))
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from name: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(try bytes(name)))
    }

    /// The numbers of the example cases under `Fixtures/cases`, which are those of the domain's digest.
    static let births = ["01", "03", "04", "06", "08", "10", "11", "13", "15", "16", "18", "19", "21", "23"]

    /// Further cases of the same shape, worked out by hand from the documents; `why` tells how.
    static let furtherBirths = (31...73).map(String.init)

    /// An example case's input.
    static func birth(_ number: String) throws -> [String: JSON] {
        // The same bytes are read by the program in other tests; here they only need to become values.
        let input = try JSONDecoder().decode(
            [String: Answer].self, from: Data(try bytes("cases/\(number).json")))[
                "input"]
        guard let members = input?.json.members else { throw Missing(name: number) }
        return members
    }

    /// Reads an input as a case file under a policy.
    static func read(
        _ input: [String: JSON], policy: String = "gx-yongfu", today: CalendarDate? = nil
    ) throws -> CaseFile {
        let bytes = [UInt8](try JSONEncoder().encode(input))
        return try CaseFile(bytes, policy: try policyNamed(policy), today: today)
    }

    /// The errors and warnings of an input that must be refused.
    static func faults(_ input: [String: JSON], policy: String = "gx-yongfu", today: CalendarDate? = nil)
        throws -> [Fault]
    {
        do { return try read(input, policy: policy, today: today).warnings } catch let error as CaseFileError
        {
            return error.faults
        }
    }

    /// A shipped policy as it stands in its file.
    static func policyText(_ id: String) throws -> String {
        let folder = URL(filePath: #filePath).appending(path: "../../../Sources/Casework/Policies")
            .standardizedFileURL
        return try String(contentsOf: folder.appending(path: "\(id).json"), encoding: .utf8)
    }

    static func policyNamed(_ id: String) throws -> Policy {
        guard let policy = PolicyLibrary.standard[id] else { throw Missing(name: id) }
        return policy
    }
}

/// `forms.json`: the vocabulary of the forms as the digest has it.
struct Vocabulary: Decodable {
    let keys: [String: String]
    let forms: [String: [[String]]]
    let lists: [String: [String]]
    let facts: [String]
}

/// A value of an example case, read by Foundation so that the program's own reader is tested against another.
private struct Answer: Decodable {
    let json: JSON

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // Which type stands here is found by asking: a refusal only means "another type".
        if container.decodeNil() {
            json = .null
        } else if let value = try? container.decode(Bool.self) {
            json = .bool(value)
        } else if let value = try? container.decode(String.self) {
            json = .text(value)
        } else if let value = try? container.decode(Decimal.self) {
            json = .number(value)
        } else if let value = try? container.decode([Answer].self) {
            json = .list(value.map(\.json))
        } else {
            json = .object(try container.decode([String: Answer].self).mapValues(\.json))
        }
    }
}
