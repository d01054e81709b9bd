import Casework
import Foundation

/// The printed page with a recovery code: an A4 page in Chinese. The code is kept nowhere else.
package struct RecoverySheet: Hashable, Sendable {
    package let hospital: String
    package let hospitalName: String
    /// `YYYY-MM-DD`.
    package let date: String
    package let code: String

    package init(hospital: String, hospitalName: String, date: String, code: String) {
        (self.hospital, self.hospitalName, self.date, self.code) = (hospital, hospitalName, date, code)
    }

    private static let title = "数据恢复凭条"
    private static let sentences = [
        "用途：本机磁盘损坏或丢失时，技术人员凭此恢复码和备份介质，在新电脑上恢复本窗口的全部办件。",
        "保管：请密封后存放在医院保险柜内，不得与备份介质放在一起，不得拍照、复印或通过网络传送。",
        "凭此恢复码和备份介质可以读取全部办件内容；恢复码不另行保存，遗失后请立即重新打印。",
        "重新打印后，新的备份只能用新的恢复码打开；此前取走的旧备份仍可用旧的恢复码打开，旧凭条请一并销毁。",
    ]

    /// For a terminal, or a printer without pages.
    package var text: String {
        let lines =
            [Self.title, "", "医院：\(hospitalName)（\(hospital)）", "日期：\(date)", "", "恢复码：\(code)", ""]
            + Self.sentences
        return lines.joined(separator: "\n")
    }

    /// For a browser's printer.
    package var html: String {
        let groups = code.split(separator: "-").map { "<span>\(Self.escaped(String($0)))</span>" }.joined(
            separator: " ")
        let sentences = Self.sentences.map { "<p>\(Self.escaped($0))</p>" }.joined(separator: "\n")
        return """
            <!DOCTYPE html>
            <html lang="zh-CN">
            <head>
            <meta charset="utf-8">
            <title>\(Self.title)</title>
            <style>
            @page { size: A4; margin: 25mm }
            body { font: 14pt/1.7 serif }
            h1 { text-align: center; font-size: 24pt }
            .code { font: bold 20pt/2 monospace; border: 1pt solid; padding: 8mm; text-align: center }
            .code span { margin: 0 2mm; white-space: nowrap }
            </style>
            </head>
            <body>
            <h1>\(Self.title)</h1>
            <p>医院：\(Self.escaped(hospitalName))（\(Self.escaped(hospital))）</p>
            <p>日期：\(Self.escaped(date))</p>
            <p class="code">\(groups)</p>
            \(sentences)
            </body>
            </html>
            """
    }

    private static func escaped(_ text: String) -> String { HTML(text: text).markup }
}
