// The child, and the delivery that it is of.

extension AnswerChecks {
    mutating func checkChild() {
        // standards.md section 5: the sex that the relation implies is the child's.
        if let sex = answers.text("childSex"), ["1", "2"].contains(sex),
            let relation = answers.text("relationToHead"),
            let implied = codes.code(relation, in: "relation")?.sex, implied != sex
        {
            add("relationToHead", .sexDiffers)
        }
        // standards.md section 3: the child takes the ethnicity of one parent.
        if let parent = answers.text("childEthnicityFollows"), let own = answers.text("childEthnicity"),
            let taken = answers.text("\(parent)Ethnicity"), taken != own
        {
            add("childEthnicity", .differs(label: label("\(parent)Ethnicity")))
        }
    }

    /// The sexes of a delivery have one entry for each newborn (forms.md F-YF1, row 38).
    mutating func checkDelivery() {
        let plurality = answers.text("plurality")
        if case .array(let sexes)? = answers["deliverySexes"] {
            switch plurality {
            case "single" where sexes.count > 1: add("deliverySexes", .differs(label: label("plurality")))
            case "twin" where sexes.count != 2: add("deliverySexes", .unlike(label: label("plurality")))
            default: break
            }
            if let sex = answers.text("childSex"), ["1", "2"].contains(sex), !sexes.contains(.text(sex)),
                !sexes.contains(.text("0"))  // A sex that was not known then can be known now.
            {
                add("childSex", .differs(label: label("deliverySexes")))
            }
        }
        guard newbornCount > 1 else { return }
        let siblings = "同胞人数"
        switch plurality {
        case "single": add("plurality", .differs(label: siblings))
        case "twin" where newbornCount != 2: add("plurality", .unlike(label: siblings))
        case "multiple" where newbornCount < 3: add("plurality", .unlike(label: siblings))
        default: break
        }
    }

    /// What is asked for where something was out of the ordinary (002 产时记录, rows 9, 10 and 21).
    private static let explained = [
        ("transfusion", "transfusionMl"), ("labourAbnormal", "labourAbnormalNote"),
        ("malformation", "malformationKind"),
    ]

    mutating func checkNotFilled() {
        for (question, detail) in Self.explained
        where answers[question] == .bool(true) && answers[detail] == nil {
            add(detail, .notFilled)
        }
    }

    /// 002 五(五)6: the pre-enrolment number is the mother's or the father's ID number with a mark for the child. It
    /// never blocks (policies.md section 3.9).
    mutating func checkPreEnrolment() {
        guard let number = answers.text("preEnrolNo") else { return }
        let parents = ["motherIdNo", "fatherIdNo"].compactMap(answers.text)
        let isParents = parents.count < 2 || parents.contains(String(number.prefix(18)))
        if !isParents || !UsualForm.isPreEnrolmentNumber(number) { add("preEnrolNo", .oddPreEnrolment) }
    }
}
