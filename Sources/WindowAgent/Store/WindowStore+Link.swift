package import Casework
import Persistence

/// What is set of this window's link, and what went over it. Local; never sent.
extension WindowStore {
    /// What was set at this window, and what central sent for its hospital and for all.
    package func settingSources() throws -> SettingSources {
        var sources = try rules().record.settingSources
        let rows = try database.rows("SELECT name, value FROM link_setting") { row throws(DatabaseError) in
            (name: try row.text(0), value: try row.text(1))
        }
        for row in rows {
            guard let name = WindowSettings.Name(rawValue: row.name) else { continue }
            // What an earlier program took and this one does not is as usual.
            try? sources.here.set(name, to: row.value)
        }
        return sources
    }

    /// What the link may be used for.
    package func linkRules() throws -> LinkRules { try settingSources().merged.linkRules }

    /// Replaces what was set at this window.
    package func save(_ settings: WindowSettings) throws {
        try write {
            try database.execute("DELETE FROM link_setting")
            for (name, value) in settings.values {
                try database.execute(
                    "INSERT INTO link_setting (name, value) VALUES (?, ?)", .text(name.rawValue), .text(value)
                )
            }
        }
    }

    /// Adds bytes to those of a day; answers what the day comes to. With none it only looks.
    package func count(_ traffic: DayTraffic) throws -> DayTraffic {
        guard traffic.total > 0 else { return try self.traffic(on: traffic.day) }
        return try write {
            try database.execute(
                """
                INSERT INTO link_traffic (day, exchanges, photos) VALUES (?, ?, ?)
                ON CONFLICT (day) DO UPDATE
                SET exchanges = exchanges + excluded.exchanges, photos = photos + excluded.photos
                """, .integer(traffic.day), .integer(Int64(clamping: traffic.exchanges)),
                .integer(Int64(clamping: traffic.photos)))
            try database.execute(
                "DELETE FROM link_traffic WHERE day < ?", .integer(traffic.day - Self.trafficDaysKept))
            return try self.traffic(on: traffic.day)
        }
    }

    /// Days of which the bytes are kept.
    static let trafficDaysKept: Int64 = 31

    private func traffic(on day: Int64) throws -> DayTraffic {
        try database.first(
            "SELECT exchanges, photos FROM link_traffic WHERE day = ?", .integer(day)
        ) { row throws(DatabaseError) in
            DayTraffic(
                day: day, exchanges: UInt64(clamping: try row.integer(0)),
                photos: UInt64(clamping: try row.integer(1)))
        } ?? DayTraffic(day: day)
    }

    /// Bytes of the changes that wait to be sent, before compression. Those that were counted before are not read again while they wait.
    package func outboxBytes() throws -> UInt64 {
        let (first, count) =
            try database.first("SELECT coalesce(min(change), 0), count(*) FROM outbox") {
                row throws(DatabaseError) in (try row.integer(0), try row.integer(1))
            } ?? (0, 0)
        if let known = memory.outboxSize, known.first == first {
            let size = try outboxSize(from: first, after: known)
            if size.count == count {
                memory.outboxSize = size
                return size.bytes
            }
        }
        let size = try outboxSize(from: first, after: OutboxSize())
        memory.outboxSize = size
        return size.bytes
    }

    /// What was counted, and what came behind it.
    private func outboxSize(from first: Int64, after known: OutboxSize) throws -> OutboxSize {
        try database.first(
            """
            SELECT count(*), coalesce(sum(length(body) - ?), 0), coalesce(max(number), 0)
            FROM outbox JOIN change ON change.number = outbox.change WHERE outbox.change > ?
            """, .integer(SealPlace.overheadByteCount), .integer(known.last)
        ) { row throws(DatabaseError) in
            OutboxSize(
                first: first, last: max(known.last, try row.integer(2)),
                count: known.count + (try row.integer(0)),
                bytes: known.bytes + UInt64(clamping: try row.integer(1)))
        } ?? known
    }

    /// How much of the outbox has been counted: from its first change through the last one that was looked at.
    struct OutboxSize: Hashable, Sendable {
        var first: Int64 = 0
        var last: Int64 = 0
        var count: Int64 = 0
        var bytes: UInt64 = 0
    }
}
