import Persistence
package import SyncProtocol

/// Where the next message of a bundle begins.
package struct BundleProgress: Hashable, Sendable {
    /// What of the log goes in turn. Outside a repair only what waits; in one everything, central's own first, so that verdicts
    /// are there before their targets.
    enum Stage: Int, Hashable, Sendable { case waiting, central, others, own, end }

    var stage: Stage
    /// The last row of the stage that went.
    var number: Int64 = 0
    /// Whether the messages bring everything back.
    package let isRepair: Bool
    /// Of the store when it began.
    let generation: UInt64
    /// The last own change that went: what waits up to it is in the bundle.
    var lastWaiting: Int64 = 0
    /// Changes that went.
    package var changes = 0
    private(set) var isFirst = true

    mutating func noteMessage() { isFirst = false }
}

/// What a bundle was made of, as the store remembers it.
package struct BundleExport: Hashable, Sendable {
    package let id: BundleID
    package let milliseconds: UInt64
    package let bytes: UInt64
    package let changes: Int
    package let photos: Int
    package let photosLeft: Int
    /// Nothing that was in it waits for central any more.
    package var isConfirmed = false
    package var isRepair = false
}

/// Telling central on a stick what an exchange would tell it. Nothing is taken out of the outbox by it.
extension WindowStore {
    /// Bytes of changes in one message of a bundle.
    static let bundleMessageBytesMax = 2 * 1024 * 1024
    /// Bundles that are remembered.
    static let bundleExportsMax: Int64 = 100

    /// Begins a bundle.
    package func beginBundle() throws -> BundleProgress {
        guard try loadEnrolment() != nil else { throw StoreError.notEnrolled }
        let isRepair = try loadSyncState().repair != nil
        return BundleProgress(
            stage: isRepair ? .central : .waiting, isRepair: isRepair, generation: memory.generation)
    }

    /// The next message; nil when all was said. The first one comes also if nothing waits: it tells where this window stands.
    package func nextBundleMessage(_ progress: inout BundleProgress) throws -> ExchangeRequest? {
        try database.transaction(.deferred) {
            while progress.stage != .end {
                let pushes = try nextPushes(&progress)
                guard !pushes.isEmpty || progress.isFirst && progress.stage == .end else { continue }
                progress.noteMessage()
                var request = try standing(try loadSyncState(), budget: 0)
                request.isRepair = progress.isRepair
                request.pushes = pushes
                return request
            }
            return nil
        }
    }

    /// Remembers a bundle that is whole on its medium.
    package func noteBundle(_ export: BundleExport, _ progress: BundleProgress) throws {
        try write {
            // Whoever exchanged meanwhile has told central other things than the bundle does.
            let isRepair = progress.isRepair && progress.generation == memory.generation
            try database.execute(
                """
                INSERT INTO bundle_export (id, exported_at, bytes, changes, photos, photos_left, last_change, is_repair)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """, .blob(export.id.bytes), .integer(Int64(clamping: export.milliseconds)),
                .integer(Int64(clamping: export.bytes)), .integer(Int64(export.changes)),
                .integer(Int64(export.photos)), .integer(Int64(export.photosLeft)),
                .integer(progress.lastWaiting), .integer(isRepair ? 1 : 0))
            try database.execute(
                "DELETE FROM bundle_export WHERE number <= (SELECT max(number) FROM bundle_export) - ?",
                .integer(Self.bundleExportsMax))
        }
    }

    /// The bundles made last, the newest first.
    package func bundleExports() throws -> [BundleExport] {
        try database.rows(
            """
            SELECT id, exported_at, bytes, changes, photos, photos_left, is_repair,
                NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.change <= bundle_export.last_change)
            FROM bundle_export ORDER BY number DESC
            """
        ) { row throws(DatabaseError) in
            guard let id = BundleID(bytes: try row.blob(0)) else {
                throw row.unexpected(0, wanted: "16 bytes")
            }
            return BundleExport(
                id: id, milliseconds: UInt64(clamping: try row.integer(1)),
                bytes: UInt64(clamping: try row.integer(2)), changes: Int(try row.integer(3)),
                photos: Int(try row.integer(4)), photosLeft: Int(try row.integer(5)),
                isConfirmed: try row.integer(7) == 1, isRepair: try row.integer(6) == 1)
        }
    }

    /// Whether this window made the bundle; with `inRepair`, for the repair that is under way.
    func madeBundle(_ id: BundleID?, inRepair: Bool) throws -> Bool {
        guard let id else { return false }
        return try database.first(
            "SELECT 1 FROM bundle_export WHERE id = ? AND is_repair >= ?", .blob(id.bytes),
            .integer(inRepair ? 1 : 0)
        ) { row throws(DatabaseError) in try row.integer(0) } != nil
    }

    /// No repair is under way: an answer to what was brought in an earlier one ends none.
    func forgetRepairBundles() throws {
        try database.execute("UPDATE bundle_export SET is_repair = 0 WHERE is_repair = 1")
    }

    private func nextPushes(_ progress: inout BundleProgress) throws -> [Push] {
        switch progress.stage {
        case .waiting, .own:
            let isWaiting = progress.stage == .waiting
            let page = try nextOwn(after: progress.number, isWaiting: isWaiting)
            guard let last = page.last?.number else { return advance(&progress) }
            progress.number = last
            progress.lastWaiting = last
            progress.changes += page.count
            return try runs(of: page)
        case .central, .others:
            let page = try nextForeign(after: progress.number, ofCentral: progress.stage == .central)
            guard let last = page.last else { return advance(&progress) }
            progress.number = last
            progress.changes += page.pushes.count
            return page.pushes
        case .end: return []
        }
    }

    private func advance(_ progress: inout BundleProgress) -> [Push] {
        progress.number = 0
        progress.stage =
            switch progress.stage {
            case .central: .others
            case .others: .own
            case .waiting, .own, .end: .end
            }
        return []
    }

    /// Own changes after a row, in the order in which they were saved: those that wait, or all.
    private func nextOwn(after number: Int64, isWaiting: Bool) throws -> [Waiting] {
        let sql: StaticString =
            isWaiting
            ? """
            SELECT change.number, change.own_replica, change.replica, change.sequence, change.body, change.content
            FROM outbox JOIN change ON change.number = outbox.change WHERE outbox.change > ? ORDER BY outbox.change
            """
            : """
            SELECT number, own_replica, replica, sequence, body, content FROM change
            WHERE number > ? AND (SELECT is_broken FROM replica WHERE replica.number = own_replica) = 0 ORDER BY number
            """
        var (page, bytes): ([Waiting], Int) = ([], 0)
        try database.forEach(sql, .integer(number)) { row throws(DatabaseError) in
            let replica = try row.replicaID(2)
            // Central takes nothing of a forked replica, and what was saved after it may have to be written anew with it.
            if memory.forks[replica] != nil { return .enough }
            let next = Waiting(
                number: try row.integer(0), replica: replica, ownReplica: try row.integer(1),
                stored: try StoredChange(row, from: 2))
            bytes += next.stored.body.count
            guard page.isEmpty || bytes <= Self.bundleMessageBytesMax, page.count < Limits.bodiesPerRunMax
            else { return .enough }
            page.append(next)
            return .more
        }
        for next in page { try next.stored.verify() }
        return page
    }

    /// Changes of others, and of own chains with holes, with their receipts after a row: central's own, or all the rest.
    private func nextForeign(
        after number: Int64, ofCentral: Bool
    ) throws -> (pushes: [Push], last: Int64?) {
        var (pushes, bytes, last): ([Push], Int, Int64?) = ([], 0, nil)
        try database.forEach(
            """
            SELECT number, replica, sequence, body, content, receipt FROM change
            WHERE number > ? AND receipt IS NOT NULL
                AND (own_replica IS NULL OR (SELECT is_broken FROM replica WHERE replica.number = own_replica) = 1)
            ORDER BY number
            """, .integer(number)
        ) { row throws(DatabaseError) in
            guard let receipt = Receipt(bytes: try row.blob(5)) else {
                throw row.unexpected(5, wanted: "16 bytes")
            }
            let stored = try StoredChange(row, from: 1)
            let (replica, sequence, body) = (stored.replica, stored.sequence, stored.body)
            // What stands in the log decodes; a change of which nothing is known is no verdict.
            let change = try? Change(replica: replica, sequence: sequence, body: body)
            guard (change?.content?.author.role == .central) == ofCentral else { return .more }
            bytes += body.count
            guard pushes.isEmpty || bytes <= Self.bundleMessageBytesMax, pushes.count < Limits.bodiesPerRunMax
            else { return .enough }
            pushes.append(.foreign(replica: replica, sequence: sequence, body: body, receipt: receipt))
            last = try row.integer(0)
            return .more
        }
        return (pushes, last)
    }
}
