/// For how long central has not been heard of, once that is long: then what this window knows of accounts may be old. It only tells;
/// nobody is locked out of records that exist nowhere else.
package struct ContactNotice: Hashable, Sendable, Codable {
    /// Whole days after which it is told.
    package static let daysMin: UInt64 = 90

    package let days: UInt64
    /// For every page.
    package let sentence: String

    /// - Parameters:
    ///   - lastContact: when central last answered, or else when the window was enrolled; milliseconds since 1970.
    ///   - now: likewise.
    package init?(lastContact: UInt64, now: UInt64) {
        days = (now - min(now, lastContact)) / 86_400_000
        guard days >= Self.daysMin else { return nil }
        sentence = "已 \(days) 天未与中心联系：账号和规定可能已有变更，请尽快联网或用U盘同步。"
    }
}
