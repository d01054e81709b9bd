import Web

/// What clerks have typed to find cases, by names that mean nothing: so that no name, number or phone ever stands in an address.
final class SearchMemory: Sendable {
    /// Searches that are remembered; the oldest is forgotten first.
    static let countMax = 200

    private struct Kept {
        let id: String
        let user: String
        let typed: String
    }

    private let kept = Guarded<[Kept]>([])

    /// Remembers what somebody has typed.
    func keep(_ typed: String, of user: String, as id: String) {
        kept.withLock { kept in
            kept.removeAll { $0.id == id }
            kept.append(Kept(id: id, user: user, typed: typed))
            if kept.count > Self.countMax { kept.removeFirst() }
        }
    }

    /// Nil for what was forgotten, or is another person's.
    func typed(_ id: String, of user: String) -> String? {
        kept.withLock { kept in kept.first { $0.id == id && $0.user == user }?.typed }
    }
}
