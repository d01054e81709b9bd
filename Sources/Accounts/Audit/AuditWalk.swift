import Cryptography
package import SyncProtocol

/// Looks at a log from its first line to its last and tells what was done to it: a line altered, removed, put in or moved, its front or its
/// end cut off, or lines of another store's. Lines come in ascending order; nothing of them is kept.
///
/// Laws: a log that nobody touched has no fault; one in which any one line, value or column was altered, removed, moved or put in has; one
/// whose end was cut off, with what the store notes of it, has one as soon as an anchor is behind the cut.
package struct AuditWalk: Sendable {
    private let chain: AuditChain
    private let head: AuditHead
    /// By number, those of this log.
    private let anchors: [UInt64: Set<Digest>]
    private var place: AuditPlace
    package private(set) var verdict: AuditVerdict

    package init(_ head: AuditHead, _ chain: AuditChain, anchors: [AuditAnchor] = []) {
        (self.head, self.chain) = (head, chain)
        let own = anchors.filter { $0.log == head.log }
        self.anchors = Dictionary(grouping: own, by: \.sequence).mapValues { Set($0.map(\.value)) }
        place = head.cut
        verdict = AuditVerdict(
            log: head.log, first: head.cut.sequence + 1, last: head.end.sequence,
            anchors: own.count, foreignAnchors: anchors.count - own.count)
        if head.cut.sequence == 0, head.cut.value != chain.start(of: head.log) {
            verdict.add(.start, at: 0)
        }
        compare(head.cut)
    }

    /// Takes the next line.
    package mutating func take(_ stored: StoredAuditLine) {
        verdict.lines += 1
        if stored.sequence != place.sequence + 1 { verdict.add(.gap, at: place.sequence + 1) }
        if let bytes = stored.bytes {
            if chain.value(after: place.value, stored.sequence, bytes) != stored.value {
                verdict.add(.altered, at: stored.sequence)
            } else if let line = stored.line,
                line.milliseconds != stored.milliseconds || line.cases.first != stored.firstCase
            {
                verdict.add(.columns, at: stored.sequence)
            }
        } else {
            verdict.add(.unreadable, at: stored.sequence)
        }
        place = AuditPlace(sequence: stored.sequence, value: stored.value)
        compare(place)
    }

    /// After the last line.
    ///
    /// - Parameter hasMore: there are lines behind the end that the store notes.
    package mutating func finish(hasMore: Bool = false) -> AuditVerdict {
        if place != head.end || hasMore { verdict.add(.end, at: place.sequence + 1) }
        for sequence in anchors.keys.sorted() where sequence > place.sequence {
            verdict.add(.cut, at: sequence)
        }
        return verdict
    }

    private mutating func compare(_ place: AuditPlace) {
        guard let told = anchors[place.sequence], told != [place.value] else { return }
        verdict.add(.anchor, at: place.sequence)
    }
}

/// What is wrong with a log, and how much was looked at.
package struct AuditVerdict: Hashable, Sendable {
    /// One thing that is wrong.
    package enum Fault: String, Hashable, Sendable, CaseIterable {
        /// The log does not begin as its name says.
        case start
        /// A line is missing, or one came in between.
        case gap
        case altered
        case unreadable
        case columns
        /// The log ends elsewhere than the store notes.
        case end
        /// Another machine keeps another value for this line.
        case anchor
        /// Another machine keeps a value for a line that is not there.
        case cut

        /// A technician's sentence, with what to do.
        package func sentence(_ sequence: UInt64) -> String {
            switch self {
            case .start: "the log does not begin as its name says: its beginning was replaced"
            case .gap: "line \(sequence) is not where it belongs: one was removed, put in or moved"
            case .altered:
                "line \(sequence) is not the one that was written there: it was altered, moved or put in"
            case .unreadable: "line \(sequence) does not open: it was altered, or comes from another store"
            case .columns: "line \(sequence) has another time or case in its columns than in itself"
            case .end: "the log ends elsewhere than noted: lines from \(sequence) on were removed or put in"
            case .anchor:
                "line \(sequence) is another one than when it was told: the log was rewritten, put back from a copy, or goes on in two places"
            case .cut:
                "the log was told up to line \(sequence), which is not there: its end was cut off, or an old copy was put back"
            }
        }

        package static let advice = """
            Next: keep a copy of the whole data directory as it is, and compare it with the last backup. The log goes on; what is told of \
            the time before the first fault holds.
            """
    }

    /// Faults that are told at most; all are counted.
    package static let faultsMax = 100

    package let log: [UInt8]
    /// The number of the first line that has to be there.
    package let first: UInt64
    package let last: UInt64
    /// Kept by another machine, of this log and of others.
    package let anchors: Int
    package let foreignAnchors: Int
    package var lines = 0
    package private(set) var faults: [FoundFault] = []
    package private(set) var faultCount = 0

    /// A fault and its line.
    package struct FoundFault: Hashable, Sendable {
        package let fault: Fault
        package let sequence: UInt64
    }

    init(log: [UInt8], first: UInt64, last: UInt64, anchors: Int, foreignAnchors: Int) {
        (self.log, self.first, self.last) = (log, first, last)
        (self.anchors, self.foreignAnchors) = (anchors, foreignAnchors)
    }

    package var isWhole: Bool { faultCount == 0 }

    mutating func add(_ fault: Fault, at sequence: UInt64) {
        faultCount += 1
        if faults.count < Self.faultsMax { faults.append(FoundFault(fault: fault, sequence: sequence)) }
    }
}
