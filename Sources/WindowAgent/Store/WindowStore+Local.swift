import Casework
package import Cryptography
import Persistence
package import SyncProtocol

/// The hospital that a window belongs to, and how it reaches central.
package struct Enrolment: Hashable, Sendable {
    package let hospital: HospitalID
    package let code: String
    package let name: String
    /// The key's name at central.
    package let device: String
    /// Central's address.
    package let central: String
    /// Verifies what central signs: bundles.
    package let centralKey: Ed25519.PublicKey
    /// Seals this window's keys for central's recovery key.
    package let recoveryKey: SealedBox.PublicKey

    package init(
        hospital: HospitalID, code: String, name: String, device: String, central: String,
        centralKey: Ed25519.PublicKey, recoveryKey: SealedBox.PublicKey
    ) {
        self.hospital = hospital
        self.code = code
        self.name = name
        self.device = device
        self.central = central
        self.centralKey = centralKey
        self.recoveryKey = recoveryKey
    }
}

extension WindowStore {
    /// The hospital that this window belongs to; nil before it is enrolled.
    package func loadEnrolment() throws -> Enrolment? {
        try database.first(
            "SELECT hospital, code, name, device, central, central_key, recovery_key FROM enrolment"
        ) { row throws(DatabaseError) in
            guard let centralKey = Ed25519.PublicKey(bytes: try row.blob(5)) else {
                throw row.unexpected(5, wanted: "32 bytes")
            }
            guard let recoveryKey = SealedBox.PublicKey(bytes: try row.blob(6)) else {
                throw row.unexpected(6, wanted: "32 bytes")
            }
            return Enrolment(
                hospital: HospitalID(record: try row.caseID(0)), code: try row.text(1),
                name: try row.sealedText(2, "enrolment.name"),
                device: try row.text(3), central: try row.text(4), centralKey: centralKey,
                recoveryKey: recoveryKey)
        }
    }

    /// Binds the store to a hospital. A store that holds another hospital's records is never bound anew.
    package func enrol(_ enrolment: Enrolment) throws {
        let trial = CaseNumber(
            hospital: enrolment.code, date: CalendarDate(milliseconds: 0), counter: 1,
            replica: ReplicaID(rawValue: 0))
        guard trial != nil else { throw StoreError.badHospitalCode }
        try write {
            if let earlier = try loadEnrolment(), earlier.hospital != enrolment.hospital {
                throw StoreError.otherHospital(earlier.code)
            }
            memory.generation &+= 1
            (memory.rules, memory.accounts) = (nil, nil)
            try database.execute(
                """
                INSERT OR REPLACE INTO enrolment
                    (id, hospital, code, name, device, central, enrolled_at, central_key, recovery_key)
                VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                .blob(enrolment.hospital.bytes), .text(enrolment.code),
                .sealedText(enrolment.name, .store("enrolment.name")),
                .text(enrolment.device), .text(enrolment.central),
                .integer(Int64(environment.milliseconds())),
                .blob(enrolment.centralKey.bytes), .blob(enrolment.recoveryKey.bytes))
        }
    }

    /// Bytes of one draft.
    package static let draftBytesMax = 256 * 1024
    /// Drafts that are kept at a time. None is ever dropped to make room: it may be the only record of a birth.
    package static let draftsMax: Int64 = 2000

    /// Keeps what a form holds before it is saved: durable, but no change, and never sent.
    package func keepDraft(_ id: String, _ content: [UInt8]) throws {
        guard content.count <= Self.draftBytesMax, 1...Saving.saveIDBytesMax ~= id.utf8.count else {
            throw StoreError.draftTooLarge
        }
        try write {
            try database.execute(
                """
                INSERT INTO draft (id, content, kept_at) VALUES (?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET content = excluded.content, kept_at = excluded.kept_at
                """, .text(id), .sealed(content, .store("draft.content")),
                .integer(Int64(environment.milliseconds())))
            let count = try database.first("SELECT count(*) FROM draft") { row throws(DatabaseError) in
                try row.integer(0)
            }
            guard count ?? 0 <= Self.draftsMax else { throw StoreError.tooManyDrafts }
        }
    }

    /// What was kept under a name; nil if nothing was.
    package func draft(_ id: String) throws -> [UInt8]? {
        try database.first("SELECT content FROM draft WHERE id = ?", .text(id)) { row throws(DatabaseError) in
            try row.sealed(0, "draft.content")
        }
    }

    /// Forgets a draft; harmless if there is none.
    package func dropDraft(_ id: String) throws {
        try write { try database.execute("DELETE FROM draft WHERE id = ?", .text(id)) }
    }
}
