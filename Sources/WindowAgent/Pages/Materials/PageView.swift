import Casework
import Pages
import SyncProtocol

/// One page of a material, large enough to read.
struct PageView: Sendable {
    let caseID: CaseID
    let page: CasePage
    /// The material's name in the policy.
    let name: String
    let standing: AttachmentDesk.Standing
    /// The files before and after it in the case.
    let before: CasePage?
    let after: CasePage?
    /// The hidden fields of a form; nil where the viewer may change nothing.
    let hidden: HTML?

    private var hash: String { page.hash.hexadecimal }
    private var materials: String { "/cases/\(caseID)/materials" }
    private var file: String { "/cases/\(caseID)/pages/\(hash)" }

    static let reasons = ["拍错了材料", "看不清，重新拍摄", "重复上传", "不是本件的材料"]

    var html: HTML {
        """
        <div class="title"><h1>\(name) \(page.part)</h1>\(HTML.state(standing.word, standing.state))\
        <div class="push">\(before.map { way($0, "上一页", "arrowleft") })\(after.map { way($0, "下一页", "arrowright") })\
        <a class="button" href="\(materials)" data-key="escape">返回材料</a></div></div>
        <div class="triple page"><div class="sheet">\(picture)</div><aside>\(facts)\(removal)</aside></div>
        """
    }

    private func way(_ page: CasePage, _ word: String, _ key: String) -> HTML {
        "<a class=\"button\" href=\"\(materials)/\(page.hash.hexadecimal)\" data-key=\"\(key)\">\(word)</a>"
    }

    private var picture: HTML {
        switch (standing, page.format) {
        case (.central, _), (.damaged, _):
            """
            <div class="body"><p>\(standing == .damaged ? "本机的这一页已损坏。" : "这一页还不在本机。")</p>\
            \(hidden.map { fields in
                "<form method=\"post\" action=\"\(file)/fetch\">\(fields)<button class=\"main\">从中心取回</button></form>" as HTML
            })</div>
            """
        case (_, .pdf):
            "<div class=\"body\"><p><a class=\"button main\" href=\"\(file)\">打开 PDF 文件</a></p></div>"
        default: "<a href=\"\(file)\"><img src=\"\(file)\" alt=\"\(name)\(page.part)\"></a>"
        }
    }

    private var facts: HTML {
        .card(
            "文件",
            .pairs([
                ("大小", "\(SyncWatch.size(UInt64(page.byteCount)))"),
                ("格式", "\(page.format.rawValue.uppercased())"),
                ("校验码", "<code title=\"SHA-256 \(hash)\">\(String(hash.prefix(12)))…</code>"),
                ("保存", "已加密保存在本机"),
            ]))
    }

    private var removal: HTML? {
        guard let hidden else { return nil }
        let reasons = Self.reasons.map { (value: $0, text: $0) } + [(value: "", text: "其他（请写明）")]
        return .card(
            "移除",
            """
            <form method="post" action="\(materials)/removal">\(hidden)\(HTML.hidden("hash", hash))\
            \(HTML.hidden("material", page.material))\(HTML.select("basis", "原因", reasons))\
            \(HTML.input("reason", "补充说明", isRequired: false))<button class="grave">移除这一页</button>\
            <p class="small soft">移除后不再算作已提交；文件和经过保留备查。</p></form>
            """)
    }
}

extension AttachmentDesk.Standing {
    /// How it is shown.
    var state: String {
        switch self {
        case .waiting: "wait"
        case .here: "good"
        case .central: "live"
        case .damaged: "bad"
        }
    }
}
