package import Casework
package import SyncProtocol

extension Int {
    /// `1,204`
    package var grouped: String {
        let digits = Array(String(self))
        return digits.enumerated().map { place, digit in
            let isGroup = place > 0 && (digits.count - place) % 3 == 0
            return isGroup ? ",\(digit)" : "\(digit)"
        }.joined()
    }
}

extension CaseStage {
    /// How its mark is coloured: the word says the same.
    package var mark: String {
        switch self {
        case .draft, .closed, .withdrawn, .merged, .erased, .offline: ""
        case .submitted, .accepted: "live"
        case .correcting, .blocked, .delivering, .refusedReturning: "wait"
        case .delivered, .evaluated: "good"
        case .refused, .disputed: "bad"
        }
    }

    /// In a list, where what comes next counts.
    package var listWord: String { self == .submitted ? "已提交，待审核" : self == .disputed ? "有不一致" : word }
}

/// The state of an item in a word and a colour.
package enum ItemMark {
    package static func word(_ state: String) -> String {
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

    package static func mark(_ state: String) -> String {
        switch state {
        case "ready": "live"
        case "done": "good"
        case "failed", "returned": "bad"
        default: "wait"
        }
    }

    /// One character for an item; of one that is not known here the first of its name.
    package static func sign(_ item: Policy.Item) -> String {
        signs[item.code] ?? String(item.name.prefix(1))
    }

    private static let signs = [
        "birthCert": "证", "vaccCert": "苗", "hukou": "户", "ssCard": "卡", "medInsReg": "保", "medInsPay": "缴",
        "criticalInsPay": "大", "maternity": "报", "parenting": "育", "infoCollect": "采",
    ]
}

extension HTML.Interpolation {
    /// A case's name, of which nothing needs escaping.
    package mutating func appendInterpolation(_ id: CaseID) { appendInterpolation(id.description) }
}
