package import SyncProtocol

/// The news of a store that several processes write: this one's own, and what it hears of the others. As hearing may fail, whoever
/// waits looks again from time to time, and believes only the store.
package struct SharedFeedNews: FeedNews {
    /// Seconds between two looks while nothing is heard.
    static let lookSeconds: Int64 = 15
    /// Milliseconds between two looks at least.
    static let restMilliseconds: Int64 = 500

    private let store: any CentralStore
    private let heard: LocalFeedNews
    private let pause: @Sendable (Duration) async throws -> Void

    /// - Parameters:
    ///   - heard: is told what this process commits, and what it hears that others did.
    ///   - pause: waits; it throws when the task is cancelled.
    package init(
        store: any CentralStore, heard: LocalFeedNews,
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        (self.store, self.heard, self.pause) = (store, heard, pause)
    }

    package func growth(of hospital: HospitalID, beyond position: UInt64) async {
        var looks = 0
        while !Task.isCancelled {
            let end = try? await store.read { transaction throws(CentralError) in
                try transaction.feedHead(of: hospital)?.position
            }
            // A store that cannot say it is asked again.
            if let end, end > position { return }
            // What was heard of a server that is gone may never come true.
            if looks > 0 {
                do { try await pause(.milliseconds(Self.restMilliseconds)) } catch { return }
            }
            looks += 1
            await word(of: hospital, beyond: position)
        }
    }

    /// Waits until something is heard, or it is time to look.
    private func word(of hospital: HospitalID, beyond position: UInt64) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await heard.growth(of: hospital, beyond: position) }
            // Only a wait that nobody needs any more is broken off.
            group.addTask { try? await pause(.seconds(Self.lookSeconds)) }
            await group.next()
            group.cancelAll()
        }
    }
}
