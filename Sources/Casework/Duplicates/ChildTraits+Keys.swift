/// Where to look for the same child: two cases that share a key are compared, others never.
extension ChildTraits {
    /// Keys of one case; further ones are left out.
    package static let keysMax = 48

    /// What this case can be found by. They hold what is personal: only keyed tokens of them may be kept.
    ///
    /// Names stand as they sound, so that neither another character of the same sound nor zh for z hides a case; every key joins two
    /// traits or holds a number that only one family has.
    package var keys: Set<String> {
        guard !isWithdrawn else { return [] }
        var keys: Set<String> = []
        func add(_ kind: String, _ parts: Set<String>...) {
            keys.formUnion(
                parts.reduce(["\(kind)"]) { heads, tails in
                    Set(heads.flatMap { head in tails.map { "\(head)\u{1F}\($0)" } })
                })
        }
        let (dates, mothers) = (self[.birthDate], sounds(.motherName))
        add("certificate", self[.certificate])
        add("child", self[.childID])
        add("mother", self[.motherID])
        add("father", self[.fatherID])
        add("phone", self[.phone])
        add("mother's name", mothers, dates)
        add("child's name", sounds(.childName), dates)
        add("parents", mothers, sounds(.fatherName))
        add("minute", self[.institution], dates, self[.birthTime])
        add("inpatient", self[.institution], self[.inpatient])
        return Set(keys.sorted().prefix(Self.keysMax))
    }

    private func sounds(_ trait: Trait) -> Set<String> {
        Set(
            self[trait].map { name in
                Pinyin.standard.syllables(ofName: name).map(foldedSyllable).joined(separator: " ")
            })
    }
}
