import Casework
import Foundation
import Testing

@Suite("Messages to the family")
struct MessageTests {
    @Test("The messages of every region name what exists", arguments: Fixture.regions)
    func faults(region: String) throws {
        let policy = try Fixture.policyNamed(region)
        let messages = try Fixture.paperFile(region).messages
        #expect(PolicyMessage.faults(in: messages, items: Set(policy.items.map(\.code))) == [])
        #expect(!messages.isEmpty)
    }

    @Test("安徽's prompt to pay is the seed's, character for character")
    func verbatim() throws {
        let message = try #require(try Fixture.paperFile("ah").messages.first { $0.code == "AH-S05" })
        #expect(!message.proposed)
        #expect(message.channel == .sms)
        #expect(message.occasion == .itemDone("medInsReg"))
        let filled = try #require(
            Message(message, answers: try Fixture.answers(["motherName": .text("***")])))
        #expect(
            filled.text == """
                ***先生（女士），您已通过新生儿出生“一件事”成功为您的宝宝办理了“城乡居民参保登记”。请您及时通过“皖事通”APP搜索\
                “城乡居民两险缴费”服务等进行缴费，并查询缴费是否成功。缴费成功后可享受医保待遇（医保与您共同守护宝贝健康成长）。
                """)
    }

    @Test("What the seed does not print is marked as proposed", arguments: Fixture.regions)
    func proposed(region: String) throws {
        for message in try Fixture.paperFile(region).messages where message.code != "AH-S05" {
            #expect(message.proposed, "\(message.code)")
        }
    }

    @Test("Half a message is not made")
    func missing() throws {
        let message = try message("{motherName}女士：{itemName}在{pickupPlace}领取。")
        let answers = try Fixture.answers(["motherName": .text("测试母甲")])
        #expect(Message(message, answers: answers, words: ["itemName": "户口簿"]) == nil)
        let whole = Message(message, answers: answers, words: ["itemName": "户口簿", "pickupPlace": "测试派出所"])
        #expect(whole?.text == "测试母甲女士：户口簿在测试派出所领取。")
    }

    @Test("Numbers of persons are masked")
    func masked() throws {
        let answers = try Fixture.answers(["motherPhone": .text("19900000001")])
        #expect(Message(try message("{motherPhone}"), answers: answers)?.text == "199****0001")
    }

    @Test("A message without a text is never sent")
    func silent() throws {
        for region in Fixture.regions {
            for message in try Fixture.paperFile(region).messages where message.template == nil {
                #expect(Message(message, answers: try Fixture.answers("16")) == nil)
            }
        }
    }

    @Test(
        "What a message may not name is found",
        arguments: [
            ("{noSuchKey}", "acceptance", "messages[0].template"),
            ("", "itemDone:noItem", "messages[0].occasion"),
        ])
    func unknown(template: String, when: String, path: String) throws {
        let faults = PolicyMessage.faults(in: [try message(template, when: when)], items: ["hukou"])
        #expect(faults.map(\.path) == [path])
    }

    @Test("An unknown occasion is refused", arguments: ["sometime", "itemDone:", ""])
    func occasion(when: String) {
        #expect(throws: DecodingError.self) { try message("", when: when) }
    }

    @Test("A code stands once, and a policy has no more messages than it may")
    func counts() throws {
        let one = try message("")
        #expect(PolicyMessage.faults(in: [one, one], items: []).map(\.path) == ["messages[1].code"])
        let many = [PolicyMessage](repeating: one, count: PolicyMessage.countMax + 1)
        #expect(PolicyMessage.faults(in: many, items: []).map(\.path) == ["messages"])
    }

    private func message(_ template: String, when: String = "acceptance") throws -> PolicyMessage {
        let json: [String: JSON] = [
            "code": .text("T"), "channel": .text("sms"), "occasion": .text(when), "template": .text(template),
            "proposed": .bool(true), "source": .text("test"),
        ]
        return try JSONDecoder().decode(PolicyMessage.self, from: try JSONEncoder().encode(json))
    }
}
