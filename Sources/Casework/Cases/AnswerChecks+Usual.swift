import SyncProtocol

// What a single answer usually looks like.

extension AnswerChecks {
    mutating func checkUsual(_ key: String, _ value: CBOR) {
        guard let field = dictionary.field(key) else { return }
        if case .list(.code) = field.type, !field.repeats, case .array(let codes) = value,
            Set(codes).count != codes.count
        {
            add(key, .repeated)
        }
        let number: Double? =
            switch value {
            case .unsigned(let number): Double(number)
            case .float(let number): number
            default: nil
            }
        if let number, let range = field.range, !range.contains(number) {
            add(key, .outOfRange(range))
        } else if let number, let usual = field.usual, !usual.contains(number) {
            add(key, .unusual(usual))
        }
        guard case .text(let text) = value else { return }
        switch (field.type, field.check) {
        case (.format(.phone), _) where !TextFormat.isMobile(text): add(key, .landLine)
        case (.format(.countyCode), _) where !UsualForm.isInProvince(text): add(key, .noSuchProvince)
        case (.format(.bankCard), _) where !UsualForm.hasLuhnSum(text): add(key, .noLuhnSum)
        case (_, .chineseName?) where !UsualForm.isChineseName(text): add(key, .notChineseName)
        case (_, .marriageCertNo?) where !UsualForm.isMarriageCertificate(text):
            add(key, .oldMarriageCertificate)
        default: break
        }
    }
}

extension AnswerChecks {
    /// The numbers of birth certificates are given out by province (standards.md section 7).
    mutating func checkProvinces() {
        guard let certificate = answers.text("birthCertNo"),
            let county = answers.text("institutionCountyCode"),
            TextFormat.birthCertificate.matches(certificate),
            certificate.dropFirst().prefix(2) != county.prefix(2)
        else { return }
        add("birthCertNo", .otherProvince(label: label("institutionCountyCode")))
    }
}
