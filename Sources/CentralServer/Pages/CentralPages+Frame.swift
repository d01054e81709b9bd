import Accounts
import Casework
import Pages
import Web

extension CentralPages {
    /// What all pages have in common; nil is for who has not signed in yet.
    func frame(for viewer: Viewer?, _ request: Request) async throws -> Page.Frame {
        var (tabs, lights): ([Page.Tab], [Page.Light]) = ([], [])
        if let viewer, !(viewer.account?.mustChangePassword ?? false) {
            tabs = try await self.tabs(for: viewer)
            lights = try await self.lights(for: viewer)
        }
        return Page.Frame(
            place: "中心", tabs: tabs, lights: lights, day: times.day, user: viewer?.displayName,
            formToken: viewer?.formToken ?? "", isLargeType: TypeSize.isLarge(request))
    }

    /// The ways to the pages that this viewer may see, with what waits there.
    private func tabs(for viewer: Viewer) async throws -> [Page.Tab] {
        let waiting = viewer.may(.settle) ? try await deskCounts(for: viewer).total : 0
        let all: [(Action?, Page.Tab)] = [
            (nil, Page.Tab("首页", "/")),
            (.settle, Page.Tab("合并台", "/desk", count: waiting)),
            (.answerTasks, Page.Tab("部门", "/departments")),
            (.readStatistics, Page.Tab("超期", "/overdue")),
            (.readFleet, Page.Tab("医院", "/fleet")),
            (.readStatistics, Page.Tab("统计", "/statistics")),
            (.managePolicies, Page.Tab("规则与库存", "/rules")),
            (.manageAccounts, Page.Tab("账号", "/accounts")),
            (.readAudit, Page.Tab("审计", "/audit")),
        ]
        return all.filter { action, _ in action.map(viewer.may) ?? true }.map(\.1)
    }

    /// How it stands with the backup, for whom that concerns.
    private func lights(for viewer: Viewer) async throws -> [Page.Light] {
        guard viewer.may(.readFleet) else { return [] }
        guard let desk = api.backupDesk else { return [] }
        let status = try await desk.status()
        if status.fault != nil { return [Page.Light(.bad, "中心备份失败，请联系系统管理员")] }
        guard let verified = status.verified else { return [Page.Light(.wait, "中心还没有核验过的备份")] }
        let age = api.environment.now() - min(api.environment.now(), verified.madeMilliseconds)
        return [
            Page.Light(
                age > Self.backupAgeMax ? .wait : .good, "中心备份 \(times(verified.madeMilliseconds)) 已核验")
        ]
    }

    /// Milliseconds after which a backup is old: two days.
    static let backupAgeMax: UInt64 = 2 * 86_400_000

    /// How much waits at the merge desk, as far as the viewer may see it.
    struct DeskCounts: Hashable, Sendable {
        var total = 0
        var kinds: [DeskEntry.Kind: Int] = [:]
        /// By hospital's code; empty for what is no hospital's.
        var hospitals: [String: Int] = [:]
        /// By account; empty for nobody.
        var assignees: [String: Int] = [:]
        /// Of the youngest to the oldest band.
        var bands = [0, 0, 0, 0]

        subscript(kinds: [DeskEntry.Kind]) -> Int { kinds.map { self.kinds[$0] ?? 0 }.reduce(0, +) }
    }

    func deskCounts(for viewer: Viewer) async throws(CentralError) -> DeskCounts {
        var counts = DeskCounts()
        for (entry, hospital) in try await deskQueue.counts()
        where viewer.hospitals.map({ $0.contains(hospital) }) ?? true {
            counts.total += entry.count
            counts.kinds[entry.kind, default: 0] += entry.count
            counts.hospitals[hospital, default: 0] += entry.count
            counts.assignees[entry.assignee, default: 0] += entry.count
            counts.bands[entry.band] += entry.count
        }
        return counts
    }

    var deskQueue: DeskQueue {
        DeskQueue(store: api.store, books: api.books, now: api.environment.now)
    }
}
