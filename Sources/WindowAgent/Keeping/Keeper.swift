import Casework
import Cryptography
package import SyncProtocol

/// Removes from a window what it need not keep, because central has it in a verified backup: cases that left, and pictures of cases
/// that are over. What the settings say it does by itself; at any time when a technician asks.
package struct Keeper: Sendable {
    /// Seconds between two looks at what may go, and at what has to because its case was erased.
    static let (passSeconds, erasureSeconds) = (3600, 20)
    /// Cases that one look wipes at most.
    static let casesPerPass = 64
    /// Attachments that are looked at between two other calls of the store.
    static let pageCount = 256
    static let dayMilliseconds: UInt64 = 86_400_000

    let store: WindowStore
    /// Nil where there are no attachments.
    let lane: AttachmentLane?
    let environment: WindowStore.Environment

    package init(store: WindowStore, lane: AttachmentLane?, environment: WindowStore.Environment) {
        (self.store, self.lane, self.environment) = (store, lane, environment)
    }

    /// What went, or would go.
    package struct Tidied: Hashable, Sendable, Codable {
        package var files = 0
        package var bytes = 0
        /// Files that could go, but of which it is not known whether central has them in a verified backup. It is asked.
        package var unsure = 0
        package var isDryRun = false
    }

    /// Goes on until the task is cancelled.
    ///
    /// - Parameter onWipe: hears of a case that was wiped: there may be something to ask central for.
    func run(onWipe: @Sendable () async -> Void) async {
        while !Task.isCancelled {
            // A store that cannot be read or written says so wherever else it is used; it is tried again.
            if let wiped = try? await pass(), wiped > 0 { await onWipe() }
            for _ in 0..<(Self.passSeconds / Self.erasureSeconds) where !Task.isCancelled {
                try? await finishErasures()
                try? await Task.sleep(for: .seconds(Self.erasureSeconds))
            }
        }
    }

    /// Does what the settings say.
    ///
    /// - Returns: how many cases were wiped.
    func pass() async throws -> Int {
        while try await store.cutAudit() > 0 {}
        let rules = try await store.settingSources().merged.keepingRules
        let now = environment.milliseconds()
        if let days = rules.tidyMaterialsDays {
            _ = try await tidy(changedBefore: now - min(now, days * Self.dayMilliseconds))
        }
        guard let days = rules.wipeDepartedDays else { return 0 }
        return try await wipe(leftBefore: now - min(now, days * Self.dayMilliseconds))
    }

    /// Removes the pictures of cases that left, or are over and unchanged since a time, and that central has in a verified backup.
    package func tidy(changedBefore time: UInt64, isDryRun: Bool = false) async throws -> Tidied {
        var tidied = Tidied(isDryRun: isDryRun)
        guard let lane else { return tidied }
        var last: Digest?
        while true {
            let page = try await store.tidiablePages(changedBefore: time, after: last, limit: Self.pageCount)
            guard let end = page.last else { break }
            let sizes = await lane.sizes(of: page.map(\.hash))
            for one in page {
                guard let count = sizes[one.hash] else { continue }
                guard one.isBackedUp else {
                    tidied.unsure += 1
                    await lane.askBackup(of: one.hash)
                    continue
                }
                if !isDryRun { try await lane.remove(one.hash) }
                tidied.files += 1
                tidied.bytes += count
            }
            last = end.hash
        }
        if !isDryRun { try await store.noteKeptLess(files: tidied.files, bytes: tidied.bytes) }
        return tidied
    }

    /// Removes what is left on the disk of cases that were erased: their pictures, and what the log of the database holds.
    package func finishErasures() async throws {
        guard try await store.isErasureDue() else { return }
        let pages = try await store.erasedPages()
        for hash in pages { try await lane?.erase(hash) }
        try await store.finishErasure(of: pages)
    }

    /// Removes all content of a case that left, with the pictures that no other case names.
    ///
    /// - Returns: how many changes are wiped, or would be.
    /// - Throws: ``StoreError/notWiped(_:)``, with nothing done.
    package func wipe(departed caseID: CaseID, isDryRun: Bool = false) async throws -> Int {
        let pages = try await store.pages(onlyOf: caseID).map(\.hash)
        let waiting = try await lane?.waitingCount(among: pages) ?? 0
        let count = try await store.wipe(departed: caseID, isDryRun: isDryRun || waiting > 0)
        if waiting > 0 { throw StoreError.notWiped(.unsentPages(waiting)) }
        if isDryRun { return count }
        for hash in pages { try await lane?.remove(hash) }
        try await store.noteKeptLess(cases: 1)
        return count
    }

    private func wipe(leftBefore time: UInt64) async throws -> Int {
        var wiped = 0
        for id in try await store.wipeableCases(leftBefore: time, limit: Self.casesPerPass) {
            let pages = try await store.pages(onlyOf: id)
            let here = await lane?.sizes(of: pages.map(\.hash)) ?? [:]
            let unsure = pages.filter { !$0.isBackedUp && here[$0.hash] != nil }
            for one in unsure { await lane?.askBackup(of: one.hash) }
            guard unsure.isEmpty else { continue }
            do {
                _ = try await wipe(departed: id)
                wiped += 1
            } catch StoreError.notWiped {
                continue  // something of it, or beside it in its chain, is unsent: the next look
            }
        }
        return wiped
    }
}
