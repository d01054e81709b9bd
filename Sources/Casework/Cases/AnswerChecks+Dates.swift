// Dates that must stand in their order.

extension AnswerChecks {
    /// The first may not be later than the second.
    private static let ordered = [
        ("birthDate", "applyDate"), ("birthDate", "acceptanceDate"), ("admissionDate", "birthDate"),
        ("delegateFrom", "delegateTo"), ("applyDate", "acceptanceDate"), ("birthDate", "motherDischargeDate"),
        ("birthDate", "childDischargeDate"),
    ]

    /// What has happened by the time it is written down.
    private static let past = [
        "birthDate", "applyDate", "acceptanceDate", "motherBirthDate", "fatherBirthDate", "admissionDate",
        "motherSignDate", "fatherSignDate", "delegatorSignDate", "delegateSignDate", "payDate",
    ]

    /// After more than so many days an application for a newborn is unusual.
    private static let daysToApplicationMax = 400

    mutating func checkDates() {
        for (first, second) in Self.ordered {
            guard let early = answers.date(first), let late = answers.date(second), late < early else {
                continue
            }
            add(second, .before(label: label(first)))
        }
        if let birth = answers.date("birthDate"), let applied = answers.date("applyDate"),
            applied.dayNumber - birth.dayNumber > Self.daysToApplicationMax
        {
            add("applyDate", .longAfter(label: label("birthDate"), days: Self.daysToApplicationMax))
        }
        if let moment = answers.text("applyDateTime"), let date = answers.text("applyDate"),
            !moment.hasPrefix(date)
        {
            add("applyDateTime", .differs(label: label("applyDate")))
        }
        guard let today else { return }
        for key in Self.past where answers.date(key).map({ $0 > today }) ?? false { add(key, .inFuture) }
    }

    /// The moment of discharge, of which the time counts where the time of birth is known.
    mutating func checkDischarge() {
        guard let discharge = answers.text("dischargeDateTime").flatMap({ Moment($0) }),
            let birth = answers.date("birthDate")
        else { return }
        if discharge.date < birth {
            add("dischargeDateTime", .before(label: label("birthDate")))
        } else if let time = answers.text("birthTime"), let moment = Moment(birth, time: time),
            discharge < moment
        {
            add("dischargeDateTime", .before(label: label("birthTime")))
        }
    }
}
