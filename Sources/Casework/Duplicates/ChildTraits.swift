import Foundation
package import SyncProtocol

/// What tells one newborn from another: read from a case, whatever of it is there, several values where it is in conflict.
package struct ChildTraits: Hashable, Sendable {
    /// One thing that is compared.
    package enum Trait: String, Hashable, Sendable, CaseIterable {
        case certificate, childID, childName, sex, birthDate, birthTime, weight, plurality
        case institution, inpatient, motherName, motherID, fatherName, fatherID, phone
    }

    /// Values of one trait that are compared; further ones are left out, the greatest first.
    package static let valuesMax = 8

    package let caseID: CaseID
    /// Without traits of which nothing is known.
    package private(set) var values: [Trait: Set<String>] = [:]
    /// Cases that were registered as siblings of this one.
    package private(set) var linked: Set<CaseID> = []
    /// Cases that a person has said are another child.
    package private(set) var dismissed: Set<CaseID> = []
    /// The case into which this one was merged; several while that is in conflict.
    package private(set) var mergedInto: Set<CaseID> = []
    /// The application was taken back: who applies once more is no duplicate.
    package private(set) var isWithdrawn = false

    /// Traits that are given, as they are.
    package init(caseID: CaseID, _ values: [Trait: Set<String>], linked: Set<CaseID> = []) {
        (self.caseID, self.linked) = (caseID, linked)
        for (trait, texts) in values { put(trait, texts) }
    }

    package init(
        _ caseID: CaseID, _ state: CaseState, dictionary: FieldDictionary,
        rules: DuplicateRules = .standard
    ) {
        self.caseID = caseID
        for (trait, keys) in Self.keys {
            let texts = keys.flatMap { Self.texts($0, state, dictionary) }
            let isName = [.childName, .motherName, .fatherName].contains(trait)
            let normal = texts.map { isName ? Self.normalName($0) : Self.normal($0) }
            put(trait, Set(normal.filter { !isName || !rules.isNameless($0) }))
        }
        linked = Self.cases(Self.linkedKey, state, dictionary)
        dismissed = Self.cases(Self.dismissedKey, state, dictionary)
        mergedInto = Self.cases(Self.mergedKey, state, dictionary)
        isWithdrawn = !Self.texts(Self.withdrawnKey, state, dictionary).isEmpty
    }

    /// The groups that are read, ascending: while none of them changes, neither do the traits.
    package static func groups(in dictionary: FieldDictionary) -> [GroupID] {
        let keys = keys.values.joined() + [linkedKey, dismissedKey, mergedKey, withdrawnKey]
        return Set(keys.compactMap { dictionary.place(of: $0)?.group.id }).sorted()
    }

    private static let (linkedKey, dismissedKey) = ("linkedCases", "notDuplicateOf")
    private static let (mergedKey, withdrawnKey) = ("mergedInto", "withdrawalDate")

    package subscript(trait: Trait) -> Set<String> { values[trait] ?? [] }

    private mutating func put(_ trait: Trait, _ texts: Set<String>) {
        let kept = texts.filter { !$0.isEmpty }.sorted().prefix(Self.valuesMax)
        if !kept.isEmpty { values[trait] = Set(kept) }
    }

    /// The fields behind each trait.
    private static let keys: [Trait: [String]] = [
        .certificate: ["birthCertNo"], .childID: ["childIdNo"], .childName: ["childName"], .sex: ["childSex"],
        .birthDate: ["birthDate"], .birthTime: ["birthTime"], .weight: ["birthWeightGrams"],
        .plurality: ["plurality"], .institution: ["birthInstitutionName"], .inpatient: ["inpatientNo"],
        .motherName: ["motherName"], .motherID: ["motherIdNo"], .fatherName: ["fatherName"],
        .fatherID: ["fatherIdNo"], .phone: ["motherPhone", "fatherPhone"],
    ]

    /// Every standing value of a field, also while its group is in conflict.
    private static func texts(_ key: String, _ state: CaseState, _ dictionary: FieldDictionary) -> [String] {
        standing(key, state, dictionary).compactMap { value in
            switch value {
            case .text(let text): text
            case .unsigned(let number): String(number)
            default: nil
            }
        }
    }

    private static func cases(
        _ key: String, _ state: CaseState, _ dictionary: FieldDictionary
    ) -> Set<CaseID> {
        Set(
            standing(key, state, dictionary).flatMap { value -> [CaseID] in
                let entries = if case .array(let entries) = value { entries } else { [value] }
                return entries.compactMap {
                    if case .bytes(let bytes) = $0 { CaseID(bytes: bytes) } else { nil }
                }
            })
    }

    private static func standing(
        _ key: String, _ state: CaseState, _ dictionary: FieldDictionary
    ) -> [CBOR] {
        guard let place = dictionary.place(of: key) else { return [] }
        return (state.registers[place.group.id]?.standing ?? []).compactMap { standing in
            standing.value.indices.contains(place.index) ? standing.value[place.index] : nil
        }
    }

    /// As it is compared: one form of each character, in capitals, without blanks.
    private static func normal(_ text: String) -> String {
        text.precomposedStringWithCompatibilityMapping.uppercased().filter { !$0.isWhitespace }
    }

    /// Also without the marks between the parts of a name, of which there are many forms.
    private static func normalName(_ text: String) -> String {
        normal(text).filter { !"·•・‧.-".contains($0) }
    }
}
