import Foundation
import Persistence
import SyncProtocol
import Web

/// The second copy, the recovery sheet and the check of the store.
extension WindowAPI {
    private struct JournalOrder: Decodable {
        /// An absolute path.
        let path: String
        let allowsSameDisk: Bool?
    }

    private struct JournalAnswer: Encodable {
        let secondCopy: SecondCopyStatus
        let notice: SecondCopyStatus.Notice

        init(_ status: SecondCopyStatus) { (secondCopy, notice) = (status, status.notice) }
    }

    private struct SheetAnswer: Encodable {
        let hospital: String?
        let hospitalName: String?
        let madeAt: UInt64
        /// Shown once: it is kept nowhere.
        let code: String
    }

    /// Bytes of the path of a second copy.
    static let journalPathBytesMax = 1024

    func copyWriter() throws -> JournalWriter {
        guard let secondCopy else {
            throw Web.Problem(status: 503, title: "This window has no second copy")
        }
        return secondCopy
    }

    /// `GET /api/v1/journal`
    @Sendable func showJournal(_ request: Request) async throws -> Response {
        try .json(JournalAnswer(try await copyWriter().status()))
    }

    /// `PUT /api/v1/journal`: `{"path": DIRECTORY, "allowsSameDisk": false}`
    @Sendable func setJournal(_ request: Request) async throws -> Response {
        let order = try decode(JournalOrder.self, request)
        try await chooseCopy(
            JournalSetting(path: order.path, allowsSameDisk: order.allowsSameDisk ?? false))
        return try .json(JournalAnswer(try await copyWriter().status()))
    }

    /// Looks at a place for the second copy, and takes it; nil for nowhere.
    func chooseCopy(_ setting: JournalSetting?) async throws {
        let writer = try copyWriter()
        if let setting {
            guard setting.path.hasPrefix("/"), setting.path.utf8.count <= Self.journalPathBytesMax else {
                throw Web.Problem(
                    status: 400, title: "The second copy's place is no absolute path",
                    detail: "备份位置须是以 / 开头的目录，未保存。",
                    remedy: "Give a directory on another disk, a stick or a share, such as /media/backup.")
            }
            do throws(MediumError) { _ = try await writer.look(at: setting) } catch {
                throw Web.Problem(journal: error, setting.path)
            }
        }
        try await writer.choose(setting)
    }

    /// `DELETE /api/v1/journal`: what is there stays there.
    @Sendable func dropJournal(_ request: Request) async throws -> Response {
        try await chooseCopy(nil)
        return try .json(JournalAnswer(try await copyWriter().status()))
    }

    /// `POST /api/v1/recovery-sheet`: a new code, for the sheet that is printed. Journals are opened by it from the next append on.
    @Sendable func makeRecoverySheet(_ request: Request) async throws -> Response {
        let code = try await copyWriter().makeSheet()
        let enrolment = try await store.loadEnrolment()
        return try .json(
            SheetAnswer(
                hospital: enrolment?.code, hospitalName: enrolment?.name, madeAt: environment.milliseconds(),
                code: code.text))
    }

    /// `POST /api/v1/store/check`: reads everything that is stored, beside the work that goes on.
    @Sendable func checkStore(_ request: Request) async throws -> Response {
        try .json(await checkedStore())
    }

    /// What a check of everything that is stored has found; damage is noted, so that nothing is written any more.
    func checkedStore() async throws -> StoreReport {
        let report = try await store.check.report()
        if let damage = report.damage { await store.noteDamage(damage) }
        return report
    }
}

extension Web.Problem {
    fileprivate init(journal error: MediumError, _ path: String) {
        switch error {
        case .sameDisk:
            self.init(
                status: 409,
                title: "\(path) is on the disk of the database: with that disk both would be lost",
                detail: "备份位置与数据库在同一磁盘上，磁盘损坏时会一起丢失，未保存。",
                remedy: "Mount a stick, a second disk or a share there; or say --same-disk for a trial.")
        case .absent:
            self.init(
                status: 404, title: "\(path) is not there", detail: "备份位置不存在：请先接入介质并建好目录，未保存。",
                remedy: "Mount the medium and make the directory first: nothing is made here by itself.")
        case .readOnly:
            self.init(
                status: 409, title: "\(path) may not be written", detail: "备份位置不能写入，未保存。",
                remedy: "Give the agent's user the right to write there.")
        case .full:
            self.init(
                status: 507, title: "\(path) is full", detail: "备份介质已满，未保存。", remedy: "Use another medium.")
        case .exists, .system:
            self.init(
                status: 503, title: "\(path) cannot be used (\(error))", detail: "备份介质读写出错，未保存。",
                remedy: "Check the medium.")
        }
    }
}
