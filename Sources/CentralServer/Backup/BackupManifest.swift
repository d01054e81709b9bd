import Cryptography
import Foundation
import Persistence
import SyncProtocol

/// What a backup says of itself, in `manifest.json`: written last of its files, with the hash of the list of all others.
package struct BackupManifest: Hashable, Sendable, Codable {
    /// The end of one hospital's feed. The hospital is named by its ID only.
    package struct Feed: Hashable, Sendable, Codable {
        package let hospital: String
        package let position: UInt64
        package let chain: String
    }

    /// How far the backup has a replica.
    package struct Replica: Hashable, Sendable, Codable {
        package let id: String
        package let length: UInt64
    }

    /// The only form that there is.
    static let formatNow = 1
    /// Bytes of the file at most: some 100,000 replicas.
    static let byteCountMax = 16 << 20

    let format: Int
    /// The version of the program that made it.
    package let software: String
    package let madeMilliseconds: UInt64
    package let epoch: String
    package let feeds: [Feed]
    package let replicas: [Replica]
    package let attachmentCount: Int
    /// Of the store and all attachments.
    package let byteCount: Int
    /// Of `SHA256SUMS`, in hexadecimal.
    let sums: String

    /// Each replica's length.
    var watermarks: [Watermark] {
        replicas.compactMap { replica in
            UInt64(replica.id, radix: 16).map {
                Watermark(replica: ReplicaID(rawValue: $0), sequence: replica.length)
            }
        }
    }

    /// The end of each hospital's feed.
    var feedPoints: [(hospital: HospitalID, point: FeedPoint)] {
        feeds.compactMap { feed in
            guard let record = CaseID(feed.hospital),
                let chain = [UInt8](hexadecimal: feed.chain).flatMap({ Digest(bytes: $0) })
            else { return nil }
            return (
                HospitalID(record: record), FeedPoint(position: feed.position, chain: Chain(rawValue: chain))
            )
        }
    }

    /// The same content is always the same bytes.
    var encoded: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        // Numbers are whole and texts valid, so nothing here can fail to encode.
        guard let data = try? encoder.encode(self) else { preconditionFailure("a manifest encodes") }
        return [UInt8](data)
    }

    init(decoding bytes: [UInt8], of backup: String) throws(BackupError) {
        guard let read = try? JSONDecoder().decode(BackupManifest.self, from: Data(bytes)) else {
            throw .notABackup("\(backup): manifest.json cannot be read")
        }
        guard read.format == Self.formatNow else {
            throw .notABackup(
                "\(backup) was made by a later version (\(read.software)); install that version")
        }
        self = read
    }
}

extension BackupManifest {
    /// What a copy of a store holds.
    init(
        of database: Database, madeMilliseconds: UInt64, sums: BackupSums, software: String
    ) throws(DatabaseError) {
        format = Self.formatNow
        self.software = software
        self.madeMilliseconds = madeMilliseconds
        epoch =
            try database.first("SELECT value FROM meta WHERE name = 'epoch'") {
                row throws(DatabaseError) in Epoch(rawValue: try row.number(0)).description
            } ?? ""
        feeds = try database.rows("SELECT id, position, chain FROM hospital ORDER BY id") {
            row throws(DatabaseError) in
            Feed(
                hospital: try row.hospital(0).description, position: try row.number(1),
                chain: try row.blob(2).hexadecimal)
        }
        replicas = try database.rows("SELECT id, length FROM replica ORDER BY id") {
            row throws(DatabaseError) in
            Replica(id: String(try row.number(0), radix: 16), length: try row.number(1))
        }
        attachmentCount = sums.entries.count - 1
        byteCount = sums.entries.reduce(0) { $0 + $1.sum.byteCount }
        self.sums = SHA256.hash(sums.encoded).bytes.hexadecimal
    }
}
