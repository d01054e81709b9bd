/// What was found to be wrong with a store, and how much was looked at.
package struct AuditReport: Hashable, Sendable, Codable {
    /// Which part of the store a problem is in, and so what has to be done about it.
    package enum Part: String, Hashable, Sendable, Codable {
        /// The file itself: pages, indexes, references between rows.
        case file
        /// Bodies and their content IDs.
        case log
        /// Replicas' chains.
        case chain
        /// Feeds: links, running sums, receipts.
        case feed
        /// What is made of the log and can be made again.
        case cache
    }

    /// One thing that is wrong; it names no person.
    package struct Problem: Hashable, Sendable, Codable {
        package let part: Part
        package let sentence: String
    }

    /// Problems that are told at most; all are counted.
    package static let problemsMax = 100

    package private(set) var problems: [Problem] = []
    package private(set) var problemCount = 0
    package internal(set) var changeCount = 0
    package internal(set) var replicaCount = 0
    package internal(set) var entryCount = 0
    package internal(set) var caseCount = 0
    /// Whether something other than a cache is wrong.
    package private(set) var isDamaged = false

    init() {}

    mutating func add(_ part: Part, _ sentence: String) {
        problemCount += 1
        if part != .cache { isDamaged = true }
        if problems.count < Self.problemsMax { problems.append(Problem(part: part, sentence: sentence)) }
    }
}
