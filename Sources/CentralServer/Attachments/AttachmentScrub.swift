import Cryptography
import Persistence
import SyncProtocol

/// Looks whether central has what the cases name, and has it whole, and wants of the hospitals what it lacks.
///
/// A quick pass only looks what is there; a full one reads everything and checks it against its name, slowly enough that the
/// disk serves others. What is damaged is put aside.
package actor AttachmentScrub {
    /// Bytes that a full pass reads in a second at most.
    package static let bytesPerSecondMax = 16 << 20
    /// Attachments that are looked at between two looks at the store.
    static let pageCount = 256
    /// How often a quick pass begins by itself, and how often it is a full one instead.
    static let (quickSeconds, fullSeconds) = (3_600, 86_400)

    /// What a pass found, so far or at its end.
    package struct Report: Hashable, Sendable, Encodable {
        package var isRunning = false
        /// Whether contents are read.
        package var isFull = false
        /// Attachments that cases name.
        package var named = 0
        /// Of them, those that are here, and sound as far as was looked.
        package var here = 0
        /// Those that could not be opened, or do not bear their name; they were put aside and are lacking now.
        package var damaged = 0
        /// Those that are wanted of the hospitals: lost, or not uploaded yet.
        package var lacking = 0
        /// Bytes that were read.
        package var bytes = 0
        /// Why it ended early; nil if it did not.
        package var error: String?
    }

    private let store: any CentralStore
    private let attachments: AttachmentStore
    private let duties: any Duties
    private let pause: @Sendable (Duration) async -> Void
    private var last = Report()
    /// Passes follow each other.
    private var passing: Task<Void, Never>?
    /// A full pass was asked for and has not begun.
    private var isFullDue = false

    /// - Parameter pause: waits; it ends early when its task is cancelled.
    init(
        store: any CentralStore, attachments: AttachmentStore, duties: any Duties = SoleDuties(),
        pause: @escaping @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) }
    ) {
        (self.store, self.attachments, self.duties, self.pause) = (store, attachments, duties, pause)
    }

    /// Goes on until the task is cancelled: at once what is there, which tells when a whole disk is gone, then all of it. Of several
    /// processes one does it.
    package func run() async {
        var rounds = 0
        while !Task.isCancelled {
            if await duties.take(.scrub) {
                await pass(isFull: rounds % (Self.fullSeconds / Self.quickSeconds) == 1)
                rounds += 1
            }
            await pause(.seconds(Self.quickSeconds))
        }
    }

    /// The pass under way, or the last one.
    package var report: Report {
        var report = last
        if isFullDue { report.isRunning = true }
        return report
    }

    /// Begins a full pass, unless one is under way; answers how it stands.
    func begin() -> Report {
        if !isFullDue, !(last.isRunning && last.isFull) {
            isFullDue = true
            Task { await pass(isFull: true) }
        }
        return report
    }

    /// One pass over everything that cases name, after the one that is under way.
    func pass(isFull: Bool) async {
        let earlier = passing
        let task = Task {
            await earlier?.value
            await perform(isFull: isFull)
        }
        passing = task
        await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
    }

    private func perform(isFull: Bool) async {
        if isFull { isFullDue = false }
        last = Report(isRunning: true, isFull: isFull)
        defer { last.isRunning = false }
        var place: Digest?
        do throws(CentralError) {
            while !Task.isCancelled {
                let after = place
                let page = try await store.read { transaction throws(CentralError) in
                    try transaction.attachments(after: after, countMax: Self.pageCount)
                }
                guard let end = page.last else { return }
                try await look(at: page, isFull: isFull)
                place = end
            }
        } catch { last.error = "\(error)" }
    }

    private func look(at page: [Digest], isFull: Bool) async throws(CentralError) {
        if isFull { for hash in page where !Task.isCancelled { await read(hash) } }
        let lacking = await attachments.lacking(among: page)
        try await store.write { transaction throws(CentralError) in
            for hash in page where !lacking.contains(hash) { try transaction.unwant(hash) }
            for hash in lacking { try transaction.want(hash) }
        }
        last.named += page.count
        last.lacking += lacking.count
        last.here += page.count - lacking.count
    }

    private func read(_ hash: Digest) async {
        do throws(AttachmentError) {
            guard let found = try await attachments.check(hash) else { return }
            last.bytes += found.byteCount
            if !found.isSound { last.damaged += 1 }
            await pause(.milliseconds(Int64(found.byteCount) * 1000 / Int64(Self.bytesPerSecondMax)))
        } catch { last.error = error.description }
    }
}

extension AttachmentScrub.Report {
    init(isRunning: Bool, isFull: Bool) { (self.isRunning, self.isFull) = (isRunning, isFull) }
}
