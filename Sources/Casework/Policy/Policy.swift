/// One region's rules as data (DESIGN section 7): what the form asks, which conditions hold, which papers are
/// wanted, which services are offered, by when, and what is told. A new county is a new file, not new code.
///
/// The file is JSON, format 2: `docs/policy-format.md`, and `Policies/policy.schema.json` as JSON Schema.
package struct Policy: Hashable, Sendable, Decodable {
    package let id: String
    package let version: Int
    package let title: String
    package let place: String
    /// The beginning of the GB/T 2260 codes of the place.
    package let countyPrefix: String
    /// The names of the departments that take part, by their code.
    package let departments: [String: String]
    /// Keys whose conflict holds every item: nothing may be decided on them.
    package let needs: [String]
    /// The form, in its printed order.
    package let sections: [Section]
    /// The services, in the order in which the form offers them.
    package let items: [Item]
    /// The conditions, stage by stage; the first stage with a failing condition decides.
    package let stages: [Stage]
    /// Items that wait for a fact although the application goes on.
    package let holds: [Hold]
    /// What each decision means here, by ``DecisionKind``; a kind that is absent does not exist in this
    /// region.
    package let decisions: [String: Decision]
    /// The papers to show.
    package let materials: [Material]
    /// Further conditions whose failure asks for a correction.
    package let corrections: [Condition]
    /// Sentences that hinder nothing.
    package let prompts: [Prompt]
    /// Who may collect which paper.
    package let pickups: [Pickup]
    /// The limit of the whole application, if there is one.
    package let total: Limit?
    /// By when the papers reach the applicant, if that is promised.
    package let delivery: Limit?
    /// Windows that close.
    package let countdowns: [Countdown]
    package let handover: Handover?
    /// Under which number a newborn may have been enrolled before it had one of its own.
    package let preEnrolment: Benefit<PreEnrolmentRule>?
    /// From when a newborn is insured.
    package let insurance: Benefit<InsuranceRule>?
    package let duties: [Duty]
    /// What is printed.
    package let papers: Printed<PolicyPaper>
    /// What is told to the family by message.
    package let messages: Printed<PolicyMessage>

    package func item(_ code: String) -> Item? { items.first { $0.code == code } }

    package func material(_ code: String) -> Material? { materials.first { $0.code == code } }

    package func decision(_ kind: DecisionKind) -> Decision? { decisions[kind.rawValue] }

    /// The keys of the form in their order, each once.
    package var keys: [String] {
        var seen: Set<String> = []
        return sections.flatMap(\.fields).flatMap(\.keys).filter { seen.insert($0).inserted }
    }
}

/// What may be decided about an application. The words are the codes of the list `decision`.
package enum DecisionKind: String, Hashable, Sendable, CaseIterable, Decodable {
    case accept, correct, refuse, offline, blocked, refuseAndReturn
}

extension Policy {
    /// A block of the form.
    package struct Section: Hashable, Sendable, Decodable {
        /// The form in forms.md, or `window` for what the clerk establishes beside it.
        package let form: String
        package let title: String
        /// A remark printed above or below the block, for the clerk to read out.
        package let note: String?
        package let fields: [Row]
    }

    /// One row of the form: its printed label, the keys that it asks for, and who uses them.
    package struct Row: Hashable, Sendable, Decodable {
        package let label: String
        package let keys: [String]
        /// Codes of departments, or `window`, `platform`, `post`.
        package let consumers: [String]
        /// When the row must be filled in before the case can be accepted; nil for never.
        package let required: Expression?
        /// Keys of the row that may stay empty all the same.
        package let optional: [String]?
        /// Which codes of the field's list the form offers, with the form's own words; nil for the whole
        /// list.
        package let choices: [Choice]?
        /// Who fills it in, if not the clerk: the code of a department, or `system`.
        package let filledBy: String?
        /// A remark printed beside it.
        package let note: String?
    }

    /// One box of a row.
    package struct Choice: Hashable, Sendable, Decodable {
        package let code: String
        package let label: String

        package init(code: String, label: String) {
            self.code = code
            self.label = label
        }
    }

    /// A service that is applied for.
    package struct Item: Hashable, Sendable, Decodable {
        package let code: String
        package let department: String
        package let name: String
        package let choice: Ticking
        /// The items that must be done first.
        package let after: [String]
        /// The names of the groups from which its result may come, each with one owner.
        package let results: [String]
        /// Where the seed says so.
        package let source: String
        /// The keys that its department needs; a conflict in one of them holds the item.
        package let needs: [String]
        /// It is applied for only if this holds; its `applies` sees the items that are ticked or mandatory.
        package let when: Expression?
        /// By when it is promised; the first limit whose path is the application's. None: the seed gives no
        /// number.
        package let limits: [Limit]?
        /// The promise in the region's words, where it is more than a number.
        package let promise: String?
        /// What the applicant gets.
        package let artefact: String?
        /// Where it is done.
        package let place: String?
        /// The key of the field in which the applicant chooses how to get it.
        package let deliveryKey: String?
    }

    /// Whether an item is part of an application.
    package enum Ticking: String, Hashable, Sendable, Decodable {
        /// Always.
        case mandatory
        /// When it is ticked.
        case optional
        /// It is handed out beside the application and never part of it.
        case direct
    }

    /// A number of working days and what they are counted from (standards.md section 9.2).
    package struct Limit: Hashable, Sendable, Decodable {
        package let workingDays: Int
        package let from: Start
        /// Counts only on this path of the application (``Decision/path``).
        package let path: String?

        package static let workingDaysMax = 366
    }

    /// The day after which a limit begins: `acceptance`, `application`, `predecessors` (the last one done;
    /// acceptance without any), or the key of a date.
    package enum Start: Hashable, Sendable, Decodable {
        case acceptance, application, predecessors
        case date(key: String)

        package init(from decoder: any Decoder) throws {
            switch try decoder.singleValueContainer().decode(String.self) {
            case "acceptance": self = .acceptance
            case "application": self = .application
            case "predecessors": self = .predecessors
            case let key: self = .date(key: key)
            }
        }
    }
}
