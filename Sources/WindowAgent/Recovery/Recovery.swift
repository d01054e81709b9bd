import Cryptography
import Foundation
import Persistence
import SyncProtocol

/// Rebuilds a window from its journal, in a directory of its own that takes its place only when it is whole.
///
/// Nothing is authored anew: the changes keep their replicas and chains, and what central has not confirmed waits in the outbox. The store
/// writes on as a new replica, as after every opening. Central's feed is read again from its start, and brings what the journal lacks.
package struct Recovery: Sendable {
    /// Why nothing was recovered.
    package enum Refusal: Error, Hashable, Sendable {
        /// The directory is there and holds something: it is never overwritten.
        case notEmpty(String)
        /// The directory cannot be made.
        case cannotMake(String)
        /// It was made whole beside, and could not take its place.
        case cannotPlace(String)
    }

    private let reader: JournalReader
    private let key: StoreKey
    private let environment: WindowStore.Environment

    /// - Throws: ``JournalReader/Fault/wrongKey`` if the key opens nothing of it.
    package init(
        _ reader: JournalReader, key: StoreKey, environment: WindowStore.Environment = .system
    ) throws {
        (self.reader, self.key, self.environment) = (reader, key, environment)
        let opens = try reader.segments().contains { try !reader.content(of: $0, key).records.isEmpty }
        guard try opens || reader.state(key) != nil else { throw JournalReader.Fault.wrongKey }
    }

    /// Recovers into a directory, which must not be there or be empty. One that was cut short is begun again from nothing.
    package func run(into data: String) async throws -> RecoveryReport {
        let files = FileManager.default
        // What cannot be listed is not there; making it will tell.
        guard try files.isEmptyOrAbsent(data) else { throw Refusal.notEmpty(data) }
        let work = data + ".recovering"
        try? files.removeItem(atPath: work)
        do {
            try files.createDirectory(
                atPath: work, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch { throw Refusal.cannotMake(work) }
        let report = try await fill(AgentDirectory(path: work))
        guard unsafe rename(work, data) == 0 else { throw Refusal.cannotPlace(work) }
        return report
    }

    /// Tells what a recovery would find, in a directory that is removed again.
    package func trial(beside data: String) async throws -> RecoveryReport {
        let work = data + ".trial"
        try? FileManager.default.removeItem(atPath: work)  // most often there is none
        defer { try? FileManager.default.removeItem(atPath: work) }
        do {
            try FileManager.default.createDirectory(
                atPath: work, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch { throw Refusal.cannotMake(work) }
        var report = try await fill(AgentDirectory(path: work))
        report.isDryRun = true
        return report
    }

    private func fill(_ directory: AgentDirectory) async throws -> RecoveryReport {
        var report = RecoveryReport()
        report.journal = reader.header.journal.hexadecimal
        _ = try KeyRing(keyPath: directory.storeKeyPath).make(secret: key.secret)
        let state = try reader.state(key)
        if let seed = state?.deviceKey {
            try KeyFile.write(seed, to: directory.deviceKey)
            report.hasDeviceKey = true
        }
        if let authority = state?.authority {
            try KeyFile.write(SecretBytes(Array(authority.utf8)), to: directory.authority)
        }
        try await fillStore(directory, state, &report)
        let attachments = try reader.attachmentPaths()
        let medium = DirectoryMedium(directory.path, notOnDiskOf: nil)
        for folder in ["attachments"] + JournalFolder.attachmentFolders.map({ "attachments/" + $0 }) {
            try medium.make(folder)
        }
        for path in attachments {
            try medium.replace("attachments/" + path, with: try reader.attachment(path))
        }
        report.attachments = attachments.count { $0.hasPrefix("whole/") }
        return report
    }

    /// The store is closed again when this returns.
    private func fillStore(
        _ directory: AgentDirectory, _ state: JournalState?, _ report: inout RecoveryReport
    ) async throws {
        let store = try WindowStore(
            path: directory.database, sealKey: key.database, dictionary: .standard,
            duplicatesKey: key.duplicates, environment: environment)
        if let enrolment = state?.enrolment {
            try await store.enrol(enrolment)
            report.hospital = enrolment.code
        }
        try await takeLog(into: store, &report)
        if let state { try await store.takeBack(witness: state.witness) }
        for name in try reader.draftNames() {
            if let draft = try reader.draft(name, key) {
                try await store.keepDraft(draft.id, draft.content)
                report.drafts += 1
            } else {
                report.damagedDrafts += 1
            }
        }
        report.cases = try await store.rebuild()
        let figures = try await store.figures()
        (report.cases, report.changes, report.ownChanges) = (
            figures.cases, figures.changes, figures.ownChanges
        )
    }

    private func takeLog(into store: WindowStore, _ report: inout RecoveryReport) async throws {
        var own: Set<ReplicaID> = []
        var lengths: [[UInt8]: UInt64] = [:]
        var links: [JournalPlace] = []
        for segment in try reader.segments() {
            let content = try reader.content(of: segment, key)
            var damaged = content.damaged
            var entries: [JournalEntry] = []
            for record in content.records {
                if record.index == 0 {
                    if let link = JournalPlace(link: record.plain) { links.append(link) }
                } else if let entry = try? JournalEntry(decoding: record.plain) {
                    entries.append(entry)
                } else {
                    damaged.append(record.index)
                }
            }
            lengths[segment.id] = (content.records.last?.index).map { $0 + 1 } ?? 0
            report.tornSegments += content.isTorn ? 1 : 0
            if !damaged.isEmpty {
                report.damaged.append(
                    RecoveryReport.Damage(segment: segment.number, records: damaged.sorted()))
            }
            report.latestAt = max(report.latestAt, entries.map(\.savedAt).max() ?? 0)
            own.formUnion(entries.filter(\.isOwn).map(\.replica))
            try await store.takeBack(entries)
        }
        for link in links {
            guard let segment = link.segment, lengths[segment] ?? 0 < link.records else { continue }
            report.missingSegments.append(segment.hexadecimal)
        }
        for replica in own.sorted(by: { $0.rawValue < $1.rawValue }) {
            report.gaps += try await store.chain(replica).map {
                RecoveryReport.Gap(replica: replica.description, first: $0.lowerBound, last: $0.upperBound)
            }
        }
    }
}

extension FileManager {
    /// Whether a directory is empty, or not there.
    fileprivate func isEmptyOrAbsent(_ path: String) throws -> Bool {
        guard fileExists(atPath: path) else { return true }
        return try contentsOfDirectory(atPath: path).isEmpty
    }
}
