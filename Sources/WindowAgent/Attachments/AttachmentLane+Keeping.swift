import Cryptography
import Persistence
import SyncProtocol

/// Which files may go, because central has them.
extension AttachmentLane {
    /// Attachments that are to be asked about at a time at most; beyond, the next look asks.
    static let backupQuestionsMax = 4096

    /// The bytes of those that are here whole and do not wait to be sent.
    func sizes(of hashes: [Digest]) -> [Digest: Int] {
        var sizes: [Digest: Int] = [:]
        for hash in hashes {
            // What cannot be looked at stays.
            guard let isWaiting = try? files.isWaiting(hash), !isWaiting,
                let count = (try? files.byteCount(of: hash)) ?? nil
            else { continue }
            sizes[hash] = count
        }
        return sizes
    }

    /// How many of them wait to be sent.
    func waitingCount(among hashes: [Digest]) throws(AttachmentError) -> Int {
        var count = 0
        for hash in hashes where try files.isWaiting(hash) { count += 1 }
        return count
    }

    /// Removes a file that central has; one that waits to be sent stays.
    func remove(_ hash: Digest) throws(AttachmentError) {
        guard try !files.isWaiting(hash) else { return }
        try files.remove(hash)
    }

    /// Removes a file whether it was sent or not: its case was erased.
    func erase(_ hash: Digest) throws(AttachmentError) {
        try files.noteSent(hash)
        try files.remove(hash)
    }

    /// Asks central with the next exchange whether an attachment is in a verified backup.
    func askBackup(of hash: Digest) {
        guard backupQuestions.count < Self.backupQuestionsMax, !backupQuestions.contains(hash) else { return }
        backupQuestions.append(hash)
    }

    /// What the next exchange asks.
    func nextBackupQuestions() -> [Digest] { Array(backupQuestions.prefix(Limits.backupQuestionsMax)) }

    /// Notes that these were asked: the answer is in the store, and what it does not name is asked again by a later look.
    func noteAsked(_ hashes: [Digest]) { backupQuestions.removeAll(where: Set(hashes).contains) }
}
