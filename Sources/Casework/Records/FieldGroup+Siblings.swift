extension FieldGroup {
    /// Whether twins have it in common, so that it is entered once for all linked cases: the delivery, the parents, the application and
    /// where the family settles. What only one child can have is its own, and so is whatever the program or a department writes.
    package var isSharedBySiblings: Bool {
        isEntered && !Self.ownNames.contains(name) && !members.contains { $0.key.hasPrefix("child") }
    }

    /// Groups of one child beside those with a field that is named after the child.
    private static let ownNames: Set<String> = [
        "acceptance", "notes", "birthMoment", "birthMeasures", "liveBirth", "apgar", "malformation",
        "birthAdvice", "birthCertNumber", "head", "registration", "preEnrolment", "payment", "paymentDate",
        "ssCardNumber", "vaccination", "postedPapers", "platformCase", "platformStatus", "evaluation",
        "evaluationDate",
    ]
}
