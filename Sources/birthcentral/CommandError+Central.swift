import CentralServer
import Commands
import Persistence

extension CommandError {
    /// What a failure of central's store means for a command.
    init(_ error: CentralError, at path: String) {
        guard case .store(let failure) = error else {
            self.init("\(path): \(error)", status: .software)
            return
        }
        switch failure.kind {
        case .damaged, .inconsistent:
            self.init(
                "\(Central.storePath(in: path)) is damaged: \(failure.description)\n\(Central.damageAdvice)",
                status: .dataError)
        case .foreign: self.init("\(path): \(failure.description)", status: .configuration)
        case .full: self.init("\(path): \(failure.description)", status: .cannotCreate)
        case .busy, .unknown: self.init("\(path): \(failure.description)", status: .temporaryFailure)
        case .other: self.init("\(path): \(failure.description)", status: .ioError)
        }
    }

    /// What an error about a backup means for a command.
    init(_ error: BackupError, at path: String) {
        switch error {
        case .file(let file):
            let status: ExitStatus =
                switch file.kind {
                case .full, .readOnly, .taken: .cannotCreate
                case .absent: .noInput
                case .system: .ioError
                }
            self.init(error.description, status: status)
        case .store(let error): self.init(error, at: path)
        case .notABackup: self.init(error.description, status: .noInput)
        case .unsound(_, let problems, _):
            self.init(
                ([error.description] + problems.prefix(10).map { "  \($0)" } + ["Use another backup."])
                    .joined(separator: "\n"), status: .dataError)
        case .inUse, .isRunning: self.init(error.description, status: .temporaryFailure)
        case .storeIsAhead:
            self.init(
                "\(error.description)\nIf the backup is to take its place all the same, add --force; the present store is kept aside.",
                status: .unavailable)
        }
    }
}
