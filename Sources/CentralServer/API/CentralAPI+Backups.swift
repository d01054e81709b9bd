import SyncProtocol
import Web

/// How it stands with the backups, as the API tells it.
struct BackupsShape: Encodable {
    struct Verified: Encodable {
        let name: String
        let madeMilliseconds: UInt64
        let verifiedMilliseconds: UInt64
    }

    var isRunning = false
    /// The last one that is known to be sound.
    var verified: Verified?
    /// Why the last try failed.
    var fault: String?
    var faultMilliseconds: UInt64?

    init(_ status: BackupDesk.Status) {
        isRunning = status.beganMilliseconds != nil
        (fault, faultMilliseconds) = (status.fault, status.faultMilliseconds)
        verified = status.verified.map {
            Verified(
                name: $0.name, madeMilliseconds: $0.madeMilliseconds,
                verifiedMilliseconds: $0.verifiedMilliseconds)
        }
    }
}

extension CentralAPI {
    private struct BackupBody: Decodable {
        let to: String
    }

    /// Bytes of a folder's name at most.
    private static let folderBytesMax = 4096

    /// `GET /api/v1/backups`
    func showBackups(_ request: Request) async throws(CentralError) -> Response {
        try json(try await backups() ?? BackupsShape(BackupDesk.Status()))
    }

    /// `POST /api/v1/backups`: `{to}`, a folder of central's own machine, whole. It is answered at once with 202; what becomes
    /// of it, the other address tells.
    func startBackup(_ request: Request) async throws(CentralError) -> Response {
        let folder = try request.decoded(as: BackupBody.self).to
        guard folder.hasPrefix("/"), folder.utf8.count <= Self.folderBytesMax else {
            throw CentralError.refused(.malformed("A folder's whole path is wanted, at most 4096 bytes."))
        }
        guard let backupDesk else { throw CentralError.refused(.busy) }
        do throws(BackupError) { try backupDesk.start(folder) } catch {
            return CentralProblem(409, "backup-running", "A backup is being made already").response
        }
        return try json(try await backups(), status: 202)
    }

    /// `POST /api/v1/rebuild`: makes all caches anew from the log.
    func rebuild(_ request: Request) async throws(CentralError) -> Response {
        try json(["cases": try await Rebuild(store: store, books: books).run()])
    }

    /// Nil where there is no directory.
    func backupStatus() async throws(CentralError) -> BackupDesk.Status? {
        guard let backupDesk else { return nil }
        return try await backupDesk.status()
    }

    /// Nil where there is no directory.
    func backups() async throws(CentralError) -> BackupsShape? {
        try await backupStatus().map(BackupsShape.init)
    }
}
