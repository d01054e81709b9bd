import Cryptography
import SyncProtocol

extension Ledger {
    /// The end of a hospital's feed, what was appended here included.
    mutating func head(of hospital: HospitalID) throws(CentralError) -> FeedHead {
        if let head = heads[hospital] { return head }
        guard let head = try transaction.feedHead(of: hospital) else {
            throw CentralError.refused(.unknownHospital)
        }
        heads[hospital] = head
        return head
    }

    mutating func append(
        _ id: ContentID, _ number: ChangeNumber, to hospital: HospitalID
    ) throws(CentralError) {
        let receipt = books.receipts.receipt(for: id, in: hospital)
        try append(.change(number, receipt), link: FeedEntry.link(change: id), to: hospital) { $0.add(id) }
    }

    mutating func append(enters caseID: CaseID, to hospital: HospitalID) throws(CentralError) {
        try append(.enters(caseID), link: FeedEntry.link(enters: caseID), to: hospital) { _ in }
    }

    /// - Parameter sum: the content IDs of the case, which go out of the scope's fingerprint.
    mutating func append(
        leaves caseID: CaseID, sum: Fingerprint, to hospital: HospitalID
    ) throws(CentralError) {
        try append(.leaves(caseID), link: FeedEntry.link(leaves: caseID), to: hospital) { $0.subtract(sum) }
    }

    /// A change of a case that left: it does not count in the scope's fingerprint.
    mutating func append(
        late change: Change, _ number: ChangeNumber, _ receipt: Receipt, to hospital: HospitalID
    ) throws(CentralError) {
        try append(.late(number, receipt), link: FeedEntry.link(late: change.id), to: hospital) { _ in }
    }

    private mutating func append(
        _ subject: FeedRow.Subject, link: Digest, to hospital: HospitalID,
        _ count: (inout Fingerprint) -> Void
    ) throws(CentralError) {
        var head = try head(of: hospital)
        head.position += 1
        head.chain = head.chain.appending(link)
        count(&head.fingerprint)
        try transaction.append(FeedRow(subject: subject, head: head), to: hospital)
        heads[hospital] = head
        grown.insert(hospital)
    }
}
