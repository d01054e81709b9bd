import Casework
import Testing

@Suite("Answers about the delivery")
struct DeliveryChecksTests {
    @Test(
        "The sexes of a delivery fit the number of newborns",
        arguments: [
            ("single", ["1"], nil), ("single", ["1", "2"], false), ("twin", ["1"], true),
            ("twin", ["1", "1"], nil),
            ("twin", ["1", "2"], nil),
            ("twin", ["1", "2", "0"], true), ("multiple", ["1", "2", "0"], nil), (nil, ["1", "2"], nil),
        ] as [(String?, [String], Bool?)])
    func sexes(plurality: String?, sexes: [String], isWarning: Bool?) throws {
        var input: [String: JSON] = ["deliverySexes": .list(sexes.map { .text($0) })]
        input["plurality"] = plurality.map { .text($0) }
        let faults = try Fixture.faults(input)
        #expect(faults.map(\.isWarning) == [isWarning].compactMap(\.self))
        #expect(faults.allSatisfy { $0.chinese.hasPrefix("本次分娩新生儿性别与胎数不") })
    }

    @Test(
        "The child's sex is one of the delivery's",
        arguments: [
            ("1", ["1", "2"], 0), ("2", ["1"], 1), ("0", ["1"], 0), ("2", ["0"], 0), ("1", ["2"], 1),
        ])
    func childsSex(sex: String, sexes: [String], count: Int) throws {
        let faults = try Fixture.faults([
            "childSex": .text(sex), "deliverySexes": .list(sexes.map { .text($0) }),
        ])
        #expect(faults.map(\.chinese) == Array(repeating: "新生儿性别与本次分娩新生儿性别不一致。", count: count))
        #expect(faults.allSatisfy { !$0.isWarning })
    }

    @Test(
        "The number of newborns is that of the file",
        arguments: [
            ("single", 0, nil), ("single", 1, false), ("twin", 0, nil), ("twin", 1, nil), ("twin", 2, true),
            ("multiple", 0, nil), ("multiple", 1, true), ("multiple", 2, nil), (nil, 1, nil),
        ] as [(String?, Int, Bool?)])
    func siblings(plurality: String?, count: Int, isWarning: Bool?) throws {
        var input: [String: JSON] = ["siblings": .list(Array(repeating: .object([:]), count: count))]
        input["plurality"] = plurality.map { .text($0) }
        let faults = try Fixture.faults(input)
        #expect(faults.map(\.isWarning) == [isWarning].compactMap(\.self))
        #expect(faults.allSatisfy { $0.chinese.hasPrefix("胎数与同胞人数不") && $0.newborn == 0 })
    }

    @Test(
        "What is out of the ordinary is explained",
        arguments: [
            ("transfusion", "transfusionMl", "请填写输血量。"),
            ("labourAbnormal", "labourAbnormalNote", "请填写分娩异常情况。"),
            ("malformation", "malformationKind", "请填写畸形种类。"),
        ])
    func explained(question: String, detail: String, sentence: String) throws {
        let faults = try Fixture.faults([question: .bool(true)])
        #expect(faults.map(\.chinese) == [sentence])
        #expect(faults.map(\.english) == ["\(detail): not filled in"])
        #expect(faults.allSatisfy { $0.isWarning })
        let value: JSON = detail == "transfusionMl" ? .number(200) : .text("测试")
        #expect(try Fixture.faults([question: .bool(true), detail: value]) == [])
        #expect(try Fixture.faults([question: .bool(false)]) == [])
    }

    @Test("Nobody is discharged before the birth", arguments: ["motherDischargeDate", "childDischargeDate"])
    func discharge(key: String) throws {
        let input: [String: JSON] = ["birthDate": .text("2025-09-26"), key: .text("2025-09-25")]
        #expect(try Fixture.faults(input).map(\.problem) == [.before(label: "出生日期")])
        #expect(try Fixture.faults(input.merging([key: .text("2025-09-26")]) { $1 }) == [])
    }

    @Test(
        "The moment of discharge is not before that of birth",
        arguments: [
            ("2025-09-25T23:00:00+08:00", "08:15", "出院时间早于出生日期。"),
            ("2025-09-26T08:14:00+08:00", "08:15", "出院时间早于出生时间。"),
            ("2025-09-26T08:15:00+08:00", "08:15", nil), ("2025-09-26T00:00:00+08:00", nil, nil),
            ("2025-09-28T00:00:00+08:00", "08:15", nil),
        ] as [(String, String?, String?)])
    func dischargeMoment(discharge: String, birth: String?, sentence: String?) throws {
        var input: [String: JSON] = ["birthDate": .text("2025-09-26"), "dischargeDateTime": .text(discharge)]
        input["birthTime"] = birth.map { .text($0) }
        let faults = try Fixture.faults(input)
        #expect(faults.map(\.chinese) == [sentence].compactMap(\.self))
        #expect(faults.allSatisfy { !$0.isWarning })
    }

    @Test(
        "An application long after the birth is worth a second look",
        arguments: [("2026-10-31", 0), ("2026-11-01", 1), ("2025-09-26", 0)])
    func lateApplication(date: String, count: Int) throws {
        let faults = try Fixture.faults(["birthDate": .text("2025-09-26"), "applyDate": .text(date)])
        #expect(faults.map(\.chinese) == Array(repeating: "申请日期距出生日期超过400天，请核对。", count: count))
        #expect(faults.allSatisfy { $0.isWarning })
    }
}
