package import SyncProtocol

/// What a department answers for one item of a case.
package struct DepartmentResult: Hashable, Sendable {
    /// Bytes of ``id``.
    package static let idBytesMax = 128

    package let department: String
    /// The department's own name of this answer: if it comes again, nothing happens.
    package let id: String
    package let caseID: CaseID
    package let item: String
    package let outcome: Outcome
    package let date: CalendarDate
    /// A certificate's, booklet's or card's number.
    package let number: String?
    /// What the paper is called where it is kept as a file.
    package let artefact: String?
    /// Why it was sent back or could not be done.
    package let note: String?
    /// Further fields that the department owns, such as the citizen number that the police give, coded, by key.
    package let values: [String: CBOR]
    /// The dots that the task showed, by group. What is left out was not seen.
    package let asOf: [GroupID: [Dot]]
    /// The operator's account.
    package let user: String

    package init(
        department: String, id: String, caseID: CaseID, item: String, outcome: Outcome, date: CalendarDate,
        number: String? = nil, artefact: String? = nil, note: String? = nil, values: [String: CBOR] = [:],
        asOf: [GroupID: [Dot]] = [:], user: String
    ) {
        (self.department, self.id, self.caseID, self.item) = (department, id, caseID, item)
        (self.outcome, self.date, self.number, self.artefact) = (outcome, date, number, artefact)
        (self.note, self.values, self.asOf, self.user) = (note, values, asOf, user)
    }

    /// The value of a result group, member by member as its keys end.
    ///
    /// - Throws: ``ValueError`` for a text that is too long or that holds control characters.
    func value(in group: FieldGroup) throws(ValueError) -> [CBOR] {
        let texts: [(suffix: String, text: String?)] = [
            ("Status", outcome.rawValue), ("Date", date.description), ("ID", id), ("Number", number),
            ("Artefact", artefact), ("Note", note),
        ]
        var value: [CBOR] = []
        for member in group.members {
            let text = texts.first { member.key.hasSuffix($0.suffix) }?.text
            value.append(try member.type.cbor(from: text.map { .text($0) } ?? .null))
        }
        return value
    }
}

/// What becomes of a result.
package enum ResultVerdict: Hashable, Sendable {
    /// It is written.
    case take
    /// It is written and set aside until a person takes it up: it may be true, but not as things stand here. With why.
    case keep([String])
    /// Nothing is written: everything that is wrong with it.
    case refuse([String])
}
