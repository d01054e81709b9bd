import Casework
import Foundation
import SyncProtocol

/// `Fixtures/rules.json`: for every rule code of policies.md an example case and what to change in it so that
/// the rule's sentence shows, and so that it stays quiet.
struct RuleTable {
    let rows: [Row]

    struct Row {
        let code: String
        /// The number of the example case.
        let base: String
        let place: Place
        /// The sentence as policies.md has it.
        let text: String
        let tries: [JSON]
        let quiet: [JSON]

        init(_ json: JSON) throws {
            guard let members = json.members, case .text(let code)? = members["code"],
                case .text(let base)? = members["base"], case .text(let text)? = members["text"],
                case .text(let word)? = members["in"], let place = Place(rawValue: word)
            else { throw Fixture.Missing(name: "rules.json") }
            (self.code, self.base, self.place, self.text) = (code, base, place, text)
            tries = members["tries"]?.list ?? []
            quiet = members["quiet"]?.list ?? []
        }
    }

    /// Where a rule shows.
    enum Place: String {
        case reasons, gaps, prompts, held, pickup
        /// Nowhere in the evaluation: it speaks of a step outside the case, or of a paper that is not asked
        /// for.
        case never, listed
    }

    static let shared = Result { try RuleTable() }

    private init() throws {
        rows = try (JSON(parsing: Fixture.bytes("rules.json")).list ?? []).map(Row.init)
    }

    /// The answers of a row's example case with a change. Beside fields, a change knows `without`
    /// (materials), `parts` and `formats` (of materials, by code) and `adding` (materials).
    static func answers(_ row: Row, _ change: JSON) throws -> Answers {
        var input = try Fixture.birth(row.base)
        var materials = input["materials"]?.list ?? []
        for (key, value) in change.members ?? [:] {
            switch key {
            case "without": materials.removeAll { (value.list ?? []).contains($0.members?["code"] ?? .null) }
            case "adding": materials += value.list ?? []
            case "parts", "formats":
                materials = materials.map { material in
                    guard var members = material.members, case .text(let code)? = members["code"],
                        let changed = value.members?[code]
                    else { return material }
                    members[key] = changed
                    return .object(members)
                }
            default: input[key] = value
            }
        }
        input["materials"] = .list(materials)
        let file = try CheckFile([UInt8](try JSONEncoder().encode(input))) { PolicyLibrary.standard[$0] }
        return file.newborns[0]
    }

    /// Whether a policy shows the row's sentence for these answers.
    static func shows(_ row: Row, _ policy: Policy, _ answers: Answers) -> Bool {
        let isIt = { (finding: Evaluation.Finding) in finding.code == row.code && finding.text == row.text }
        let evaluation = policy.evaluate(answers)
        switch row.place {
        case .reasons: return evaluation.reasons.contains(where: isIt)
        case .gaps: return evaluation.gaps.contains(where: isIt)
        case .prompts: return evaluation.prompts.contains(where: isIt)
        case .held:
            return evaluation.held.values.contains(row.code)
                && policy.holds.contains { $0.code == row.code && $0.text == row.text }
        case .pickup: return (policy.pickup(of: "birthCert", answers) ?? []).contains(where: isIt)
        case .never, .listed:
            let shown = evaluation.reasons + evaluation.gaps + evaluation.prompts
            let isListed =
                policy.material(row.code)?.name == row.text
                || policy.prompts.contains { $0.code == row.code && $0.text == row.text }
            return isListed && !shown.contains { $0.code == row.code }
        }
    }

    /// A row with the answers that each of its changes leads to.
    struct Trial {
        let row: Row
        /// Under which the sentence shows.
        let loud: [Answers]
        /// Under which it does not; the unchanged case is one of them.
        let quiet: [Answers]

        init(_ row: Row) throws {
            self.row = row
            loud = try row.tries.map { try answers(row, $0) }
            // In the unchanged case nobody collects anything.
            let isAsked = ![.never, .listed].contains(row.place)
            let unchanged = isAsked && row.place != .pickup ? [JSON.object([:])] : []
            quiet = try (row.quiet + unchanged).map { try answers(row, $0) }
        }

        /// The first change that does not lead to what the table says, or nil.
        func objection(to policy: Policy) -> String? {
            if let index = loud.firstIndex(where: { !shows(row, policy, $0) }) {
                return "\(row.code) is quiet at \(index)"
            }
            return quiet.firstIndex { shows(row, policy, $0) }.map { "\(row.code) shows at quiet \($0)" }
        }
    }
}

extension JSON {
    var list: [JSON]? { if case .list(let values) = self { values } else { nil } }
}

/// A step into a JSON value.
enum PathStep: Hashable, CustomStringConvertible {
    case member(String)
    case entry(Int)

    var description: String {
        switch self {
        case .member(let name): ".\(name)"
        case .entry(let index): "[\(index)]"
        }
    }
}
