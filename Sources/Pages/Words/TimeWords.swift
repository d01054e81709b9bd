package import Casework

/// Times and days as people at a counter say them.
package struct TimeWords: Hashable, Sendable {
    /// Milliseconds since 1970.
    package let now: UInt64

    package init(now: UInt64) { self.now = now }

    private var today: CalendarDate { CalendarDate(milliseconds: now) }

    /// `今天 10:32`, `昨天 15:20`, `11月20日 03:50`, `2025年12月31日 08:00`.
    package func callAsFunction(_ milliseconds: UInt64) -> String {
        let moment = Moment(milliseconds: milliseconds)
        switch today.dayNumber - moment.date.dayNumber {
        case 0: return "今天 \(moment.clock)"
        case 1: return "昨天 \(moment.clock)"
        case -1: return "明天 \(moment.clock)"
        default: return "\(day(moment.date)) \(moment.clock)"
        }
    }

    /// `刚刚`, `12 分钟前`, and from an hour on the time itself.
    package func ago(_ milliseconds: UInt64) -> String {
        let minutes = (now - min(now, milliseconds)) / 60_000
        guard today == Moment(milliseconds: milliseconds).date, minutes < 60 else {
            return self(milliseconds)
        }
        return minutes < 1 ? "刚刚" : "\(minutes) 分钟前"
    }

    /// How long ago, roughly: `3 小时`.
    package func since(_ milliseconds: UInt64) -> String { Self.span((now - min(now, milliseconds)) / 1000) }

    /// A length of time, roughly: `不到 1 分钟`, `12 分钟`, `5 小时`, `3 天`.
    package static func span(_ seconds: UInt64) -> String {
        switch seconds {
        case ..<60: "不到 1 分钟"
        case ..<3600: "\(seconds / 60) 分钟"
        case ..<172_800: "\(seconds / 3600) 小时"
        default: "\(seconds / 86_400) 天"
        }
    }

    /// The day with its weekday and the minute: `2026年11月21日 星期六 15:42`.
    package var day: String {
        let moment = Moment(milliseconds: now)
        let weekday = ["一", "二", "三", "四", "五", "六", "日"][moment.date.weekday - 1]
        return "\(moment.date.inChinese) 星期\(weekday) \(moment.clock)"
    }

    /// `11月19日`, with the year where it is another one.
    package func day(_ date: CalendarDate) -> String {
        "\(date.year == today.year ? "" : "\(date.year)年")\(date.month)月\(date.day)日"
    }

    /// By when, and how urgent it is: `late` or `soon` for the style, empty otherwise.
    package func due(_ date: CalendarDate) -> (words: String, urgency: String) {
        switch date.dayNumber - today.dayNumber {
        case ..<0: ("超期 \(today.dayNumber - date.dayNumber) 天", "late")
        case 0: ("今天", "soon")
        case 1: ("明天", "soon")
        default: (day(date), "")
        }
    }
}

extension Moment {
    /// `15:42`
    package var clock: String { String(description.dropFirst(11).prefix(5)) }
    /// `15:42:08`
    package var clockWithSeconds: String { String(description.dropFirst(11).prefix(8)) }
}
