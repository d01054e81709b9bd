/// One region's rules as data (DESIGN section 7): what the form asks, in which order, for whom, and which services are
/// offered. A new county is a new file, not new code.
///
/// The file is JSON, format 1. Keys that this version does not know are ignored, so that it can grow.
package struct Policy: Hashable, Sendable {
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

    /// A block of the form.
    package struct Section: Hashable, Sendable, Decodable {
        /// The form in forms.md, or `window` for what the clerk establishes beside it.
        package let form: String
        package let title: String
        package let fields: [Row]
    }

    /// One row of the form: its printed label, the keys that it asks for, and who uses them.
    package struct Row: Hashable, Sendable, Decodable {
        package let label: String
        package let keys: [String]
        /// Codes of departments, or `window`, `platform`, `post`.
        package let consumers: [String]
    }

    /// A service that is applied for.
    package struct Item: Hashable, Sendable, Decodable {
        package let code: String
        package let department: String
        package let name: String
        package let choice: Choice
        /// The items that must be done first.
        package let after: [String]
        /// The names of the groups from which its result may come, each with one owner.
        package let results: [String]
        /// Where the seed says so.
        package let source: String
        /// The keys that its department needs; a conflict in one of them holds the item.
        package let needs: [String]
    }

    /// Whether an item is part of an application.
    package enum Choice: String, Hashable, Sendable, Decodable {
        /// Always.
        case mandatory
        /// When it is ticked.
        case optional
        /// It is handed out beside the application and never part of it.
        case direct
    }

    package func item(_ code: String) -> Item? { items.first { $0.code == code } }

    /// The items of an application for which these were ticked: with the mandatory ones, in the policy's order.
    package func applied(ticking ticked: Set<String>) -> [String] {
        items.filter { item in
            switch item.choice {
            case .mandatory: true
            case .optional: ticked.contains(item.code)
            case .direct: false
            }
        }.map(\.code)
    }

    /// The keys of the form in their order, each once.
    package var keys: [String] {
        var seen: Set<String> = []
        return sections.flatMap(\.fields).flatMap(\.keys).filter { seen.insert($0).inserted }
    }
}

extension Policy: Decodable {}
