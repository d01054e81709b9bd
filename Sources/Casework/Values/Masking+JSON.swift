extension JSON {
    /// The same with every number of a document, phone or account hidden that stands under a field's key, however deep: for lists
    /// (standards.md section 14.4). What a list's reader has to compare in full is shown by the case itself.
    package func masked(by dictionary: FieldDictionary) -> JSON { masked(nil, dictionary) }

    private func masked(_ masking: Masking?, _ dictionary: FieldDictionary) -> JSON {
        switch self {
        case .object(let members):
            var shown: [String: JSON] = [:]
            for (key, value) in members {
                let own = dictionary.field(key).flatMap { Masking($0) }
                shown[key] = value.masked(own ?? masking, dictionary)
            }
            return .object(shown)
        case .list(let entries): return .list(entries.map { $0.masked(masking, dictionary) })
        case .text(let text): return masking.map { .text($0.masked(text)) } ?? self
        case .null, .number, .bool: return self
        }
    }
}
