import Foundation

/// One choice of a code list.
package struct Code: Hashable, Sendable, Decodable {
    package let code: String
    package let label: String
    /// The sex that a relation implies, as a code of the list `sex` (standards.md section 5).
    package let sex: String?
}

/// The code lists of forms.md section 3 and of the case facts (section 4): data, not code.
package struct CodeLists: Sendable {
    private let lists: [String: [Code]]

    package static let standard = shipped("Codes.json") { try CodeLists(json: PackageResources.Codes_json) }

    /// Reads code lists, and refuses a list in which a code stands twice.
    package init(json bytes: [UInt8]) throws(DictionaryError) {
        let file: CodesFile
        do { file = try JSONDecoder().decode(CodesFile.self, from: Data(bytes)) } catch {
            throw DictionaryError("\(error)")
        }
        guard file.format == 1 else { throw DictionaryError("unknown format \(file.format)") }
        for (name, codes) in file.lists where Set(codes.map(\.code)).count != codes.count {
            throw DictionaryError("list \(name): a code stands twice")
        }
        lists = file.lists
    }

    /// The choices in the order in which a form offers them; empty for an unknown list.
    package subscript(list: String) -> [Code] { lists[list] ?? [] }

    /// The names of all lists.
    package var names: Set<String> { Set(lists.keys) }

    package func code(_ code: String, in list: String) -> Code? { self[list].first { $0.code == code } }
}

private struct CodesFile: Decodable {
    let format: Int
    let lists: [String: [Code]]
}
