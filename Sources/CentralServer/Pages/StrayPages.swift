import Accounts
import Casework
import Pages
import SyncProtocol
import Web

/// `/desk/strays/{hash}`: a change that entered no case, because it came without a receipt or cannot be read.
extension CentralPages {
    func addStrays(to router: inout Router) {
        page(&router, "/desk/strays/{hash}", .setAside, .everything, showStray)
        form(&router, "/desk/strays/{hash}/verdict", .setAside, .everything, judgeStray)
    }

    @Sendable private func showStray(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let id = try ContentID(reading: try request.parameter("hash"))
        let (waiting, unreadable) = try await api.store.read { transaction throws(CentralError) in
            (try transaction.waiting(id), try transaction.unreadable(id))
        }
        guard let hospital = waiting?.hospital ?? unreadable?.hospital else {
            throw CentralError.refused(.unknownChange)
        }
        let names = try await names()
        let reason: AsideReason = waiting == nil ? AsideReason(unreadable?.reason ?? "") : .receipt
        // It may be any bytes.
        let change = waiting.flatMap {
            try? Change(replica: $0.replica, sequence: $0.sequence, body: $0.body)
        }
        let lines = (change?.content?.writes ?? [:]).sorted { $0.key < $1.key }.map {
            group, write -> (String, HTML) in
            let words = words(of: group, names)
            return (words.label, words.html(write.value, beside: []))
        }
        var remedies = reason.remedies
        if waiting == nil { remedies.removeAll { $0 == .takeUp } }
        let takeUp: HTML? = waiting == nil ? nil : "<button name=\"verdict\" value=\"take-up\">恢复采用</button>"
        let link: HTML? = change.map { "<p><a href=\"/cases/\($0.caseID)\">所写的办件</a></p>" }
        let came = waiting?.milliseconds ?? unreadable?.milliseconds ?? 0
        return Page(
            "未入办件的变更", under: "/desk",
            content: """
                <div class="title"><h1>\(waiting == nil ? "不能读取的变更" : "无有效回执的变更")</h1>\
                <span class="soft">\(names.hospital(names.code(hospital)))　\(times(came)) 收到</span>\
                <span class="push"><a class="button" href="/desk">返回队列</a></span></div>\
                \(HTML.note("wait", [reason.chinese(dictionary)]))\
                \(HTML.card("内容", "\(HTML.pairs(lines))\(link)<p class=\"small soft\">编号 <code>\(id.description)</code></p>"))\
                \(HTML.card("怎么办", """
                    <ul class="plain">\(remedies.map { "<li>\($0.chinese)</li>" as HTML })</ul>\
                    <form method="post" action="/desk/strays/\(id.description)/verdict" class="row">\(hidden(viewer))\
                    \(HTML.input("reason", "理由"))<button name="verdict" value="set-aside">不予采用</button>\(takeUp)</form>
                    """))
                """)
    }

    @Sendable private func judgeStray(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        try await api.mergeDesk.give(
            MergeDesk.Verdict(
                caseID: nil, target: try ContentID(reading: try request.parameter("hash")),
                isTakenUp: fields["verdict"] == "take-up", seen: [], reason: try reason(fields),
                user: request.operatorName))
        return .seeOther("/desk")
    }
}
