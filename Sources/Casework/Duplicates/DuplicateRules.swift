import Foundation

/// By what rules two cases are taken for one child: data (`Duplicates.json`), held to `duplicates.schema.json`.
package struct DuplicateRules: Hashable, Sendable {
    /// A rule that speaks for one child, or a doubt that speaks against it.
    package struct Rule: Hashable, Sendable {
        /// For example `DC-03`: what a person calls it by.
        package let code: String
        /// From 1 to 100.
        package let score: Int
        /// One claim of each has to hold.
        package let when: [Set<Claim>]
        /// None of these may hold.
        package let unless: Set<Claim>
        /// The sentence for people; it names no value.
        package let text: String

        func holds(_ claims: Set<Claim>) -> Bool {
            when.allSatisfy { !$0.isDisjoint(with: claims) } && unless.isDisjoint(with: claims)
        }
    }

    /// How children of one delivery are told apart.
    package struct Siblings: Hashable, Sendable {
        package let text: String
        /// What the weights must come to where a delivery is said to have had several children.
        package let severalMin: Int
        /// The same, where nobody has said how many.
        package let unknownMin: Int
        package let weights: [Claim: Int]
    }

    package let version: Int
    /// Pairs that score less are not told.
    package let shownMin: Int
    /// What each further rule adds to the highest score.
    package let furtherHit: Int
    package let nearDays: Int
    /// Days between two births that cannot be of two pregnancies.
    package let closeDays: Int
    package let nearMinutes: Int
    package let nearGrams: Int
    package let nearDigits: Int
    package let rules: [Rule]
    package let doubts: [Rule]
    package let siblings: Siblings
    private let namelessWords: Set<String>
    private let namelessEndings: [String]

    /// The rules that are shipped with the program.
    package static let standard = shipped("Duplicates.json") {
        try DuplicateRules(json: PackageResources.Duplicates_json)
    }

    /// Reads rules and refuses what the schema does not allow, claims that do not exist, and codes that stand twice.
    package init(json bytes: [UInt8]) throws(DictionaryError) {
        let file: File
        do {
            let schema = try JSONSchema(JSON(parsing: PackageResources.duplicates_schema_json))
            let faults = schema.faults(in: try JSON(parsing: bytes))
            guard faults.isEmpty else { throw DictionaryError("\(faults)") }
            file = try JSONDecoder().decode(File.self, from: Data(bytes))
        } catch { throw (error as? DictionaryError) ?? DictionaryError("\(error)") }
        (version, shownMin, furtherHit) = (file.version, file.shownMin, file.furtherHit)
        (nearDays, closeDays, nearMinutes) = (file.nearDays, file.closeDays, file.nearMinutes)
        (nearGrams, nearDigits) = (file.nearGrams, file.nearDigits)
        (namelessWords, namelessEndings) = (Set(file.namelessWords), file.namelessEndings)
        rules = try file.rules.map { rule throws(DictionaryError) in try Rule(rule) }
        doubts = try file.doubts.map { rule throws(DictionaryError) in try Rule(rule) }
        siblings = try Siblings(file.siblings)
        let codes = (rules + doubts).map(\.code)
        guard Set(codes).count == codes.count else { throw DictionaryError("a code stands twice") }
    }

    /// Whether a name says only that there is none yet: 待定, or 王芳之子.
    package func isNameless(_ name: String) -> Bool {
        namelessWords.contains(name) || namelessEndings.contains { name.hasSuffix($0) }
    }

    /// The rule or doubt with a code; nil for one of another version.
    package func rule(_ code: String) -> Rule? { (rules + doubts).first { $0.code == code } }

    /// The sentence of a code, also where only an older version knows it.
    package func text(of code: String) -> String {
        if code == Self.siblingsCode { return siblings.text }
        return rule(code)?.text ?? "按规则 \(code) 认定（本版程序没有该规则的说明）。"
    }

    /// Stands with a hit that had to tell siblings apart.
    package static let siblingsCode = "DS-01"
}

extension DuplicateRules {
    private struct File: Decodable {
        let version, shownMin, furtherHit, nearDays, closeDays, nearMinutes, nearGrams, nearDigits: Int
        let namelessWords, namelessEndings: [String]
        let rules, doubts: [RuleFile]
        let siblings: SiblingsFile
    }

    fileprivate struct RuleFile: Decodable {
        let code: String
        let score: Int
        let when: [[String]]
        let unless: [String]?
        let text: String
    }

    fileprivate struct SiblingsFile: Decodable {
        let text: String
        let severalMin, unknownMin: Int
        let weights: [String: Int]
    }
}

extension DuplicateRules.Rule {
    fileprivate init(_ file: DuplicateRules.RuleFile) throws(DictionaryError) {
        (code, score, text) = (file.code, file.score, file.text)
        when = try file.when.map { claims throws(DictionaryError) in try Claim.all(claims) }
        unless = try Claim.all(file.unless ?? [])
    }
}

extension DuplicateRules.Siblings {
    fileprivate init(_ file: DuplicateRules.SiblingsFile) throws(DictionaryError) {
        (text, severalMin, unknownMin) = (file.text, file.severalMin, file.unknownMin)
        var weights: [Claim: Int] = [:]
        for (text, weight) in file.weights { weights[try Claim.known(text)] = weight }
        self.weights = weights
    }
}

extension Claim {
    fileprivate static func known(_ text: String) throws(DictionaryError) -> Claim {
        guard let claim = Claim(text) else { throw DictionaryError("\(text) cannot be claimed") }
        return claim
    }

    fileprivate static func all(_ texts: [String]) throws(DictionaryError) -> Set<Claim> {
        Set(try texts.map { text throws(DictionaryError) in try known(text) })
    }
}
