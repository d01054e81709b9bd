import SyncProtocol

/// What a policy's rules are read against: the answers about one newborn, the items applied for, and the
/// papers that were handed in.
package struct Facts: Sendable {
    package let answers: Answers
    /// Codes of the items that the application has, the mandatory ones included.
    package let applied: Set<String>
    /// By code of the material.
    package let materials: [String: HandedIn]

    /// A material that was handed in: which pages of it, and in which file formats where that is known.
    package struct HandedIn: Hashable, Sendable {
        package var parts: Set<String> = []
        /// Extensions by page, in small letters.
        package var formats: [String: String] = [:]

        /// A page whose picture is here has been handed in.
        mutating func add(_ page: CasePage) {
            parts.insert(page.part)
            formats[page.part] = page.format.rawValue
        }
    }

    package init(_ answers: Answers, applied: Set<String>) {
        self.answers = answers
        self.applied = applied
        var materials = Self.materials(answers["materials"])
        for page in CasePage.all(of: answers) { materials[page.material, default: HandedIn()].add(page) }
        self.materials = materials
    }

    /// The same application with other items.
    package init(_ facts: Facts, applied: Set<String>) {
        answers = facts.answers
        self.applied = applied
        materials = facts.materials
    }

    /// The texts of a field that is a list of texts or codes.
    package func texts(_ key: String) -> [String] {
        guard case .array(let values)? = answers[key] else { return [] }
        return values.compactMap { if case .text(let text) = $0 { text } else { nil } }
    }

    /// Reads the field `materials`: an array of records in the order code, parts, formats, attachments. Two
    /// entries of one code are one material.
    private static func materials(_ value: CBOR?) -> [String: HandedIn] {
        guard case .array(let entries)? = value else { return [:] }
        var materials: [String: HandedIn] = [:]
        for case .array(let record) in entries {
            guard case .text(let code)? = record.first else { continue }
            var material = materials[code] ?? HandedIn()
            if record.count > 1, case .array(let parts) = record[1] {
                for case .text(let part) in parts { material.parts.insert(part) }
            }
            if record.count > 2, case .map(let pairs) = record[2] {
                for pair in pairs {
                    guard case .text(let part) = pair.key, case .text(let format) = pair.value else {
                        continue
                    }
                    material.formats[part] = format.lowercased()
                }
            }
            materials[code] = material
        }
        return materials
    }
}
