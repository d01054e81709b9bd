import Casework

/// One sentence that tells a clerk how it stands with central. Pure.
package struct LinkSentence: Hashable, Sendable {
    package var isEnrolled = true
    /// Now, and when central last answered since the program was started, in milliseconds since 1970.
    package var now: UInt64
    package var lastContact: UInt64?
    /// The last exchange failed.
    package var isFailing = false
    package var activity = LinkActivity.resting
    /// Changes that central has not confirmed.
    package var changes = 0
    /// Entries of the feed that are not here yet.
    package var entries: UInt64 = 0
    /// Photos that wait, and when the next may go; nil: as soon as case data has gone.
    package var photos = 0
    package var photosFrom: UInt64?
    /// No photo goes over this link.
    package var arePhotosForbidden = false
    /// How long it all takes; nil if that is not known.
    package var secondsLeft: UInt64?
    package var isMetered = false
    package var isSpent = false
    /// When the next exchange starts by itself; nil if none does.
    package var nextTry: UInt64?
    package var minutesAheadOfUTC = 480

    package init(now: UInt64) { self.now = now }

    package var text: String {
        if !isEnrolled { return "尚未接入中心，内容保存在本机" }
        if isFailing { return offline }
        if activity == .exchanging {
            if changes > 0 { return "正在发送，\(rest(changes, "项"))" }
            if entries > 0 { return "正在接收，\(rest(Int(clamping: entries), "项"))" }
        }
        if lastContact == nil { return changes > 0 ? "正在连接中心，\(changes) 项待发送" : "正在连接中心" }
        if isSpent { return spent }
        if changes > 0 { return "在线，\(changes) 项待发送" }
        if photos > 0, arePhotosForbidden { return "\(isMetered ? "按流量计费" : "在线")，\(photos) 张照片按设置不发送" }
        if photos > 0 {
            guard let photosFrom else { return "正在发送照片，\(rest(photos, "张"))" }
            return "\(isMetered ? "按流量计费" : "在线")，\(photos) 张照片\(time(photosFrom))发送"
        }
        guard isMetered else { return "在线，全部已发送" }
        return nextTry.map { "按流量计费，下次交换\(time($0))".trimmed } ?? "按流量计费，全部已发送，保存后随即交换"
    }

    private var offline: String {
        let count = changes + photos
        let waiting = count > 0 ? "\(count) 项待发送" : "没有待发送的内容"
        guard let lastContact else { return "尚未连上中心，\(waiting)" }
        return "离线 \(Self.duration(seconds: (now - min(now, lastContact)) / 1000))，\(waiting)"
    }

    private var spent: String {
        var parts = ["今日流量已用完"]
        if changes > 0 { parts.append("\(changes) 项" + (nextTry.map { "最迟\(time($0))发送" } ?? "待发送")) }
        if photos > 0, !arePhotosForbidden { parts.append("\(photos) 张照片明天发送") }
        return (parts.count > 1 ? parts : parts + ["病例照常发送"]).joined(separator: "，")
    }

    private func rest(_ count: Int, _ unit: String) -> String {
        secondsLeft.map { "约 \(Self.duration(seconds: $0))" } ?? "还有 \(count) \(unit)"
    }

    private static func duration(seconds: UInt64) -> String {
        switch seconds {
        case ..<60: "1 分钟"
        case ..<3600: "\((seconds + 30) / 60) 分钟"
        case ..<172_800: "\((seconds + 1800) / 3600) 小时"
        default: "\(seconds / 86_400) 天"
        }
    }

    /// ` 14:30 ` today, else with the day before it.
    private func time(_ milliseconds: UInt64) -> String {
        let rules = PhotoRules(minutesAheadOfUTC: minutesAheadOfUTC)
        let (there, here) = (rules.day(of: milliseconds), rules.day(of: now))
        let minute = there.milliseconds / 60_000
        let clock = [minute / 60, minute % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
        switch there.number - here.number {
        case 0: return " \(clock) "
        case 1: return "明天 \(clock) "
        default: return " \(there.number - here.number) 天后 \(clock) "
        }
    }
}

extension String {
    /// Without spaces at its end.
    fileprivate var trimmed: String { hasSuffix(" ") ? String(dropLast()) : self }
}
