import Casework

extension PaperContent {
    /// Everything that a paper can say, so that any paper of any region finds what it needs.
    static func example(
        _ region: String, answers: Answers, outcome: String?, hospital: String = "永福县测试医院"
    ) throws -> PaperContent {
        guard let date = CalendarDate(year: 2025, month: 9, day: 29),
            let number = CaseNumber(
                hospital: "TEST01", date: date, counter: 7, replica: .init(rawValue: 0x1234_5678))
        else { throw Fixture.Missing(name: "number") }
        let policy = try Fixture.policyNamed(region)
        let dues = ["gx": [String?](), "ah": []][region] ?? (3...12).map { "2025年10月\($0 + 5)日" }
        let items = policy.items.enumerated().map { index, item in
            Item(
                name: item.name, department: policy.departments[item.department] ?? "",
                due: index < dues.count ? dues[index] : nil)
        }
        return PaperContent(
            hospitalName: hospital, hospitalCode: "TEST01", date: date, answers: answers,
            caseNumber: number.description, noticeNumber: number.description, clerk: "测试员", outcome: outcome,
            reasons: [
                Reason(code: "YF-E10", text: "不予受理：新生儿已在其他渠道或省市县申领社会保障卡。"),
                Reason(code: "YF-E11", text: "不予受理：未在出生1个月内提出新生儿出生“一件事”事项申请。"),
            ],
            gaps: [
                Reason(code: "YF-M03b", text: "请补正：父亲居民户口簿（缺：本人页）。"),
                Reason(code: "YF-M05", text: "请补正：《广西母子健康手册》“产时记录”页。"),
            ],
            items: items, total: dues.isEmpty ? nil : "33个工作日，2025年11月20日前",
            materials: [
                Material(name: "母亲有效居民身份证", pages: ["正面", "反面"]),
                Material(name: "父亲居民户口簿", pages: ["首页", "户主页"]),
                Material(name: "新生儿父母双方结婚证", pages: ["首页", "主页"]),
            ],
            contacts: ["咨询电话：0773-1234567", "办公地址：测试路1号一楼综合窗口"],
            handover: Handover(
                period: "2025年第三季度", from: hospital, to: "测试派出所",
                certificates: (1...40).map { "Y45\(1_000_000 + $0)" }),
            stock: [
                Stock(
                    first: "Y451000001", last: "Y451000200", received: CalendarDate("2025-07-01"), used: 187,
                    voided: 3, remaining: 10),
                Stock(
                    first: "Y451000201", last: "Y451000400", received: CalendarDate("2025-09-15"), used: 0,
                    voided: 0,
                    remaining: 200),
            ])
    }

    /// The same with what the family answered.
    static func example(_ region: String, outcome: String?) throws -> PaperContent {
        let number = Fixture.birthOfRegion[region] ?? ""
        return try example(region, answers: try Fixture.answers(number), outcome: outcome)
    }
}
