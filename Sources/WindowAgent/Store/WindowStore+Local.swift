import Persistence
package import SyncProtocol

/// What stays at this window: enrolment, drafts, and the figures that `status` tells.
package struct Enrolment: Hashable, Sendable {
    package let hospital: HospitalID
    package let code: String
    package let name: String
    /// The key's name at central.
    package let device: String
    /// Central's address.
    package let central: String

    package init(hospital: HospitalID, code: String, name: String, device: String, central: String) {
        self.hospital = hospital
        self.code = code
        self.name = name
        self.device = device
        self.central = central
    }
}

/// How the store stands, in numbers.
package struct StoreFigures: Hashable, Sendable {
    package let cases: Int
    package let changes: Int
    package let outbox: Int
    package let oldestQueuedAt: UInt64?
    package let conflicts: Int
    package let asides: Int
    package let refusals: Int
    package let ownChanges: Int
    package let confirmed: Int
    package let backedUp: Int
    package let sync: SyncState
}

extension WindowStore {
    /// The hospital that this window belongs to; nil before it is enrolled.
    package func loadEnrolment() throws -> Enrolment? {
        try database.first("SELECT hospital, code, name, device, central FROM enrolment") {
            row throws(DatabaseError) in
            Enrolment(
                hospital: HospitalID(record: try row.caseID(0)), code: try row.text(1), name: try row.text(2),
                device: try row.text(3), central: try row.text(4))
        }
    }

    /// Binds the store to a hospital. A store that holds another hospital's records is never bound anew.
    package func enrol(_ enrolment: Enrolment) throws {
        try write {
            if let earlier = try loadEnrolment(), earlier.hospital != enrolment.hospital {
                throw StoreError.otherHospital(earlier.code)
            }
            try database.execute(
                """
                INSERT OR REPLACE INTO enrolment (id, hospital, code, name, device, central, enrolled_at)
                VALUES (1, ?, ?, ?, ?, ?, ?)
                """,
                .blob(enrolment.hospital.bytes), .text(enrolment.code), .text(enrolment.name),
                .text(enrolment.device), .text(enrolment.central), .integer(Int64(environment.milliseconds()))
            )
        }
    }

    /// Keeps what a form holds before it is saved: durable, but no change, and never sent.
    package func keepDraft(_ id: String, _ content: [UInt8]) throws {
        try write {
            try database.execute(
                "INSERT OR REPLACE INTO draft (id, content, kept_at) VALUES (?, ?, ?)", .text(id),
                .blob(content),
                .integer(Int64(environment.milliseconds())))
        }
    }

    package func draft(_ id: String) throws -> [UInt8]? {
        try database.first("SELECT content FROM draft WHERE id = ?", .text(id)) { row throws(DatabaseError) in
            try row.blob(0)
        }
    }

    package func dropDraft(_ id: String) throws {
        try write { try database.execute("DELETE FROM draft WHERE id = ?", .text(id)) }
    }

    package func figures() throws -> StoreFigures {
        let sync = try loadSyncState()
        let figures = try database.first(
            """
            SELECT (SELECT count(*) FROM case_cache WHERE case_id NOT IN (SELECT hospital FROM enrolment)), (SELECT count(*) FROM change), (SELECT count(*) FROM outbox),
                (SELECT min(queued_at) FROM outbox), (SELECT coalesce(sum(conflicts), 0) FROM case_cache),
                (SELECT coalesce(sum(asides), 0) FROM case_cache), (SELECT count(*) FROM refusal),
                (SELECT coalesce(sum(sequence), 0) FROM replica), (SELECT coalesce(sum(confirmed), 0) FROM replica),
                (SELECT coalesce(sum(backed_up), 0) FROM replica)
            """
        ) { row throws(DatabaseError) in
            StoreFigures(
                cases: Int(try row.integer(0)), changes: Int(try row.integer(1)),
                outbox: Int(try row.integer(2)),
                oldestQueuedAt: try row.optionalInteger(3).map { UInt64($0) },
                conflicts: Int(try row.integer(4)),
                asides: Int(try row.integer(5)), refusals: Int(try row.integer(6)),
                ownChanges: Int(try row.integer(7)), confirmed: Int(try row.integer(8)),
                backedUp: Int(try row.integer(9)), sync: sync)
        }
        guard let figures else { throw StoreError.damaged("the store's figures") }
        return figures
    }
}
