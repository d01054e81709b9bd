import Casework
import Pages
import Web

extension AccountPages {
    /// All accounts; with `unconfirmed=1` those that wait for central's word.
    @Sendable func list(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let all = try await desk.accounts(of: request.query["hospital"])
        let waiting = all.filter(\.account.isUnconfirmed)
        let isWaitingOnly = request.query["unconfirmed"] == "1"
        let rows = (isWaitingOnly ? waiting : all).map(row)
        let empty: HTML? =
            rows.isEmpty
            ? "<tr><td colspan=\"5\" class=\"soft\">\(isWaitingOnly ? "没有待确认的账号。" : "还没有账号。")</td></tr>" : nil
        return Page(
            "账号", under: Self.address,
            content: """
                <div class="title"><h1>账号</h1><span class="soft">\(all.count) 个</span>\
                \(waitingLink(waiting.count, isWaitingOnly))\
                <span class="push"><a class="button main" href="\(Self.address)/new" data-key="n">添加账号<kbd>N</kbd></a></span></div>\
                <div class="card"><table class="list"><thead><tr><th>用户名</th><th>姓名</th><th>岗位</th>\
                <th>范围</th><th>状态</th></tr></thead><tbody>\(rows)\(empty)</tbody></table></div>\
                \(isCentral ? nil : Self.offlineNote)
                """)
    }

    private static let offlineNote: HTML = """
        <p class="soft small">在这里添加、停用和重设密码，离线时也立即生效，联网后送中心确认。主管、技术员的账号和账号的范围由中心管理员办理。</p>
        """

    private func waitingLink(_ count: Int, _ isWaitingOnly: Bool) -> HTML? {
        if isWaitingOnly { return "<a href=\"\(Self.address)\">全部账号</a>" }
        guard count > 0 else { return nil }
        return
            "<a class=\"state\" data-state=\"wait\" href=\"\(Self.address)?unconfirmed=1\">\(count) 个待中心确认</a>"
    }

    private func row(_ listed: ListedAccount) -> HTML {
        let account = listed.account
        return """
            <tr><td><a class="name" href="\(Self.address(of: account.name, at: listed.hospital))">\(account.name)</a></td>\
            <td>\(account.displayName)</td><td>\(Self.roles(account))</td><td>\(Self.scope(listed))</td>\
            <td>\(Self.states(account))</td></tr>
            """
    }

    static func roles(_ account: Account) -> String {
        StaffRole.allCases.filter(account.roles.contains).map(\.chinese).joined(separator: "、")
    }

    static func scope(_ listed: ListedAccount) -> String {
        let account = listed.account
        let hospitals =
            account.hospitals.isEmpty ? listed.hospital.map { [$0] } ?? [] : account.hospitals.sorted()
        let parts = [hospitals, account.policies.sorted(), [account.department].compactMap(\.self)].flatMap(
            \.self)
        return parts.isEmpty ? "全部" : parts.joined(separator: "、")
    }

    static func states(_ account: Account) -> HTML {
        var states: [HTML] = []
        if account.isDisabled { states.append("<span class=\"state\" data-state=\"bad\">已停用</span>") }
        if account.isUnconfirmed { states.append("<span class=\"state\" data-state=\"wait\">待中心确认</span>") }
        if account.password == nil {
            states.append("<span class=\"state\" data-state=\"wait\">未设密码</span>")
        } else if account.mustChangePassword {
            states.append("<span class=\"state\">待本人改密</span>")
        }
        return states.isEmpty ? "<span class=\"state\" data-state=\"good\">正常</span>" : HTML(states)
    }
}
