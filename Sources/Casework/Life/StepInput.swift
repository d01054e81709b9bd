package import SyncProtocol

/// What somebody gives for a step. Which of it a step needs is told by ``CaseLife/plan(_:_:by:)``.
package struct StepInput: Hashable, Sendable {
    /// The day of the step; nil for today by the machine's clock.
    package var date: CalendarDate?
    /// In a person's words.
    package var reasons: [String] = []
    package var artefact: Artefact?
    /// The code of the item that is handed in again; nil for the only one that was sent back.
    package var item: String?
    /// A certificate's or booklet's number.
    package var number: String?
    /// The next unused certificate of the stock, to be proposed to who gives no number.
    package var nextNumber: CertificateNumber?
    /// The paper in hand is the next one: its number need not be typed.
    package var takesNext = false
    /// A code of the list `collector`.
    package var collector: String?
    /// Codes of the list `shownOriginal`.
    package var originals: [String] = []
    /// The paper goes by post, and nobody comes for it.
    package var isMailed = false
    /// How far a paper in the post (`delivering`, `delivered`) or the originals are.
    package var progress: String?
    /// A code of the list `evaluation`.
    package var evaluation: String?
    /// The day of the first vaccination.
    package var vaccinated: CalendarDate?

    package init() {}

    /// Reasons that one step takes.
    package static let reasonsMax = 16
    /// Characters of one reason.
    package static let reasonLongest = 200
}

/// What a step records.
package struct StepPlan: Hashable, Sendable {
    package let step: CaseStep
    package let date: CalendarDate
    /// Coded values by key; null takes an answer back.
    package var answers: [String: CBOR] = [:]
    /// An entry that is added to a group with the rule union, coded, by key.
    package var addition: [String: CBOR] = [:]
    /// Groups, by name, that are written even if the same stands there: what happens twice on one day happens twice.
    package var renewed: Set<String> = []
    /// The ``PaperKind`` of the paper that is issued with it under a number of its own; nil where the region has none.
    package var notice: String?

    init(_ step: CaseStep, _ date: CalendarDate) { (self.step, self.date) = (step, date) }
}

/// Why a step is not taken: everything that speaks against it, at once.
package struct StepRefusal: Error, Hashable, Sendable {
    package let step: CaseStep
    package let reasons: [Reason]

    /// One sentence for the clerk, and what kind of hindrance it tells of.
    package struct Reason: Hashable, Sendable {
        package let kind: Kind
        package let text: String

        package enum Kind: Hashable, Sendable {
            /// Somebody else has to do it.
            case role
            /// The case is not so far, or further already.
            case stage
            /// The rules of the region, or the state of the case, speak against it.
            case rule
            /// Something of what was given is missing or wrong.
            case input
        }
    }

    init(_ step: CaseStep, _ reasons: [Reason]) { (self.step, self.reasons) = (step, reasons) }

    /// All sentences, one per line.
    package var chinese: String { reasons.map(\.text).joined(separator: "\n") }
}
