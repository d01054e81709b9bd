import Casework
import Testing

@Suite("Answers about the household")
struct HouseholdChecksTests {
    private static let mother = "450326199403129947"
    private static let father = "450326199207089933"
    private static let grandfather = "450103197007079912"

    /// The faults of a girl who is registered with her mother, with more answers over hers.
    private func faults(_ more: [String: String], isHead: Bool?) throws -> [Fault] {
        var input: [String: JSON] = [
            "motherName": .text("测试母甲"), "motherIdNo": .text(Self.mother), "fatherName": .text("测试父甲"),
            "fatherIdNo": .text(Self.father), "followParent": .text("mother"),
        ]
        if let isHead { input["followParentIsHead"] = .bool(isHead) }
        input.merge(more.mapValues { .text($0) }) { _, new in new }
        return try Fixture.faults(input)
    }

    @Test(
        "Where a parent is the head, the child is a son or daughter",
        arguments: [
            ("20", true, nil, true), ("30", true, nil, true), ("42", true, nil, false),
            ("97", true, nil, false),
            // The head's number tells it as well, also the other parent's.
            ("43", nil, mother, false), ("30", nil, mother, true), ("41", nil, father, false),
            ("30", false, father, true), ("44", nil, nil, true),
        ] as [(String, Bool?, String?, Bool)])
    func parentIsHead(relation: String, isHead: Bool?, head: String?, isFine: Bool) throws {
        var more = ["relationToHead": relation]
        more["headIdNo"] = head
        let faults = try faults(more, isHead: isHead)
        #expect(faults.map(\.problem) == (isFine ? [] : [.notChildOfHead]))
        #expect(faults.allSatisfy { !$0.isWarning && $0.chinese == "新生儿与户主关系应为子或女，因为户主是新生儿的父亲或母亲。" })
    }

    @Test(
        "Where no parent is the head, a son or daughter is odd",
        arguments: [
            ("30", false, nil, 1), ("30", nil, grandfather, 1), ("20", false, grandfather, 1),
            ("30", nil, nil, 0),
            ("43", false, grandfather, 0), ("93", false, grandfather, 0), ("97", false, nil, 0),
            ("99", false, nil, 0),
        ] as [(String, Bool?, String?, Int)])
    func childOfAnotherHead(relation: String, isHead: Bool?, head: String?, count: Int) throws {
        var more = ["relationToHead": relation]
        more["headIdNo"] = head
        let faults = try faults(more, isHead: isHead)
        #expect(faults.map(\.problem) == Array(repeating: .oddChildOfHead, count: count))
        #expect(faults.allSatisfy { $0.isWarning })
    }

    @Test(
        "A grandchild of the side that is not followed is odd",
        arguments: [
            ("father", "43", 1), ("father", "44", 1), ("father", "41", 0), ("father", "42", 0),
            ("mother", "41", 1),
            ("mother", "42", 1), ("mother", "43", 0), ("mother", "44", 0), ("mother", "95", 0),
        ])
    func sides(parent: String, relation: String, count: Int) throws {
        let more = ["followParent": parent, "relationToHead": relation, "headIdNo": Self.grandfather]
        let faults = try faults(more, isHead: false)
        #expect(faults.map(\.problem) == Array(repeating: .oddSide, count: count))
        #expect(faults.allSatisfy { $0.isWarning && $0.chinese.hasPrefix("新生儿与户主关系与随父或随母落户不符") })
    }

    @Test("A followed parent who is the head has one name and one number")
    func headAgrees() throws {
        let wrong = ["headName": "测试父甲", "headIdNo": Self.father, "relationToHead": "30"]
        let faults = try faults(wrong, isHead: true)
        #expect(faults.map(\.chinese) == ["户主姓名与母亲姓名不一致。", "户主公民身份号码与母亲公民身份号码不一致。"])
        #expect(faults.allSatisfy { !$0.isWarning })
        #expect(try self.faults(wrong.merging(["followParent": "father"]) { $1 }, isHead: true) == [])
        let right = ["headName": "测试母甲", "headIdNo": Self.mother, "relationToHead": "30"]
        #expect(try self.faults(right, isHead: true) == [])
        // Another head may have any name.
        let other = ["headName": "测试外祖父", "headIdNo": Self.grandfather, "relationToHead": "44"]
        #expect(try self.faults(other, isHead: false) == [])
    }
}
