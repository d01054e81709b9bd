package import Persistence

/// Why a round with a folder did not come to its end. What was done is done; the next round goes on. It carries no content of any
/// file.
package enum FolderError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A file could not be read, written or moved.
    case file(FileError)
    /// Something that has to be a folder of its own is a link or a file.
    case notAFolder(String)
    /// Another process is at this folder.
    case inUse
    /// The folder is another department's.
    case otherDepartment(String)
    /// What is remembered of the folder cannot be read.
    case damagedState
    /// Central answered something that this version does not understand.
    case answer

    package var description: String {
        switch self {
        case .file(let error): error.description
        case .notAFolder(let name): "\(name) is no folder of its own: put a folder there, no link"
        case .inUse: "another process is at this folder"
        case .otherDepartment(let code): "the folder is department \(code)'s: each department has its own"
        case .damagedState:
            "what is remembered of the folder (.state/state.json) cannot be read; without that file all tasks are written again"
        case .answer: "central's answer is not understood: another version?"
        }
    }
}
