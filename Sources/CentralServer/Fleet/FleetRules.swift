import Casework
import SyncProtocol

/// How a hospital fares, in one word; the worst comes first.
enum FleetState: String, Hashable, Sendable, CaseIterable, Comparable {
    /// Something happened that must not happen in sound operation.
    case alarm
    /// It is in contact, and something does not go on.
    case failing
    /// Nothing was heard of it for long.
    case silent
    /// Something is behind.
    case late
    case ok

    /// For the staff's pages.
    var word: String {
        switch self {
        case .alarm: "告警"
        case .failing: "异常"
        case .silent: "失联"
        case .late: "滞后"
        case .ok: "正常"
        }
    }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// The worse one is less.
    static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
}

/// One rule that a hospital does not keep.
struct FleetFinding: Hashable, Sendable {
    /// The rules, worst first.
    enum Rule: String, Hashable, Sendable, CaseIterable {
        case fork, forkedDot, otherDevicesReplica, receipt, wentBack, twoPlaces
        case unreadable, waiting, refused, outboxStuck, secondCopyFailing, clockWrong, repairing
        case noComputer, neverContacted, silent
        case notHeard, computerSilent, behind, secondCopyAbsent, photosWait, policyOld, stockLow
    }

    let rule: Rule
    let state: FleetState
    /// For the staff.
    let chinese: String
    /// For the technician.
    let english: String
}

/// The rules by which a hospital's state is told: a pure function of how it stands, the thresholds and the time.
struct FleetRules: Hashable, Sendable {
    let thresholds: FleetThresholds
    /// Central's clock, milliseconds since 1970.
    let now: UInt64

    /// What is wrong with a hospital, worst first; nothing if it is ok.
    func findings(of standing: HospitalStanding) -> [FleetFinding] {
        let all = alarms(standing) + failures(standing) + silence(standing) + delays(standing)
        let order = FleetFinding.Rule.allCases
        return all.sorted {
            (order.firstIndex(of: $0.rule) ?? 0) < (order.firstIndex(of: $1.rule) ?? 0)
        }
    }

    static func state(_ findings: [FleetFinding]) -> FleetState { findings.map(\.state).min() ?? .ok }

    private func alarms(_ standing: HospitalStanding) -> [FleetFinding] {
        standing.alarms.filter { age($0.lastMilliseconds) <= hours(thresholds.alarmDays * 24) }.map {
            record in
            let (rule, chinese, english): (FleetFinding.Rule, String, String) =
                switch record.alarm.kind {
                case .fork: (.fork, "有电脑被复制后两处同时写入，请查看告警。", "a replica was written in two places (fork)")
                case .forkedDot:
                    (.forkedDot, "同一变更编号出现两种内容，请核对办件。", "one dot of a case stands for two contents")
                case .otherDevicesReplica:
                    (
                        .otherDevicesReplica, "有电脑以另一台电脑的名义写入。",
                        "a device pushed under another device's replica"
                    )
                case .receipt:
                    (.receipt, "收到回执不符的变更，请核查。", "a change came with a receipt that central never gave")
                case .wentBack: (.wentBack, "医院所见比中心记录更新：中心数据曾回退。", "central had gone back in time for it")
                case .twoPlaces: (.twoPlaces, "同一设备密钥在两处使用，请核查电脑是否被复制。", "a device key is used in two places")
                }
            return FleetFinding(rule: rule, state: .alarm, chinese: chinese, english: english)
        }
    }

    private func failures(_ standing: HospitalStanding) -> [FleetFinding] {
        var found: [FleetFinding] = []
        func add(_ rule: FleetFinding.Rule, _ chinese: String, _ english: String) {
            found.append(FleetFinding(rule: rule, state: .failing, chinese: chinese, english: english))
        }
        if standing.unreadableCount > 0 {
            add(
                .unreadable, "有\(standing.unreadableCount)条变更无法读取。",
                "\(standing.unreadableCount) changes could not be read")
        }
        if standing.waitingCount > 0 {
            add(
                .waiting, "有\(standing.waitingCount)条变更回执不符，待人工处理。",
                "\(standing.waitingCount) changes wait for a person: no valid receipt")
        }
        let heard = standing.activeComputers.filter { isHeard($0) }
        let refused = heard.compactMap { $0.condition?.condition.refused }.reduce(0, +)
        if refused > 0 {
            add(.refused, "窗口有\(refused)条变更被中心拒收。", "\(refused) changes of its windows were refused")
        }
        let oldest = heard.compactMap { $0.contact?.report?.oldestMilliseconds }.max() ?? 0
        if oldest > hours(thresholds.outboxHours) {
            add(
                .outboxStuck, "联系正常，但最早的变更已等待\(oldest / 3_600_000)小时未送达。",
                "in contact, but its oldest change has waited for \(oldest / 3_600_000) h")
        }
        if heard.contains(where: { [.failing, .stale].contains($0.condition?.condition.secondCopy) }) {
            add(.secondCopyFailing, "窗口的第二份备份中断或滞后。", "a window's second copy fails or is stale")
        }
        let wrong = heard.compactMap { $0.contact?.clockErrorMilliseconds.magnitude }.max() ?? 0
        if wrong > UInt64(thresholds.clockMinutes) * 60_000 {
            add(
                .clockWrong, "电脑时钟偏差\(wrong / 60_000)分钟。", "a computer's clock is \(wrong / 60_000) min wrong"
            )
        }
        if heard.contains(where: { $0.contact?.isRepair == true }) {
            add(.repairing, "正在补传中心缺失的变更。", "bringing back what central lacks (repair)")
        }
        return found
    }

    private func silence(_ standing: HospitalStanding) -> [FleetFinding] {
        func silent(_ rule: FleetFinding.Rule, _ chinese: String, _ english: String) -> [FleetFinding] {
            [FleetFinding(rule: rule, state: .silent, chinese: chinese, english: english)]
        }
        if standing.activeComputers.isEmpty {
            return silent(.noComputer, "没有在用的登记电脑。", "no enrolled computer that is not revoked")
        }
        guard let contact = standing.latest?.contact else {
            return silent(.neverContacted, "登记后从未联系。", "never contacted since it was enrolled")
        }
        let age = age(contact.milliseconds)
        guard age > hours(thresholds.silentHours) else { return [] }
        let (days, hours) = (age / 86_400_000, age / 3_600_000 % 24)
        return silent(.silent, "已\(days)天\(hours)小时没有联系。", "silent for \(days) d \(hours) h")
    }

    private func delays(_ standing: HospitalStanding) -> [FleetFinding] {
        var found: [FleetFinding] = []
        func add(_ rule: FleetFinding.Rule, _ chinese: String, _ english: String) {
            found.append(FleetFinding(rule: rule, state: .late, chinese: chinese, english: english))
        }
        if let latest = standing.latest, let contact = latest.contact, isHeard(latest) {
            let age = age(contact.milliseconds)
            if age > hours(thresholds.lateHours) {
                add(.notHeard, "已\(age / 3_600_000)小时没有联系。", "not heard for \(age / 3_600_000) h")
            }
            let quiet = standing.activeComputers.count { !isHeard($0) }
            if quiet > 0 { add(.computerSilent, "有\(quiet)台登记电脑失联。", "\(quiet) of its computers are silent") }
            if let lag = latest.lag, lag > 0, age > hours(1) {
                add(.behind, "还有\(lag)条中心记录未收到。", "\(lag) entries of its feed not taken in")
            }
        }
        let conditions = standing.activeComputers.filter { isHeard($0) }.compactMap {
            $0.condition?.condition
        }
        if conditions.contains(where: { $0.secondCopy == ExchangeRequest.Condition.SecondCopy.none }) {
            add(.secondCopyAbsent, "窗口没有第二份备份。", "a window has no second copy")
        }
        let photos = conditions.map(\.photos).max() ?? 0
        if photos > UInt64(thresholds.photoCount) {
            add(.photosWait, "有\(photos)张照片待上传。", "\(photos) photos wait to be uploaded")
        }
        for policy in standing.policies {
            guard let inUse = policy.inUse, inUse < policy.newest else { continue }
            add(
                .policyOld, "政策包\(policy.id)仍为第\(inUse)版，最新为第\(policy.newest)版。",
                "policy \(policy.id) is at version \(inUse), the newest is \(policy.newest)")
        }
        if let stock = standing.stock, stock.isLow || (stock.daysLeft ?? .max) < thresholds.stockDays {
            add(
                .stockLow, "出生医学证明剩余\(stock.remaining)份\(stock.daysLeft.map { "，约可用\($0)天" } ?? "")。",
                "\(stock.remaining) birth certificates left\(stock.daysLeft.map { ", for \($0) d" } ?? "")")
        }
        return found
    }

    /// Whether a computer was heard within the hours after which it is silent.
    private func isHeard(_ computer: HospitalStanding.Computer) -> Bool {
        computer.contact.map { age($0.milliseconds) <= hours(thresholds.silentHours) } ?? false
    }

    private func age(_ milliseconds: UInt64) -> UInt64 { now - min(now, milliseconds) }
    private func hours(_ count: Int) -> UInt64 { UInt64(count) * 3_600_000 }
}
