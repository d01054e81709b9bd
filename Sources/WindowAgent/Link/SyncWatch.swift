/// Tells what the exchanges do until nothing is left, from one look at the status after the other. Pure.
package struct SyncWatch: Hashable, Sendable {
    /// When the watch began, milliseconds since 1970 by the agent's clock.
    private let began: UInt64
    private var most = Amounts()
    private var said = ""

    private struct Amounts: Hashable, Sendable {
        var changes = 0
        var entries: UInt64 = 0
        var photos = 0

        var isNone: Bool { changes == 0 && entries == 0 && photos == 0 }
    }

    package init(began: UInt64) { self.began = began }

    /// What is new to say, if anything.
    package mutating func see(_ status: WindowStatus, now: UInt64) -> String? {
        let line = line(status, now: now)
        guard line != said else { return nil }
        said = line
        return line
    }

    /// Whether nothing is left that goes by itself now.
    package func isDone(_ status: WindowStatus) -> Bool {
        let link = status.link
        return (status.sync.lastContact ?? 0) >= began && link.activity != .exchanging && status.outbox == 0
            && link.feedRemaining == 0 && status.repair == nil && (link.photos == 0 || link.photosFrom != nil)
    }

    private mutating func line(_ status: WindowStatus, now: UInt64) -> String {
        if isDone(status) {
            guard let from = status.link.photosFrom else { return "done: nothing is left" }
            if status.link.arePhotosForbidden {
                return "done: \(status.link.photos) photos stay here (link set --photos never)"
            }
            return
                "done: \(status.link.photos) photos wait for \((from - min(from, now)) / 60_000) minutes more"
        }
        if status.sync.failures > 0, let error = status.sync.lastError, status.link.activity != .exchanging {
            let next = status.sync.nextTry
            return "failed: \(error) Next try in \((next - min(next, now)) / 1000) s"
        }
        let left = Amounts(
            changes: status.outbox, entries: status.link.feedRemaining,
            photos: status.link.photosFrom == nil ? status.link.photos : 0)
        most.changes = max(most.changes, left.changes)
        most.entries = max(most.entries, left.entries)
        most.photos = max(most.photos, left.photos)
        if most.isNone { return "asking central" }
        return (parts(left, status.link) + speed(status.link)).joined(separator: ", ")
    }

    private func parts(_ left: Amounts, _ link: LinkStatus) -> [String] {
        var parts: [String] = []
        if most.changes > 0 {
            let bytes = Self.size(link.outboxBytes)
            parts.append("changes up \(most.changes - left.changes) of \(most.changes) (\(bytes) left)")
        }
        if most.entries > 0 { parts.append("entries down \(most.entries - left.entries) of \(most.entries)") }
        if most.photos > 0 {
            let bytes = Self.size(link.photoBytes)
            parts.append("photos \(most.photos - left.photos) of \(most.photos) (\(bytes) left)")
        }
        return parts
    }

    private func speed(_ link: LinkStatus) -> [String] {
        guard let speed = link.bytesPerSecond else { return [] }
        let rate = "\(Self.size(UInt64(speed)))/s"
        return [rate] + (link.secondsLeft.map { ["about \(max($0, 1)) s left"] } ?? [])
    }

    /// `950 B`, `12 kB`, `3.4 MB`; decimal.
    package static func size(_ bytes: UInt64) -> String {
        switch bytes {
        case ..<1000: "\(bytes) B"
        case ..<1_000_000: "\(bytes / 1000) kB"
        default: "\(bytes / 1_000_000).\(bytes % 1_000_000 / 100_000) MB"
        }
    }
}
