import Cryptography
import Persistence
import SyncProtocol
import Web

/// Makes central's backups, one at a time, on a queue of its own: exchanges go on meanwhile.
package actor BackupDesk {
    /// How it stands with the backups.
    struct Status: Hashable, Sendable {
        /// When the one that is being made was begun.
        var beganMilliseconds: UInt64?
        /// Why the last one was not made; nil if it was.
        var fault: String?
        var faultMilliseconds: UInt64?
        /// The last one that is known to be sound.
        var verified: VerifiedBackup?
    }

    private let maker: BackupMaker
    private let store: any CentralStore
    private let environment: Environment
    /// Under which name the file of an attachment lies; nil where there are none.
    private let attachmentName: (@Sendable (Digest) -> Digest)?
    private let duties: any Duties
    private let state = Guarded(Status())
    private let executor = QueueExecutor(label: "birthcentral.backup")

    nonisolated package var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// - Parameters:
    ///   - directory: central's.
    ///   - attachmentName: under which name the file of an attachment lies; nil where there are none.
    ///   - duties: one process at a time makes a backup.
    ///   - copyStore: writes the store, as it is at one moment, into a new file; nil copies the file in the directory.
    init(
        directory: String, store: any CentralStore, keys: StoreKeys, environment: Environment,
        attachmentName: (@Sendable (Digest) -> Digest)? = nil, duties: any Duties = SoleDuties(),
        copyStore: BackupMaker.CopyStore? = nil
    ) {
        self.duties = duties
        self.attachmentName = attachmentName
        maker = BackupMaker(
            directory: directory, keys: keys, software: Central.version, copyStore: copyStore)
        (self.store, self.environment) = (store, environment)
    }

    /// Makes a backup, verifies it, and then counts what it holds as backed up.
    ///
    /// - Parameter folder: where backups are kept; it must exist.
    @discardableResult
    package func backUp(to folder: String) async throws(BackupError) -> BackupFolder {
        try begin()
        return try await finish(folder)
    }

    /// Begins a backup and does not wait for it: ``status()`` tells what becomes of it.
    nonisolated func start(_ folder: String) throws(BackupError) {
        try begin()
        Task { try? await finish(folder) }  // the status tells
    }

    nonisolated func status() async throws(CentralError) -> Status {
        var status = state.withLock { $0 }
        status.verified = try await store.read { transaction throws(CentralError) in
            try transaction.verifiedBackup()
        }
        return status
    }

    nonisolated private func begin() throws(BackupError) {
        let now = environment.now()
        let isFree = state.withLock { state in
            guard state.beganMilliseconds == nil else { return false }
            state.beganMilliseconds = now
            return true
        }
        if !isFree { throw .isRunning }
    }

    private func finish(_ folder: String) async throws(BackupError) -> BackupFolder {
        do throws(BackupError) {
            guard await duties.take(.backup) else { throw .isRunning }
            let made = await made(in: folder)
            await duties.giveBack(.backup)
            let backup = try made.get()
            state.withLock { $0 = Status() }
            return backup
        } catch {
            let (now, fault) = (environment.now(), "to \(folder): \(error.description)")
            state.withLock { $0 = Status(fault: fault, faultMilliseconds: now) }
            throw error
        }
    }

    private func made(in folder: String) async -> Result<BackupFolder, BackupError> {
        do throws(BackupError) {
            let backup = try maker.make(in: folder, now: environment.now())
            try await note(backup)
            try await noteAttachments(of: backup)
            return .success(backup)
        } catch { return .failure(error) }
    }

    private func note(_ backup: BackupFolder) async throws(BackupError) {
        let verified = VerifiedBackup(
            name: backup.name, madeMilliseconds: backup.manifest.madeMilliseconds,
            verifiedMilliseconds: environment.now())
        do throws(CentralError) {
            try await store.write { transaction throws(CentralError) in
                try transaction.note(verified, reaching: backup.manifest.watermarks)
                for feed in backup.manifest.feedPoints {
                    try transaction.noteBackup(of: feed.hospital, through: feed.point)
                }
            }
        } catch { throw .store(error) }
    }

    /// Attachments that are compared with a backup between two looks at the store.
    private static let pageCount = 256

    /// Notes which attachments are in a backup, and which were in an earlier one and are not in this. Only what is another is written.
    private func noteAttachments(of backup: BackupFolder) async throws(BackupError) {
        guard let attachmentName else { return }
        let names = try backup.list().attachmentNames
        var last: Digest?
        do throws(CentralError) {
            while true {
                let after = last
                let page = try await store.read { transaction throws(CentralError) in
                    try transaction.attachmentBackups(after: after, countMax: Self.pageCount)
                }
                guard let end = page.last else { return }
                let news = page.compactMap { known -> AttachmentBackup? in
                    let isThere = names.contains(attachmentName(known.hash))
                    return isThere == known.isBackedUp
                        ? nil : AttachmentBackup(hash: known.hash, isBackedUp: isThere)
                }
                if !news.isEmpty {
                    try await store.write { transaction throws(CentralError) in
                        for attachment in news { try transaction.note(attachment) }
                    }
                }
                last = end.hash
            }
        } catch { throw .store(error) }
    }
}

extension BackupDesk {
    /// Makes a backup whenever one is due, until the task is cancelled. What fails is told in the log and tried again. A backup
    /// that another process made there counts.
    package func run(to folder: String, everyMilliseconds: UInt64) async {
        var schedule = BackupSchedule(
            everyMilliseconds: everyMilliseconds, lastMade: Self.lastMade(in: folder))
        while !Task.isCancelled {
            let wait = schedule.waitMilliseconds(now: environment.now())
            guard wait == 0 else {
                // Cancelling ends the loop.
                try? await Task.sleep(for: .milliseconds(Int64(min(wait, 60_000))))
                continue
            }
            if let made = Self.lastMade(in: folder), made != schedule.lastMade {
                schedule.succeed(at: made)
                continue
            }
            do throws(BackupError) {
                let backup = try await backUp(to: folder)
                schedule.succeed(at: backup.manifest.madeMilliseconds)
                environment.log(
                    LogEvent(
                        .info, "backup.made", "a backup was made in \(folder)", ["folder": .text(folder)]))
            } catch {
                schedule.fail(at: environment.now())
                let minutes = schedule.retryMilliseconds / 60_000
                environment.log(
                    LogEvent(
                        .error, "backup.failed",
                        "the backup to \(folder) failed: \(error.description); tried again in \(minutes) min",
                        [
                            "folder": .text(folder), "error": .text(error.description),
                            "retryMinutes": .number(minutes),
                        ]))
            }
        }
    }

    /// A folder that cannot be read yet has no backup as far as is known; the first try tells why.
    private static func lastMade(in folder: String) -> UInt64? {
        (try? BackupFolder.last(in: folder))?.manifest.madeMilliseconds
    }
}
