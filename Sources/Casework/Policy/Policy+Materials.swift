extension Policy {
    /// A paper to show, with its pages.
    package struct Material: Hashable, Sendable, Decodable {
        /// The rule's code in policies.md, for example `YF-M03b`.
        package let code: String
        /// The name as the sentences print it.
        package let name: String
        /// `original`, `copy`, `electronic`, `shared` and the like, in the region's words.
        package let form: String
        /// The pages that must be there.
        package let parts: [String]
        /// The file extensions that are accepted, in the order in which they are told; nil for any.
        package let formats: [String]?
        /// Who brings it: `applicant`, `mother`, `window`, `system` and the like.
        package let providedBy: String
        /// Who signs it, in words; nil where nobody must.
        package let signature: String?
        package let neededFor: [String]
        /// Not asked for once shared data has verified it.
        package let shared: Bool
        /// It is wanted only if this holds; nil for always.
        package let when: Expression?
        package let at: Occasion
        /// A page that is also there when this field is answered, by page: a signature on the form.
        package let partKeys: [String: String]?
        /// Pages that are one sheet when a condition holds; either one then stands for both.
        package let samePage: SamePage?
        package let source: String
    }

    /// When a paper is wanted.
    package enum Occasion: String, Hashable, Sendable, Decodable {
        /// With the application: without it, a correction.
        case application
        /// When something is handed out.
        case pickup
        /// It travels by post; its lack is a condition of its own.
        case post
        /// It comes out of the procedure or is made by the system, and is never asked for.
        case produced
    }

    /// Two pages that may be one sheet.
    package struct SamePage: Hashable, Sendable, Decodable {
        package let parts: [String]
        package let when: Expression
    }
}

extension Policy.Material {
    /// The sentences that ask for what lacks of it; none if nothing does (policies.md sections 1.5 and 3.5).
    package func gaps(_ facts: Facts, verified: Set<String>) -> [String] {
        guard at == .application, when?.holds(facts) ?? true, !(shared && verified.contains(code)) else {
            return []
        }
        let given = facts.materials[code]
        let missing = parts.filter { !has($0, given, facts) }
        var gaps: [String] = []
        if missing.count == parts.count {
            return ["请补正：\(name)。"]
        } else if !missing.isEmpty {
            gaps.append("请补正：\(name)（缺：\(missing.joined(separator: "、"))）。")
        }
        if let formats, let given, given.formats.values.contains(where: { !formats.contains($0) }) {
            gaps.append("请补正：\(name)（格式不符，支持 \(formats.joined(separator: ", ")) 格式）。")
        }
        return gaps
    }

    private func has(_ part: String, _ given: Facts.HandedIn?, _ facts: Facts) -> Bool {
        if given?.parts.contains(part) ?? false { return true }
        if let key = partKeys?[part], facts.answers[key] != nil { return true }
        guard let samePage, samePage.parts.contains(part), samePage.when.holds(facts) else { return false }
        return samePage.parts.contains { given?.parts.contains($0) ?? false }
    }
}
