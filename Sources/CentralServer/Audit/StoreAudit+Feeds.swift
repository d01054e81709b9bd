import Persistence
import SyncProtocol

extension StoreAudit {
    /// Every feed's entries lead, without a gap, to the chain, sum and position that are noted.
    mutating func lookAtFeeds() throws(DatabaseError) {
        let hospitals = try database.rows("SELECT position, chain, fingerprint, id FROM hospital ORDER BY id")
        {
            row throws(DatabaseError) in (head: try row.feedHead(0), id: try row.hospital(3))
        }
        for hospital in hospitals {
            var walk = FeedWalk(hospital: hospital.id)
            try lookAtEntries(&walk)
            if walk.fault == nil, walk.head != hospital.head {
                walk.fault = "the feed ends elsewhere than noted"
            }
            report.entryCount += walk.count
            if let fault = walk.fault { report.add(.feed, "hospital \(hospital.id): \(fault)") }
        }
    }

    /// A feed on the way through its entries.
    private struct FeedWalk {
        let hospital: HospitalID
        var head = FeedHead.start
        var count = 0
        /// The highest number of a change that the feed has shown.
        var number: Int64 = 0
        /// The cases in the scope there.
        var cases: Set<CaseID> = []
        /// The first thing that is wrong; what follows from it is not told.
        var fault: String?
    }

    private func lookAtEntries(_ walk: inout FeedWalk) throws(DatabaseError) {
        var next = walk
        defer { walk = next }
        try database.forEach(
            """
            SELECT f.position, f.chain, f.fingerprint, f.kind, f.case_id, f.change, f.receipt, c.content,
                c.case_id, c.replica, c.sequence, c.body
            FROM feed AS f LEFT JOIN change AS c ON c.number = f.change WHERE f.hospital = ? ORDER BY f.position
            """, SQLiteValue(walk.hospital)
        ) { row throws(DatabaseError) in
            let noted = try row.feedHead(0)
            next.count += 1
            let fault = try step(&next, row)
            next.fault = next.fault ?? fault
            if next.fault == nil, next.head != noted {
                next.fault = "chain, sum or position do not fit at position \(noted.position)"
            }
            next.head = noted
            return .more
        }
    }

    /// Goes over one entry as it went when it was made; answers what is wrong with it by itself.
    private func step(_ walk: inout FeedWalk, _ row: borrowing Row) throws(DatabaseError) -> String? {
        walk.head.position += 1
        switch try row.integer(3) {
        case 1, 6: return try showChange(&walk, row)
        case 3: walk.head.chain = walk.head.chain.appending(FeedEntry.link(enters: try row.caseID(4)))
        default:
            let caseID = try row.caseID(4)
            walk.head.chain = walk.head.chain.appending(FeedEntry.link(leaves: caseID))
            // One that left a hospital without ever having been shown there takes nothing away.
            if walk.cases.remove(caseID) != nil {
                walk.head.fingerprint.subtract(try sum(of: caseID, through: walk.number))
            }
        }
        return nil
    }

    private func showChange(_ walk: inout FeedWalk, _ row: borrowing Row) throws(DatabaseError) -> String? {
        guard try row.optionalBlob(7) != nil else {
            return "the change of position \(walk.head.position) is not in the log"
        }
        guard let receipt = Receipt(bytes: try row.blob(6)) else {
            return "the receipt of position \(walk.head.position) is none"
        }
        let id = try row.contentID(7)
        if try row.integer(3) == 1 {
            walk.number = max(walk.number, try row.integer(5))
            walk.cases.insert(try row.caseID(8))
            walk.head.chain = walk.head.chain.appending(FeedEntry.link(change: id))
            walk.head.fingerprint.add(id)
        } else {
            walk.head.chain = walk.head.chain.appending(FeedEntry.link(late: id))
        }
        guard let receipts, !receipts.isGenuine(receipt, for: id, in: walk.hospital) else { return nil }
        return "the receipt of position \(walk.head.position) is not genuine"
    }

    /// Over the changes of a case that a feed had shown by the time that it had shown this number.
    private func sum(of caseID: CaseID, through number: Int64) throws(DatabaseError) -> Fingerprint {
        var sum = Fingerprint.empty
        try database.forEach(
            "SELECT content FROM change WHERE case_id = ? AND number <= ?", SQLiteValue(caseID),
            .integer(number)
        ) { row throws(DatabaseError) in
            sum.add(try row.contentID(0))
            return .more
        }
        return sum
    }
}
