import Casework
import Foundation

/// The papers and messages of a policy file, read beside the policy itself.
struct PaperFile: Decodable {
    let papers: [PolicyPaper]
    let messages: [PolicyMessage]
}

extension Fixture {
    static let regions = ["gx-yongfu", "hl-fuyuan", "gx", "ah", "gx-liuzhou"]

    static func paperFile(_ region: String) throws -> PaperFile {
        try JSONDecoder().decode(PaperFile.self, from: Data(try policyText(region).utf8))
    }

    static func paper(_ region: String) throws -> Paper {
        Paper(policy: try policyNamed(region), papers: try paperFile(region).papers)
    }

    /// The answers of an example case, whatever is wrong with them.
    static func answers(_ number: String) throws -> Answers {
        var values: [String: JSON] = [:]
        for (key, value) in try birth(number) where key != "jurisdiction" && key != "siblings" {
            values[key] = value
        }
        return try answers(values)
    }

    static func answers(_ values: [String: JSON]) throws -> Answers {
        var answers = Answers()
        for (key, value) in values {
            guard let field = FieldDictionary.standard.field(key) else { continue }
            answers[key] = try field.type.cbor(from: value)
        }
        return answers
    }

    /// The example cases whose content the papers of a region are tried with.
    static let birthOfRegion: [String: String] = [
        "gx-yongfu": "01", "hl-fuyuan": "06", "gx": "11", "ah": "16", "gx-liuzhou": "21",
    ]
}
