/// How a command ended, in the words of sysexits(3).
package enum ExitStatus: Int32, Error, Hashable, Sendable {
    case ok = 0
    /// The command was used incorrectly.
    case usage = 64
    /// What was given is wrong in itself.
    case dataError = 65
    /// A file, or a thing that was named, does not exist.
    case noInput = 66
    /// Somebody who is needed does not answer, or has to do something first.
    case unavailable = 69
    /// A fault of the program.
    case software = 70
    /// The system refused something.
    case osError = 71
    /// No room, or no right, to write.
    case cannotCreate = 73
    case ioError = 74
    /// It will go later: nothing was lost.
    case temporaryFailure = 75
    case noPermission = 77
    case configuration = 78

    /// What an answer's HTTP status means to whoever gave the command.
    package init(http status: Int) {
        switch status {
        case ..<400: self = .ok
        case 401, 403: self = .noPermission
        case 404: self = .noInput
        case 400..<500: self = .dataError
        case 502, 503, 504: self = .unavailable
        case 507: self = .cannotCreate
        default: self = .software
        }
    }
}

/// Why a command cannot be carried out: what is wrong, and what to do next.
package struct CommandError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
    package let status: ExitStatus

    package init(_ description: String, status: ExitStatus) {
        self.description = description
        self.status = status
    }
}

/// A command line that means nothing; the sentence goes to the user with the command's help.
package struct UsageError: Error, Hashable, Sendable {
    package let message: String

    package init(_ message: String) { self.message = message }
}
