import Foundation
import Programs
import Testing

/// A clerk takes cases through their life by commands, while departments answer at central.
@Suite("The life of a case at the command line", .timeLimit(.minutes(5)), .onThreads)
struct LifeTests {
    private static let departments = ["health", "cdc", "police", "hrss", "medins", "tax"]

    /// A window whose hospital offers every region, and the departments' tokens.
    private struct Town {
        let ward: Ward
        let tokens: [String: String]

        init() throws {
            ward = try Ward(hasAgent: false, policies: "gx-yongfu,hl-fuyuan,gx,ah,gx-liuzhou")
            var tokens: [String: String] = [:]
            for code in LifeTests.departments {
                tokens[code] = try ward.central.run("department", "add", code, "--name", code)["token"].text
            }
            self.tokens = tokens
        }

        @discardableResult
        func take(_ step: String, _ id: String, _ arguments: String...) throws -> Value {
            try ward.window.run(["case", step, id] + arguments)
        }

        func life(_ id: String) throws -> Value {
            try ward.window.run("case", "show", id, "--reason", "核对")["life"]
        }

        /// The items that departments have to do now.
        func tasks() throws -> [(department: String, id: String, item: String)] {
            try tokens.sorted { $0.key < $1.key }.flatMap { department, token in
                try ward.central.run("task", "list", department, "--token", token)["tasks"].list
                    .filter { $0["state"].text == "ready" }
                    .map { (department, $0["caseID"].text, $0["item"].text) }
            }
        }

        /// Each department answers what is ready for it, until nothing is.
        func answerAll() throws -> Int {
            var count = 0
            while case let ready = try tasks(), !ready.isEmpty {
                for (department, id, item) in ready {
                    try ward.central.run(
                        [
                            "task", "result", department, id, item, "--id", "R-\(item)", "--outcome", "done",
                            "--date", "2026-06-01", "--token", tokens[department] ?? "",
                        ] + ward.childNumber(item, of: id))
                    count += 1
                }
            }
            return count
        }
    }

    @Test(
        "A case of each region goes from registration to its closing",
        arguments: [
            ("gx-yongfu", "01", "Z459990001"), ("hl-fuyuan", "06", "Z239990001"), ("gx", "11", "Z459990002"),
            ("ah", "16", "Z349990001"), ("gx-liuzhou", "21", "Z459990020"),
        ])
    func wholeLife(policy: String, number: String, certificate: String) throws {
        let town = try Town()
        let id = try town.ward.register(Ward.birth(number), policy: policy)
        try town.take("submit", id)
        try town.take("accept", id)
        #expect(try town.life(id)["stage"].text == "accepted")
        try town.take("issue", id, "--number", certificate)
        try town.take("vaccinate", id, "--vaccinated", try birthDate(of: id, town))
        try town.ward.window.run("sync")
        #expect(try town.answerAll() > 0)
        try town.ward.window.run("sync")
        #expect(try town.life(id)["stage"].text == "delivering")
        for artefact in try town.life(id)["artefacts"].list {
            try town.take("deliver", id, "--artefact", artefact["artefact"].text, "--collector", "mother")
        }
        #expect(try town.life(id)["stage"].text == "delivered")
        try town.take("evaluate", id, "--level", "5")
        try town.take("close", id)
        #expect(try town.ward.window.run("case", "list", "--stage", "closed")["cases"].list.count == 1)
        #expect(try town.ward.window.run("due")["due"].list.isEmpty)
        try town.ward.window.run("sync")
        let (here, there) = (
            try town.ward.window.run("case", "show", id, "--reason", "核对"),
            try town.ward.central.run("case", "show", id, "--reason", "核对")
        )
        #expect(here["fields"] == there["fields"] && here["items"] == there["items"])
    }

    private func birthDate(of id: String, _ town: Town) throws -> String {
        try town.ward.window.run("case", "show", id)["fields"]["birthDate"].text
    }

    @Test("A correction names everything that lacks, and the case comes back with it")
    func correction() throws {
        let town = try Town()
        let birth = try Value(parsing: try Data(contentsOf: Ward.birth))
        let id = try town.ward.register()
        let papers = birth["materials"].list.map(Self.json)
        let few = papers.filter { !$0.contains("YF-M03b") && !$0.contains("YF-M05") }
        try town.ward.window.run("case", "set", id, "materials=[\(few.joined(separator: ","))]")
        try town.take("submit", id)
        let refused = try town.ward.window.attempt(["case", "accept", id])
        #expect(refused.status == 65)
        for name in ["父亲居民户口簿", "《广西母子健康手册》“产时记录”页"] {
            #expect(refused.error.contains("请补正：\(name)。"), "\(refused.error)")
        }
        let notice = try town.take("correct", id)["cases"].list[0]["notice"].text
        #expect(notice.hasPrefix("YF-"))
        #expect(try town.life(id)["word"].text == "一次性告知补正")
        let page = town.ward.stage.directory.appending(path: "notice.html")
        try town.ward.window.run("notice", id, "correction", "--out", page.path)
        let text = try String(contentsOf: page, encoding: .utf8)
        #expect(text.contains(notice) && text.contains("父亲居民户口簿"))
        let other = try town.ward.window.attempt(["notice", id, "refusal", "--out", page.path])
        #expect(other.status == 65 && other.error.contains("不能出具"))
        try town.ward.window.run("case", "set", id, "materials=[\(papers.joined(separator: ","))]")
        try town.take("submit", id)
        try town.take("accept", id)
        #expect(try town.life(id)["notices"].list.map { $0["kind"].text } == ["correction", "acceptance"])
    }

    private static func json(_ value: Value) -> String {
        switch value {
        case .null: "null"
        case .bool(let flag): "\(flag)"
        case .number(let number): "\(number)"
        case .text(let text): "\"\(text)\""
        case .list(let list): "[\(list.map(json).joined(separator: ","))]"
        case .object(let members):
            "{\(members.map { "\"\($0.key)\":\(json($0.value))" }.joined(separator: ","))}"
        }
    }

    @Test(
        "A case is refused in its region's own words",
        arguments: [
            ("gx-yongfu", "04", "不予受理：新生儿已在其他渠道或省市县申领社会保障卡。", "不予受理"),
            ("hl-fuyuan", "08", "暂时不予联办：新生儿未取名。", "不予联办"),
            ("gx", "13", "暂不支持“一件事”联办：暂不包括户口已注销人员。", "暂不支持联办"),
            ("ah", "18", "验证不通过：父母双方须为同民族。", "验证不通过，线下办理"),
            ("gx-liuzhou", "23", "不予受理出生登记：邮寄的原件不全。", "不予受理出生登记"),
        ])
    func refusal(policy: String, number: String, sentence: String, word: String) throws {
        let town = try Town()
        let id = try town.ward.register(Ward.birth(number), policy: policy)
        try town.take("submit", id)
        let refused = try town.ward.window.attempt(["case", "accept", id])
        #expect(refused.status == 65 && refused.error.contains(sentence), "\(refused.error)")
        try town.take("refuse", id)
        let life = try town.life(id)
        #expect(life["word"].text == word)
        #expect(life["decision"]["reasons"].list.contains { $0["text"].text == sentence })
        let shown = try town.ward.window.attempt(["case", "show", id])
        #expect(shown.text.contains("阶段：\(word)") && shown.text.contains(sentence))
        try town.ward.window.run("sync")
        #expect(try town.tasks().isEmpty)
    }

    @Test("A withdrawn case leaves no task with any department")
    func withdrawal() throws {
        let town = try Town()
        let id = try town.ward.register()
        try town.take("submit", id)
        try town.take("accept", id)
        try town.ward.window.run("sync")
        #expect(try !town.tasks().isEmpty)
        #expect(try town.ward.window.attempt(["case", "withdraw", id]).status == 65)
        try town.take("withdraw", id, "--reason", "家属要求")
        try town.ward.window.run("sync")
        #expect(try town.tasks().isEmpty)
        #expect(try town.life(id)["stage"].text == "withdrawn")
    }

    @Test("A quarter's second pages are listed, printed and handed over; a region without that says so")
    func handover() throws {
        let town = try Town()
        let id = try town.ward.register()
        try town.take("submit", id)
        try town.take("accept", id)
        let proposal = try town.ward.window.attempt(["case", "issue", id])
        #expect(proposal.status == 65 && proposal.error.contains("--number"), "\(proposal.error)")
        try town.take("issue", id, "--number", "Z459990001")
        let day = try town.ward.window.run("case", "show", id)["fields"]["birthCertResultAtWindowDate"].text
        let next = try town.ward.window.run("due")["handovers"].list[0]
        let quarter = next["quarter"].text
        #expect(next["due"].text >= day)
        let page = town.ward.stage.directory.appending(path: "register.html")
        try town.ward.window.run("handover", quarter, "--out", page.path)
        #expect(try String(contentsOf: page, encoding: .utf8).contains("Z459990001"))
        let shown = try town.ward.window.attempt(["handover", quarter])
        #expect(shown.status == 0 && shown.text.contains("Z459990001") && shown.text.contains("共 1 份"))
        let done = try town.ward.window.run("handover", quarter, "--done", "--date", day)
        #expect(done["isChanged"].text == "true" && done["count"].number == 1)
        #expect(
            try town.ward.window.run("handover", quarter, "--done", "--date", day)["isChanged"].text
                == "false")
        #expect(try town.ward.window.run("handover", quarter)["handedOver"].text == day)
        #expect(try town.ward.window.run("due")["handovers"].list.isEmpty)
        try town.ward.window.run("sync")
        #expect(try town.ward.window.run("status")["outbox"].text == "0")
        let other = try town.ward.window.attempt(["handover", quarter, "--policy", "ah"])
        #expect(other.status == 65 && other.error.contains("没有出生医学证明副页移交的要求"), "\(other.error)")
    }
}
