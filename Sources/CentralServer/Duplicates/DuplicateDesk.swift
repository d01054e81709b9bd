import Casework
import SyncProtocol

/// Where central's people see cases that look like one child, and say what they are. All of it is ordinary changes of central's on the
/// two cases, so that both hospitals hear of it, and a restored central gets it back from either.
package struct DuplicateDesk: Sendable {
    let store: any CentralStore
    let books: Books
    let now: @Sendable () -> UInt64

    /// One of the two cases, with what a person needs to know it by.
    struct Side: Sendable {
        let caseID: CaseID
        let state: CaseState
        /// The hospitals in whose scope it is.
        let hospitals: [HospitalRecord]
    }

    /// A pair of the list.
    struct Listed: Sendable {
        let pair: DuplicatePair
        let first: Side
        let second: Side
    }

    /// Two cases side by side, with all their changes.
    struct Comparison: Sendable {
        /// Nil if nothing was found alike in them.
        let pair: DuplicatePair?
        let first: Side
        let second: Side
        /// Of both cases, by time.
        let history: [Change]
    }

    /// Changes of both cases in one comparison at most, the latest.
    static let historyMax = 400

    /// Up to `countMax` pairs after one, the oldest first.
    func pairs(
        _ filter: DuplicateFilter, in hospitalCode: String?, after: DuplicatePlace?, countMax: Int
    ) async throws(CentralError) -> [Listed] {
        try await store.read { transaction throws(CentralError) in
            var filter = filter
            if let hospitalCode {
                guard let hospital = try transaction.hospital(code: hospitalCode) else {
                    throw CentralError.refused(.unknownHospital)
                }
                filter.hospital = hospital.id
            }
            let pairs = try transaction.duplicatePairs(filter, after: after, countMax: countMax)
            let ids = Array(Set(pairs.flatMap { [$0.cases.first, $0.cases.second] }))
            let (changes, scopes) = (try transaction.changes(of: ids), try transaction.scopes(of: ids))
            let hospitals = Dictionary(
                try transaction.hospitals().map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
            func side(_ id: CaseID) -> Side {
                Side(
                    caseID: id, state: CaseState(folding: (changes[id] ?? []).map(\.change)),
                    hospitals: (scopes[id] ?? []).filter { $0.left == nil }.compactMap {
                        hospitals[$0.hospital]
                    })
            }
            return pairs.map { Listed(pair: $0, first: side($0.cases.first), second: side($0.cases.second)) }
        }
    }

    func comparison(_ cases: CasePair) async throws(CentralError) -> Comparison {
        let books = books
        return try await store.read { transaction throws(CentralError) in
            let (first, second) = (
                try Self.side(cases.first, transaction), try Self.side(cases.second, transaction)
            )
            try Self.check(first, second, books)
            let changes =
                try transaction.changes(of: cases.first).map(\.change)
                + transaction.changes(of: cases.second).map(\.change)
            let history = changes.filter { $0.content != nil }.sorted {
                ($0.content?.time ?? HybridTime(rawValue: 0), $0.id) < (
                    $1.content?.time ?? HybridTime(rawValue: 0), $1.id
                )
            }
            return Comparison(
                pair: try transaction.duplicatePair(cases), first: first, second: second,
                history: Array(history.suffix(Self.historyMax)))
        }
    }

    private static func side(
        _ caseID: CaseID, _ transaction: any CentralTransaction
    ) throws(CentralError) -> Side {
        let state = CaseState(folding: try transaction.changes(of: caseID).map(\.change))
        return Side(
            caseID: caseID, state: state, hospitals: try MergeDesk.hospitals(of: caseID, in: transaction))
    }

    static func check(_ first: Side, _ second: Side, _ books: Books) throws(CentralError) {
        guard first.caseID != second.caseID else { throw CentralError.refused(.duplicates(.sameCase)) }
        for side in [first, second] {
            guard side.state.count > 0 else { throw CentralError.refused(.unknownCase) }
            guard side.caseID != .centralRecord, side.caseID != .staffRecord,
                books.casebook.hospitalIdentity(in: side.state) == nil
            else {
                throw CentralError.refused(.duplicates(.record))
            }
        }
    }
}
