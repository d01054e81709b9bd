import Accounts
import Casework
import Pages
import Web

/// What everybody at a window must see at any time, as lights with sentences. Pure.
struct WindowLights: Hashable, Sendable {
    var isEnrolled = true
    /// How it stands with central, and whether something waits to be sent.
    var sentence = ""
    var isWaiting = false
    var isFailing = false
    /// Why the last exchange failed.
    var reason: String?
    var copy: SecondCopyStatus?
    var isClockDoubtful = false
    var isDamaged = false
    /// Bytes that are free on the disk of the records; nil if that is not known.
    var freeBytes: UInt64?

    /// Bytes free below which it is told, and told in red.
    static let (freeBytesLow, freeBytesNone): (UInt64, UInt64) = (1_000_000_000, 200_000_000)

    /// - Parameters:
    ///   - sendNow: a small form; empty where the viewer may not.
    func lights(sendNow: HTML) -> [Page.Light] {
        [damage, link(sendNow), secondCopy, disk, clock].compactMap(\.self)
    }

    private var damage: Page.Light? {
        isDamaged ? Page.Light(.bad, "本机数据库已损坏：请停止录入，立即联系技术人员") : nil
    }

    private func link(_ sendNow: HTML) -> Page.Light {
        guard isEnrolled else {
            return Page.Light(.bad, "本机尚未登记到医院", action: "<a href=\"/system\">如何登记</a>")
        }
        let why = isFailing ? reason.map { "：\($0.hasSuffix("。") ? String($0.dropLast()) : $0)" } ?? "" : ""
        return Page.Light(
            isFailing ? .wait : isWaiting ? .wait : .good, sentence + why,
            action: isFailing || isWaiting ? sendNow : .empty)
    }

    private var secondCopy: Page.Light? {
        guard let copy else { return nil }
        let more: HTML = "<a href=\"/link#copy\">\(copy.place == nil ? "去设置" : "查看")</a>"
        switch copy.level {
        case .green:
            let place = copy.place.map { "：\($0.split(separator: "/").last.map(String.init) ?? $0)" } ?? ""
            let age = copy.behindSeconds == nil ? "" : "，正在写入"
            return Page.Light(.good, "第二份备份\(place)\(age)")
        case .amber: return Page.Light(.wait, copy.briefly, action: more)
        case .red: return Page.Light(.bad, copy.briefly, action: more)
        }
    }

    private var disk: Page.Light? {
        guard let freeBytes, freeBytes < Self.freeBytesLow else { return nil }
        let left = "本机磁盘仅剩 \(freeBytes / 1_000_000) MB"
        return freeBytes < Self.freeBytesNone
            ? Page.Light(.bad, left + "，即将无法保存，请立即联系技术人员") : Page.Light(.wait, left + "，请联系技术人员清理")
    }

    private var clock: Page.Light? {
        isClockDoubtful ? Page.Light(.wait, "本机时钟可能不准，作决定前请核对日期") : nil
    }
}

extension SecondCopyStatus {
    /// The sentence, short enough for the head of a page.
    fileprivate var briefly: String {
        if place == nil { return "没有第二份备份，本机磁盘损坏会丢失办件" }
        return chinese.hasSuffix("。") ? String(chinese.dropLast()) : chinese
    }
}
