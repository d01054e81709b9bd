import Persistence

extension BackupFolder {
    /// Reads all of the backup from its medium: every file against its hash, and the store as ``StoreAudit`` looks at one.
    ///
    /// - Returns: what the store holds.
    /// - Throws: ``BackupError/unsound(backup:problems:count:)`` if anything is not what was written.
    @discardableResult
    package func verify(_ keys: StoreKeys) throws(BackupError) -> AuditReport {
        let damaged = try damagedFiles()
        guard damaged.isEmpty else {
            let sentences = damaged.prefix(AuditReport.problemsMax).map { "\($0) is not what was written" }
            throw .unsound(backup: name, problems: sentences, count: damaged.count)
        }
        let report: AuditReport
        do throws(CentralError) {
            report = try StoreAudit.report(ofFile: path + "/" + Self.store, keys: keys)
        } catch { throw .store(error) }
        guard !report.isDamaged else {
            let sentences = report.problems.filter { $0.part != .cache }.map(\.sentence)
            throw .unsound(backup: name, problems: sentences, count: report.problemCount)
        }
        return report
    }

    /// The files that are missing or are not what was written.
    private func damagedFiles() throws(BackupError) -> [String] {
        var damaged: [String] = []
        for entry in try list().entries {
            let found: FileSum?
            do throws(FileError) { found = try Files.sum(of: path + "/" + entry.path) } catch {
                // What the medium cannot read back is lost; what may not be read says nothing.
                if error.kind == .readOnly { throw .file(error) }
                found = nil
            }
            if found != entry.sum { damaged.append(entry.path) }
        }
        return damaged
    }
}
