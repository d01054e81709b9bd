extension Policy {
    /// A predicate that an application must satisfy, with the sentence that is shown if it does not.
    package struct Condition: Hashable, Sendable, Decodable {
        /// The rule's code in policies.md, for example `YF-E01`.
        package let code: String
        /// It is asked only if this holds; nil for always.
        package let `if`: Expression?
        package let rule: Expression
        package let text: String
        package let source: String
        /// The items that it holds up when it fails.
        package let items: [String]?

        /// Whether it speaks against the application: unknown does not satisfy (policies.md section 0).
        package func fails(_ facts: Facts) -> Bool {
            (self.if?.holds(facts) ?? true) && !rule.holds(facts)
        }
    }

    /// Conditions that are asked together. Of several stages only the first with a failure is reported: a
    /// later one has not been reached.
    package struct Stage: Hashable, Sendable, Decodable {
        package let decision: DecisionKind
        package let conditions: [Condition]
    }

    /// Items that wait until a fact is there.
    package struct Hold: Hashable, Sendable, Decodable {
        package let code: String
        package let rule: Expression
        package let text: String
        package let source: String
        package let items: [String]
    }

    /// What a decision means in this region.
    package struct Decision: Hashable, Sendable, Decodable {
        /// The region's word for it.
        package let title: String
        /// Which items the application has after it.
        package let items: Extent
        /// The application goes on: there is an acceptance date and deadlines.
        package let goesOn: Bool
        /// The way on which it goes on, where the region has several.
        package let path: String?
        /// Originals that were posted travel back.
        package let returnsOriginals: Bool?
        /// What is said after the reasons.
        package let closing: String?
        /// The main papers and messages, by the names that `check` answers with.
        package let notices: [NoticeName]
    }

    /// Which of the items that were applied for an application keeps.
    package enum Extent: String, Hashable, Sendable, Decodable {
        case all, none
        /// Those that nothing holds up.
        case free
    }

    /// A paper or message, and when it is one of the application's.
    package struct NoticeName: Hashable, Sendable, Decodable {
        package let name: String
        package let when: Expression?
    }

    /// A sentence for clerk and applicant that hinders nothing: shown if `if` holds and `unless` does not.
    /// With neither it is only listed, because it speaks of a step outside the case.
    package struct Prompt: Hashable, Sendable, Decodable {
        package let code: String
        package let `if`: Expression?
        package let unless: Expression?
        package let text: String
        package let source: String

        package func isShown(_ facts: Facts) -> Bool {
            guard self.if != nil || unless != nil else { return false }
            return (self.if?.holds(facts) ?? true) && !(unless?.holds(facts) ?? false)
        }
    }

    /// The checks before a paper is handed to somebody.
    package struct Pickup: Hashable, Sendable, Decodable {
        package let item: String
        package let checks: [Condition]
    }

    /// A moment after which something can no longer be done.
    package struct Countdown: Hashable, Sendable, Decodable {
        package let code: String
        package let label: String
        /// A date, whose whole day still counts, or a moment.
        package let until: Expression
        /// It no longer matters once this holds.
        package let done: Expression?
        package let source: String
        /// The name under which `check` answers with it, if it does.
        package let answer: String?
    }

    /// What an authority has to do, as the documents say.
    package struct Duty: Hashable, Sendable, Decodable {
        package let who: String
        package let what: String
        /// When, in words.
        package let due: String?
        package let source: String
    }
}

extension Expression: Decodable {
    /// Reads the text of an expression.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do { try self.init(try container.decode(String.self)) } catch let error as ExpressionError {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(error)")
        }
    }
}
