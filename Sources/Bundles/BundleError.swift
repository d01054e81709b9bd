import Foundation
package import Web

/// Why a bundle was not made or not taken. It holds no person's data.
package enum BundleError: Error, Hashable, Sendable {
    /// Not a bundle at all.
    case notABundle
    /// Made by a later version of the program.
    case laterVersion
    /// It is for another central, or another window.
    case otherReceiver
    /// It goes the other way: made by a window where one of central's is wanted, or the reverse.
    case wrongWay
    /// Central does not know the computer that made it, or takes nothing from it any more. Deliberately no more than that.
    case unknownSender
    /// It was changed, cut, or not signed by whom it says.
    case damaged
    /// Sealed for a key that the receiver does not have any more.
    case otherKey
    /// It holds what no program of this version writes.
    case malformed
    /// The hospital named inside is not the sender's.
    case otherHospital
    /// It begins after what the window has read: the one that begins at this position, or before, comes first.
    case gap(needs: UInt64)
    /// The window is bringing everything back to central, and this does not answer that.
    case repairing
    /// Over a limit of bytes or of bundles at a time.
    case tooLarge
    /// There is no such bundle at hand, or not as many bytes of it as was said.
    case absent
    /// No room, or no right to write.
    case noRoom
    /// The medium failed.
    case disk
    /// What the store said.
    case other(Web.Problem)
}

extension BundleError {
    /// The problem that the API tells, with what to do next.
    package var problem: Web.Problem {
        switch self {
        case .notABundle: problem(422, "This is no bundle", "Choose the directory birthwindow-bundles.")
        case .laterVersion:
            problem(422, "This bundle was made by a later version", "Install the new version here first.")
        case .otherReceiver:
            problem(422, "This bundle is for another receiver", "Bring it to the one it was made for.")
        case .wrongWay:
            problem(
                422, "This bundle goes the other way", "Central takes windows' bundles, a window central's.")
        case .unknownSender:
            problem(403, "Nothing is taken from this computer", "See: birthcentral device list")
        case .damaged:
            problem(422, "The bundle was changed or cut", "Nothing of it was used. Export it again.")
        case .otherKey:
            problem(
                422, "The bundle is sealed for another key", "The key was changed since: export it again.")
        case .malformed: problem(422, "The bundle cannot be read", "Nothing of this part was used.")
        case .otherHospital: problem(403, "The bundle is another hospital's", "See: birthcentral device list")
        case .gap(let needs):
            problem(
                503, "An earlier bundle is missing",
                "Import the one that begins at position \(needs), or before; or ask central for: "
                    + "birthcentral bundle export DEVICE TO --from \(needs)")
        case .repairing:
            problem(
                503, "This window is bringing everything back to central",
                "Take a new stick to central first: birthwindow bundle export TO")
        case .tooLarge:
            problem(413, "The bundle is too large, or too many are under way", "Try again with fewer photos.")
        case .absent: problem(404, "There is no such bundle here", "Give the command again.")
        case .noRoom: problem(507, "There is no room for the bundle", "Make room and try again.")
        case .disk: problem(503, "The medium failed", "Try another stick, or another directory.")
        case .other(let problem): problem
        }
    }

    private func problem(_ status: Int, _ title: String, _ remedy: String) -> Web.Problem {
        Web.Problem(status: status, title: title, remedy: remedy)
    }

    /// What an error of Foundation's files means.
    init(file error: any Error) {
        switch (error as? CocoaError)?.code {
        case .fileWriteOutOfSpace?, .fileWriteNoPermission?, .fileWriteVolumeReadOnly?: self = .noRoom
        case .fileNoSuchFile?, .fileReadNoSuchFile?: self = .absent
        default: self = .disk
        }
    }
}
