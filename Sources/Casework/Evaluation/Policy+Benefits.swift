extension Policy {
    /// Under which name, document type and number a newborn may have been enrolled before it had a number of
    /// its own; nil where the region does not know this, or where the application does not ask.
    ///
    /// - Parameter newborns: of the delivery; the answers may tell of more (`plurality`).
    package func preEnrolment(of answers: Answers, newborns: Int) -> PreEnrolment? {
        guard let preEnrolment, preEnrolment.when.holds(facts(of: answers)) else { return nil }
        let isMultiple = newborns > 1 || ["twin", "multiple"].contains(answers.text("plurality"))
        return preEnrolment.rule.preEnrolment(for: answers, isMultiple: isMultiple)
    }

    /// From when the newborn is insured, and which years may be paid for; nil where the region does not say,
    /// or nobody asks for insurance.
    package func insuranceTerm(of answers: Answers) -> InsuranceTerm? {
        guard let insurance, insurance.when.holds(facts(of: answers)), let birth = answers.date("birthDate")
        else {
            return nil
        }
        return insurance.rule.term(birth: birth, paid: answers.date("payDate"))
    }
}
