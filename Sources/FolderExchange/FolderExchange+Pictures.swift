import Casework
import Cryptography
import Persistence

/// Pictures of papers, beside the tasks that show them.
///
/// A picture appears whole, before the task file that names it; or later, under the name that the file tells, if the window has not delivered
/// it yet: photos travel after everything else. Those are remembered in `.state`, one empty file each, and asked for again.
extension FolderExchange {
    /// Milliseconds between two questions for pictures that central did not have, and how many are asked for at a time.
    static let wantedPauseMilliseconds: UInt64 = 300_000
    static let wantedPerRoundMax = 200
    /// Milliseconds after which a picture is given up: as long as a window may be away, and some.
    static let wantedMilliseconds: UInt64 = 120 * 86_400_000

    /// Sees to it that what tasks show is there, or remembered.
    func bringPictures(of tasks: [JSON], _ report: inout Report) async throws {
        for task in tasks where (task.members?["state"]).word == "ready" {
            for picture in try Picture.all(of: task) {
                if try disk.isThere(picture.name, in: FolderDisk.papers) { continue }
                if try await bring(picture) {
                    report.papers += 1
                } else {
                    try disk.prepare([], as: picture.wantedName)
                    report.lackingPapers += 1
                }
            }
        }
    }

    /// Asks again for what central did not have, in turn.
    func bringWanted(_ state: inout FolderState, _ report: inout Report) async throws {
        let now = now()
        if let last = state.wantedAt, last <= now, now - last < Self.wantedPauseMilliseconds { return }
        let names = try disk.names(in: FolderDisk.state).filter { $0.hasPrefix(Picture.wanted) }
        guard !names.isEmpty else { return }
        let next = names.firstIndex { $0 > state.wantedLast ?? "" } ?? 0
        let turn = (names[next...] + names[..<next]).prefix(Self.wantedPerRoundMax)
        for name in turn {
            guard let picture = Picture(wantedName: name), try isWanted(name, now) else {
                try disk.remove(name, in: FolderDisk.state)
                continue
            }
            if try disk.isThere(picture.name, in: FolderDisk.papers) {
                // Another telling of the task brought it.
            } else if try await bring(picture) {
                report.papers += 1
            } else {
                report.lackingPapers += 1
                continue
            }
            try disk.remove(name, in: FolderDisk.state)
        }
        (state.wantedAt, state.wantedLast) = (now, turn.last)
        try save(state)
    }

    private func isWanted(_ name: String, _ now: UInt64) throws -> Bool {
        guard case .file(_, let since) = try disk.read(name, in: FolderDisk.state, byteCountMax: 0) else {
            return false
        }
        return now < since + Self.wantedMilliseconds
    }

    /// - Returns: false if central does not have it, or something else under its name.
    private func bring(_ picture: Picture) async throws -> Bool {
        guard let bytes = try await desk.picture(picture), bytes.count <= Picture.byteCountMax,
            SHA256.hash(bytes).bytes.hexadecimal == picture.hash
        else { return false }
        try disk.publish(
            bytes, as: picture.name, in: FolderDisk.papers, preparedAs: Picture.prepared + picture.name)
        return true
    }
}
