import Cryptography
import Foundation
package import Persistence
package import SyncProtocol

/// Keeps the second copy: does what ``SecondCopy`` decides, for as long as it runs. Nobody who saves waits for it.
package actor JournalWriter {
    private let store: WindowStore
    private let key: StoreKey
    private let directory: AgentDirectory
    private let environment: WindowStore.Environment
    private let makeMedium: @Sendable (JournalSetting) -> any Medium
    private var machine = SecondCopy()
    private var action = SecondCopy.Action.rest
    private var setting: JournalSetting?
    private var disk: JournalDisk?
    private var found: (journal: [UInt8]?, others: Int) = (nil, 0)
    private var lackingAttachments = 0
    private let bell = Doorbell()

    /// - Parameter makeMedium: what stands at a place; nil takes directories.
    package init(
        store: WindowStore, key: StoreKey, directory: AgentDirectory, environment: WindowStore.Environment,
        makeMedium: (@Sendable (JournalSetting) -> any Medium)? = nil
    ) {
        (self.store, self.key, self.directory, self.environment) = (store, key, directory, environment)
        self.makeMedium =
            makeMedium ?? { setting in
                DirectoryMedium(setting.path, notOnDiskOf: setting.allowsSameDisk ? nil : directory.database)
            }
    }

    /// Runs until the task is cancelled. An append that the medium holds up is left to itself.
    package func run() async {
        await store.tellSaved { [weak self] in Task { [weak self] in await self?.post(.saved) } }
        // A store that cannot be read has no setting; whoever saves hears of it.
        adopt(try? await store.journalSetting())
        while !Task.isCancelled { await news() }
    }

    /// Chooses where the second copy is to be, durably; nil for nowhere. What lacks there is appended at once.
    package func choose(_ setting: JournalSetting?) async throws {
        try await store.choose(setting)
        adopt(setting)
    }

    private func adopt(_ setting: JournalSetting?) {
        if setting == self.setting, disk != nil { return post(.saved) }
        self.setting = setting
        (found, lackingAttachments) = ((nil, 0), 0)
        disk = setting.map { setting in
            JournalDisk(
                medium: makeMedium(setting), photos: DirectoryMedium(directory.attachments, notOnDiskOf: nil),
                keys: JournalKeys(key))
        }
        post(setting == nil ? .dropped : .chosen)
    }

    /// Tells something that happened.
    package func post(_ event: SecondCopy.Event) {
        action = machine.handle(event, now: environment.milliseconds())
        if case .append(let ticket) = action, let disk {
            Task {
                let event = await append(ticket, to: disk)
                post(event)
            }
        }
        bell.ring()
    }

    /// Whether the medium is being written to.
    var isAppending: Bool { machine.isAppending }

    private func append(_ ticket: SecondCopy.Ticket, to disk: JournalDisk) async -> SecondCopy.Event {
        do {
            return .appended(ticket, isWhole: try await appendBatch(to: disk))
        } catch let error as MediumError {
            await disk.close()
            return .failed(ticket, JournalFailure(error))
        } catch {
            await disk.close()
            return .failed(ticket, .store)
        }
    }

    /// Appends one batch: photos, changes, drafts, and what the window is.
    ///
    /// - Returns: whether nothing lacks.
    private func appendBatch(to disk: JournalDisk) async throws -> Bool {
        let journal = try await prepare(disk)
        let lacking = try await disk.copyAttachments()
        if disk === self.disk { lackingAttachments = lacking }
        let page = try await store.journalPage(after: journal.through)
        if !page.entries.isEmpty {
            let place = try await disk.append(page.entries)
            try await store.noteJournaled(page, from: journal.through, in: journal.id, place)
        }
        try await disk.keep(try await state())
        try await keepDrafts(on: disk)
        let isWhole = page.isLast && lacking == 0
        if isWhole { try await giveUp(on: disk) }
        return isWhole
    }

    /// Removes journals that hold what was erased since, now that another one is whole.
    private func giveUp(on disk: JournalDisk) async throws {
        for journal in try await store.givenUpJournals() where try await disk.holds(journal) {
            try await disk.remove(journal)
            try await store.forget(givenUp: journal)
        }
    }

    /// Finds this window's journal on the medium, or begins one beside what is there.
    private func prepare(_ disk: JournalDisk) async throws -> KnownJournal {
        let (known, others) = try await disk.find(try await store.knownJournals())
        let journal: KnownJournal
        if let known {
            journal = known
        } else {
            // An append that the choice of another place has overtaken begins nothing any more.
            guard disk === self.disk else { throw MediumError.absent }
            journal = KnownJournal(
                id: SecureRandom.bytes(RecoveryHeader.journalByteCount), through: 0, place: JournalPlace())
            try await store.beginJournal(journal.id)
        }
        let (recoveryKey, sheet) = (
            try await store.loadEnrolment()?.recoveryKey, try await store.recoverySheet()?.sheet
        )
        let key = key
        try await disk.prepare(journal) { present in
            var header = present ?? RecoveryHeader(journal: journal.id)
            if header.journal != journal.id { header = RecoveryHeader(journal: journal.id) }
            if let recoveryKey, header.central?.recoveryKey != recoveryKey.bytes {
                header.central = RecoveryHeader.Central(key.secret, for: recoveryKey)
            }
            if let sheet { header.sheet = sheet }
            return header
        }
        if disk === self.disk { found = (journal.id, others) }
        return journal
    }

    private func state() async throws -> JournalState {
        var state = JournalState()
        state.enrolment = try await store.loadEnrolment()
        state.witness = try await store.figures().sync.witness
        // Without a device key the recovered window has to be enrolled anew: that is no reason to keep nothing.
        state.deviceKey = try? KeyFile.read(directory.deviceKey, byteCount: Ed25519.seedByteCount)
        state.authority = try? String(contentsOfFile: directory.authority, encoding: .utf8)
        return state
    }

    private func keepDrafts(on disk: JournalDisk) async throws {
        let now = environment.milliseconds()
        let times = try await store.draftTimes()
        for id in try await disk.draftsToKeep(times) {
            guard let content = try await store.draft(id), let time = times[id] else { continue }
            try await disk.keepDraft(id, content, keptAt: time < now ? time : nil)
        }
    }

    /// Waits for an event, or as long as the machine says.
    private func news() async {
        var until: UInt64?
        if case .wait(let time) = action { until = time }
        if await bell.wait(until: until, now: environment.milliseconds()) == .timePassed { post(.timePassed) }
    }
}

extension JournalWriter {
    /// How the second copy stands.
    package func status() async throws -> SecondCopyStatus {
        let now = environment.milliseconds()
        var status = SecondCopyStatus()
        let sheet = try await store.recoverySheet()
        status.sheetMadeAt = sheet?.madeAt
        status.isForCentral = try await store.loadEnrolment() != nil
        var place = setting?.path
        // A command without a daemon looks, and does not write.
        if place == nil { place = try await store.journalSetting()?.path }
        guard let place else { return status }
        status.place = place
        let known = try await store.knownJournals()
        let journal = known.first { $0.id == found.journal } ?? known.first
        status.journal = journal?.id.hexadecimal
        status.lackingChanges = try await store.lackingCount(through: journal?.through)
        (status.lackingAttachments, status.otherJournals) = (lackingAttachments, found.others)
        status.failure = machine.failure
        status.behindSeconds = machine.behindSince.map { (now - min(now, $0)) / 1000 }
        status.ageSeconds =
            machine.behindSince == nil && machine.wholeAt != nil
            ? 0 : machine.wholeAt.map { (now - min(now, $0)) / 1000 }
        return status
    }
}

extension JournalFailure {
    init(_ error: MediumError) {
        switch error {
        case .absent: self = .absent
        case .sameDisk: self = .sameDisk
        case .full: self = .full
        case .readOnly: self = .readOnly
        case .exists, .system: self = .medium
        }
    }
}

extension JournalWriter {
    /// Looks at a place before it is chosen: whether it can be listed and written.
    package func look(at setting: JournalSetting) async throws(MediumError) -> [String] {
        let medium = makeMedium(setting)
        let trial = "birthwindow-trial"
        try medium.replace(trial, with: [])
        try medium.remove(trial)
        return try medium.names(in: "")
    }

    /// Makes a new recovery code and keeps the wrap of the store's key for it. The code itself is kept nowhere.
    package func makeSheet() async throws -> RecoveryCode {
        let code = RecoveryCode()
        guard let sheet = RecoveryHeader.Sheet(key.secret, under: code) else { throw JournalFailure.store }
        try await store.keep(sheet)
        return code
    }
}
