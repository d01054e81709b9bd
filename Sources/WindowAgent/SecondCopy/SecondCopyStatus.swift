/// How the second copy stands: for `status`, `journal status` and the head of every page.
package struct SecondCopyStatus: Hashable, Sendable, Codable {
    /// How urgent it is.
    package enum Level: String, Hashable, Sendable, Codable { case green, amber, red }

    /// Where it is; nil if there is none.
    package var place: String?
    /// The journal's ID, 32 hexadecimal digits; nil before it was found or begun.
    package var journal: String?
    /// Seconds since everything that was saved was in it; 0 if it is now, nil if it never was as far as is known.
    package var ageSeconds: UInt64?
    /// Seconds that the oldest change which it lacks has waited; nil if it lacks none.
    package var behindSeconds: UInt64?
    /// Changes and photos that it lacks.
    package var lackingChanges = 0
    package var lackingAttachments = 0
    /// Other journals beside it: another window's, or this one's from before a recovery. They are never written to.
    package var otherJournals = 0
    package var failure: JournalFailure?
    /// Whether central can open it; whether a sheet can, and when the sheet was made (milliseconds since 1970).
    package var isForCentral = false
    package var sheetMadeAt: UInt64?

    package init() {}

    /// Seconds behind after which it is stale.
    package static let staleSeconds: UInt64 = 60

    package var level: Level {
        if place == nil || failure != nil { return .red }
        guard let behindSeconds else { return .green }
        if behindSeconds * 1000 <= SecondCopy.lateMilliseconds { return .green }
        return behindSeconds <= Self.staleSeconds ? .amber : .red
    }

    /// The state in a word.
    package var state: String {
        if place == nil { return "none" }
        if let failure { return failure.rawValue }
        if behindSeconds == nil { return "whole" }
        return level == .green ? "writing" : level == .amber ? "late" : "stale"
    }

    /// What the head of every page says.
    package struct Notice: Hashable, Sendable, Codable {
        package let level: Level
        /// The state in a word.
        package let state: String
        package let sentence: String
    }

    package var notice: Notice { Notice(level: level, state: state, sentence: chinese) }

    /// The sentence for the head of the clerk's pages.
    package var chinese: String {
        if place == nil { return "没有第二份备份：本机磁盘一旦损坏，未上传的办件将丢失，请联系技术人员。" }
        switch failure {
        case .absent?: return "备份介质未接入\(lacking)，请插回U盘或恢复网络共享。"
        case .sameDisk?: return "备份位置在本机磁盘上（备份介质可能未挂载）\(lacking)，请联系技术人员。"
        case .full?: return "备份介质已满\(lacking)，请更换备份介质。"
        case .readOnly?: return "备份介质不能写入\(lacking)，请联系技术人员。"
        case .medium?: return "备份介质读写出错\(lacking)，请更换备份介质。"
        case .store?: return "本机数据读取出错，备份中断\(lacking)，请立即联系技术人员。"
        case nil: break
        }
        switch level {
        case .green: return "第二份备份正常。"
        case .amber: return "第二份备份稍有延迟\(lacking)。"
        case .red: return "第二份备份已滞后\(Self.duration(behindSeconds ?? 0))\(lacking)，请联系技术人员。"
        }
    }

    private var lacking: String {
        var parts: [String] = []
        if lackingChanges > 0 { parts.append("\(lackingChanges)条变更") }
        if lackingAttachments > 0 { parts.append("\(lackingAttachments)张照片") }
        return parts.isEmpty ? "" : "，尚有\(parts.joined(separator: "、"))未备份"
    }

    private static func duration(_ seconds: UInt64) -> String {
        switch seconds {
        case ..<120: "\(seconds)秒"
        case ..<7200: "\(seconds / 60)分钟"
        case ..<172_800: "\(seconds / 3600)小时"
        default: "\(seconds / 86_400)天"
        }
    }
}
