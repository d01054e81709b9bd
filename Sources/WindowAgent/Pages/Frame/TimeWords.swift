import Casework

/// Times as people say them at a window: `今天 10:32`, `昨天 15:20`, `11月20日 03:50`, `2025年12月31日 08:00`.
struct TimeWords: Hashable, Sendable {
    /// Milliseconds since 1970.
    let now: UInt64

    func callAsFunction(_ milliseconds: UInt64) -> String {
        let (there, here) = (Moment(milliseconds: milliseconds), Moment(milliseconds: now))
        let clock = Self.clock(there)
        switch here.date.dayNumber - there.date.dayNumber {
        case 0: return "今天 \(clock)"
        case 1: return "昨天 \(clock)"
        case -1: return "明天 \(clock)"
        default:
            let day =
                there.date.year == here.date.year
                ? "\(there.date.month)月\(there.date.day)日" : there.date.inChinese
            return "\(day) \(clock)"
        }
    }

    /// How long ago, roughly.
    func since(_ milliseconds: UInt64) -> String {
        switch (now - min(now, milliseconds)) / 1000 {
        case ..<60: "不到 1 分钟"
        case let seconds where seconds < 3600: "\(seconds / 60) 分钟"
        case let seconds where seconds < 172_800: "\(seconds / 3600) 小时"
        case let seconds: "\(seconds / 86_400) 天"
        }
    }

    /// The day with its weekday and the minute: `2026年11月21日 星期六 15:42`.
    var day: String {
        let moment = Moment(milliseconds: now)
        let weekday = ["一", "二", "三", "四", "五", "六", "日"][moment.date.weekday - 1]
        return "\(moment.date.inChinese) 星期\(weekday) \(Self.clock(moment))"
    }

    private static func clock(_ moment: Moment) -> String {
        [moment.seconds / 3600, moment.seconds / 60 % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
            .joined(separator: ":")
    }
}
