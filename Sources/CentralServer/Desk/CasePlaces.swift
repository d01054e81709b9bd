import SyncProtocol

/// In whose scope each of some cases is, read with few statements however many they are.
struct CasePlaces {
    private let hospitals: [HospitalID: HospitalRecord]
    private let scopes: [CaseID: [Scope]]

    init(of cases: [CaseID], in transaction: any CentralTransaction) throws(CentralError) {
        hospitals = Dictionary(
            try transaction.hospitals().map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        scopes = try transaction.scopes(of: Array(Set(cases)))
    }

    /// The hospitals that have a case now.
    subscript(caseID: CaseID) -> [HospitalRecord] {
        (scopes[caseID] ?? []).filter { $0.left == nil }.compactMap { hospitals[$0.hospital] }
    }

    /// The hospital whose record a case is; nil of any other.
    func hospital(ofRecord caseID: CaseID) -> HospitalRecord? { hospitals[HospitalID(record: caseID)] }
}
