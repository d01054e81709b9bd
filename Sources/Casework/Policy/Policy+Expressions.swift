extension Policy {
    /// The members that hold expressions, wherever they stand in a policy file.
    private static let expressionMembers: Set = ["if", "unless", "when", "rule", "required", "until", "done"]

    /// Every expression of a policy file that cannot be read, with its place and the code of the rule that it
    /// belongs to. A decoder would stop at the first.
    static func expressionFaults(
        in json: JSON, at path: String = "", dictionary: FieldDictionary, codes: CodeLists
    ) -> [PolicyFault] {
        switch json {
        case .list(let values):
            return values.enumerated().flatMap { index, value in
                expressionFaults(in: value, at: "\(path)[\(index)]", dictionary: dictionary, codes: codes)
            }
        case .object(let members):
            var code: String?
            if case .text(let text)? = members["code"] { code = text }
            return members.sorted { $0.key < $1.key }.flatMap { name, value in
                let place = JSONSchema.joined(path, name)
                if case .text(let text) = value, expressionMembers.contains(name) {
                    return fault(in: text, dictionary, codes).map { [PolicyFault(place, code: code, $0)] }
                        ?? []
                }
                return expressionFaults(in: value, at: place, dictionary: dictionary, codes: codes)
            }
        case .null, .bool, .number, .text: return []
        }
    }

    private static func fault(in text: String, _ dictionary: FieldDictionary, _ codes: CodeLists) -> String? {
        do { _ = try Expression(text, dictionary: dictionary, codes: codes) } catch {
            return error.description
        }
        return nil
    }
}
