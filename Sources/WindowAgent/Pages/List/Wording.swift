import Casework
import SyncProtocol

/// Times, days and states as people at a counter say them.
struct Wording: Sendable {
    /// Milliseconds since 1970.
    let now: UInt64

    private var today: CalendarDate { CalendarDate(milliseconds: now) }

    /// `刚刚`, `12 分钟前`, `昨天 15:20`, `11月19日 09:31`.
    func ago(_ milliseconds: UInt64) -> String {
        let minutes = (now - min(now, milliseconds)) / 60_000
        let moment = Moment(milliseconds: milliseconds)
        switch today.dayNumber - moment.date.dayNumber {
        case ...0 where minutes < 1: return "刚刚"
        case ...0 where minutes < 60: return "\(minutes) 分钟前"
        case ...0: return "今天 \(moment.clock)"
        case 1: return "昨天 \(moment.clock)"
        default: return day(moment.date) + " " + moment.clock
        }
    }

    /// `11月19日 09:31`, with the year where it is another one.
    func time(_ milliseconds: UInt64) -> String {
        let moment = Moment(milliseconds: milliseconds)
        return "\(day(moment.date)) \(moment.clock)"
    }

    /// `11月19日`, with the year where it is another one.
    func day(_ date: CalendarDate) -> String {
        "\(date.year == today.year ? "" : "\(date.year)年")\(date.month)月\(date.day)日"
    }

    /// By when, and how urgent it is: `late` or `soon` for the style, empty otherwise.
    func due(_ date: CalendarDate) -> (words: String, urgency: String) {
        switch date.dayNumber - today.dayNumber {
        case ..<0: ("超期 \(today.dayNumber - date.dayNumber) 天", "late")
        case 0: ("今天", "soon")
        case 1: ("明天", "soon")
        default: (day(date), "")
        }
    }

    /// Who changed something: a clerk by name, others by their place.
    static func author(_ role: String?, _ name: String?, _ policy: Policy?) -> String {
        switch role {
        case "central": "中心"
        case "department": policy?.departments[name ?? ""] ?? name ?? "部门"
        default: name ?? ""
        }
    }
}

extension Moment {
    /// `15:42`
    var clock: String { String(description.dropFirst(11).prefix(5)) }
    /// `15:42:08`
    var clockWithSeconds: String { String(description.dropFirst(11).prefix(8)) }
}

extension CaseStage {
    /// How its mark is coloured: the word says the same.
    var mark: String {
        switch self {
        case .draft, .closed, .withdrawn, .merged, .offline: ""
        case .submitted, .accepted: "live"
        case .correcting, .blocked, .delivering, .refusedReturning: "wait"
        case .delivered, .evaluated: "good"
        case .refused, .disputed: "bad"
        }
    }

    /// In a list, where what comes next counts.
    var listWord: String { self == .submitted ? "已提交，待审核" : self == .disputed ? "有不一致" : word }
}

/// The state of an item in a word and a colour.
enum ItemMark {
    static func word(_ state: String) -> String {
        switch state {
        case "waiting": "等待"
        case "held": "暂缓"
        case "ready": "办理中"
        case "done": "已办结"
        case "failed": "未通过"
        case "returned": "已退回"
        default: state
        }
    }

    static func mark(_ state: String) -> String {
        switch state {
        case "ready": "live"
        case "done": "good"
        case "failed", "returned": "bad"
        default: "wait"
        }
    }

    /// One character for an item; of one that is not known here the first of its name.
    static func sign(_ item: Policy.Item) -> String { signs[item.code] ?? String(item.name.prefix(1)) }

    private static let signs = [
        "birthCert": "证", "vaccCert": "苗", "hukou": "户", "ssCard": "卡", "medInsReg": "保", "medInsPay": "缴",
        "criticalInsPay": "大", "maternity": "报", "parenting": "育", "infoCollect": "采",
    ]
}
