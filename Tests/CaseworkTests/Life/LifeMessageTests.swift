import Casework
import SyncProtocol
import Testing

@Suite("Messages when their time has come")
struct LifeMessageTests {
    @Test("Nothing is told before a decision; the acceptance and each result are told, in the region's words")
    func course() throws {
        var desk = try Desk("01")
        #expect(desk.life.messages.isEmpty)
        try desk.accept()
        #expect(desk.life.messages.map(\.code) == ["YF-S01"])
        #expect(desk.life.messages[0].text.contains("（T-01）已受理"))
        try desk.take(.issue) { $0.number = "Z459990001" }
        #expect(desk.life.messages.map(\.code) == ["YF-S01", "YF-S02"])
    }

    @Test("A refusal tells its reasons and where to go instead")
    func refusal() throws {
        var desk = try Desk("18")
        try desk.take(.submit)
        try desk.take(.refuse)
        let told = desk.life.messages
        #expect(told.map(\.code) == ["AH-S02"])
        #expect(told[0].text.contains("父母双方须为同民族。不符合条件的可按各部门政务服务工作要求在线下办理。"))
    }

    @Test("No message carries a full document number or phone, at any stage of any example")
    func masked() throws {
        for number in Fixture.births {
            let desk = try Desk(number)
            let secrets = ["motherIdNo", "fatherIdNo", "motherPhone", "fatherPhone"].compactMap(
                desk.life.answers.text)
            for message in desk.life.messages {
                for secret in secrets { #expect(!message.text.contains(secret), "\(number)") }
            }
        }
    }
}
