import Casework
import SyncProtocol

/// A case as a list of central's shows it.
struct ListedCase: Sendable {
    let summary: CaseSummary
    let state: CaseState
    /// The codes of the hospitals in whose scope it is.
    let hospitals: [String]
}

extension CaseDesk {
    /// Up to `countMax` cases, newest first, of those older than one, without records. Statements do not grow with the count.
    ///
    /// - Parameters:
    ///   - number: the whole number of a case, if only that one is wanted.
    /// - Returns: and after which case to go on; nil at the end.
    func listed(
        before: CaseID?, in hospitalCode: String?, number: String? = nil, countMax: Int
    ) async throws(CentralError) -> (cases: [ListedCase], next: CaseID?) {
        let records: Set<CaseID> = [.centralRecord, .staffRecord]
        return try await store.read { transaction throws(CentralError) in
            let hospitals = try transaction.hospitals()
            let hospital = hospitals.first { $0.code == hospitalCode }
            guard hospitalCode == nil || hospital != nil else { throw CentralError.refused(.unknownHospital) }
            var summaries: [CaseSummary]
            if let number {
                let holders = try transaction.holders(
                    of: NumberRecord(kind: .case, number: number), countMax: countMax)
                summaries = []
                for id in holders {
                    if let known = try transaction.summary(of: id) { summaries.append(known) }
                }
            } else {
                summaries = try transaction.summaries(
                    before: before, in: hospital?.id, countMax: countMax)
            }
            let next = summaries.count == countMax ? summaries.last?.caseID : nil
            let own = Set(hospitals.map(\.id.record)).union(records)
            summaries.removeAll { own.contains($0.caseID) }
            let ids = summaries.map(\.caseID)
            let changes = try transaction.changes(of: ids)
            let scopes = try transaction.scopes(of: ids)
            let codes = Dictionary(
                hospitals.map { ($0.id, $0.code) }, uniquingKeysWith: { first, _ in first })
            let cases = summaries.map { summary in
                ListedCase(
                    summary: summary,
                    state: CaseState(folding: (changes[summary.caseID] ?? []).map(\.change)),
                    hospitals: (scopes[summary.caseID] ?? []).filter { $0.left == nil }
                        .compactMap { codes[$0.hospital] })
            }
            return (cases, next)
        }
    }
}
