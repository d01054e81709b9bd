import Foundation
import Programs
import Testing

/// Rules and certificates on their way from central to the windows, through the real programs.
@Suite("Policies, calendars and certificates", .timeLimit(.minutes(4)), .onThreads)
struct RecordTests {
    /// A shipped policy that was changed, as a file.
    private func policy(
        _ shipped: String = "gx-yongfu", in ward: Ward, _ change: (inout [String: Value]) -> Void
    ) throws -> String {
        guard case .object(var members) = try ward.window.run("policy", "show", shipped) else {
            throw Failure("the policy is no object")
        }
        change(&members)
        let file = ward.stage.directory.appending(path: "policy-\(members["version"]?.number ?? 0).json")
        try JSONEncoder().encode(Encoded(value: .object(members))).write(to: file)
        return file.path
    }

    /// An example birth for another policy, with every service applied for.
    private func birth(for policy: String, in ward: Ward) throws -> String {
        let json = try JSONSerialization.jsonObject(with: Data(contentsOf: Ward.birth))
        guard var members = json as? [String: Any] else { throw Failure("the birth is no object") }
        func readdress(_ members: inout [String: Any]) {
            if members["jurisdiction"] != nil { members["jurisdiction"] = policy }
            members["items"] = ["birthCert", "hukou", "medInsReg"]
        }
        if var input = members["input"] as? [String: Any] {
            readdress(&input)
            members["input"] = input
        } else {
            readdress(&members)
        }
        let file = ward.stage.directory.appending(path: "birth-\(policy).json")
        try JSONSerialization.data(withJSONObject: members).write(to: file)
        return file.path
    }

    private func register(_ policy: String, _ file: String, at window: Tool) throws -> String {
        try window.run("case", "new", "--policy", policy, "--file", file)["cases"].list[0]["id"].text
    }

    private func accept(_ id: String, at window: Tool) throws {
        for step in ["submit", "accept"] { try window.run("case", step, id) }
    }

    private func names(of id: String, at tool: Tool) throws -> Set<String> {
        Set(try tool.run("case", "show", id)["items"].list.map { $0["name"].text })
    }

    @Test(
        "Version 2 comes while cases are open: the accepted case keeps version 1, all others go by version 2")
    func versions() throws {
        let ward = try Ward(hasAgent: false)
        let file = try birth(for: "gx-yongfu", in: ward)
        let (accepted, open) = (
            try register("gx-yongfu", file, at: ward.window), try register("gx-yongfu", file, at: ward.window)
        )
        try accept(accepted, at: ward.window)
        try ward.window.run("sync")
        let second = try policy(in: ward) { members in
            members["version"] = .number(2)
            members["items"] = .list(
                (members["items"] ?? .null).list.map { item in
                    guard case .object(var members) = item else { return item }
                    members["name"] = .text("新" + item["name"].text)
                    return .object(members)
                })
        }
        let published = try ward.central.run("policy", "publish", second, "--all")
        #expect(published["written"].list.map(\.text) == ["YF"] && published["version"].number == 2)
        #expect(try ward.central.run("policy", "publish", second, "--all")["written"].list.isEmpty)
        // Not there yet: the window goes on with what it has.
        #expect(try names(of: open, at: ward.window).allSatisfy { !$0.hasPrefix("新") })
        try ward.window.run("sync")
        let next = try register("gx-yongfu", file, at: ward.window)
        for id in [open, next] { try accept(id, at: ward.window) }
        try ward.window.run("sync")
        for tool in [ward.window, ward.central] {
            for (id, version) in [(accepted, 1), (open, 2), (next, 2)] {
                #expect(try tool.run("case", "show", id)["fields"]["policyVersion"].number == version)
                let names = try names(of: id, at: tool)
                #expect(!names.isEmpty && names.allSatisfy { $0.hasPrefix("新") == (version == 2) })
            }
        }
        let listed = try ward.window.run("policy", "list")["policies"].list.filter {
            $0["id"].text == "gx-yongfu"
        }
        #expect(listed.map { $0["version"].number } == [2, 1])
        let old = try ward.window.run("policy", "show", "gx-yongfu", "--version", "1")
        #expect(old["version"].number == 1)
    }

    @Test("A sixth county is a file: published, registered, accepted, and its results come back")
    func newCounty() throws {
        let ward = try Ward(hasAgent: false)
        let file = try birth(for: "zz-test", in: ward)
        #expect(try ward.window.attempt(["case", "new", "--policy", "zz-test", "--file", file]).status == 65)
        let sixth = try policy(in: ward) { members in
            members["id"] = .text("zz-test")
            members["place"] = .text("试点县")
            // Nearly as large as a change may be.
            guard case .object(var departments)? = members["departments"] else { return }
            for number in 10..<27 {
                departments["zz\(number)"] = .text(String(repeating: "长", count: 700))
            }
            members["departments"] = .object(departments)
            members["items"] = .list(
                (members["items"] ?? .null).list.map { item in
                    guard case .object(var members) = item, item["code"].text == "parenting" else {
                        return item
                    }
                    members["choice"] = .text("direct")
                    return .object(members)
                })
        }
        try ward.central.run("policy", "publish", sixth, "--hospital", "YF")
        try ward.window.run("sync")
        let id = try register("zz-test", file, at: ward.window)
        try accept(id, at: ward.window)
        try ward.window.run("sync")
        let items = try ward.window.run("case", "show", id)["items"].list.map { $0["item"].text }
        #expect(items.contains("birthCert") && !items.contains("parenting"))
        try ward.central.run("department", "add", "health", "--name", "卫健局")
        try ward.central.run(
            "task", "result", "health", id, "birthCert", "--id", "r1", "--outcome", "done", "--date",
            try ward.window.run("case", "show", id)["fields"]["acceptanceDate"].text)
        try ward.window.run("sync")
        let done = try ward.window.run("case", "show", id)["items"].list.first {
            $0["item"].text == "birthCert"
        }
        #expect(done?["state"].text == "done")
        #expect(
            try ward.central.run("hospital", "add", "ZZ", "--name", "试点", "--policy", "zz-test")["token"].text
                != "")
    }

    @Test("A faulty policy file is refused with file, path and fault, and nothing is published")
    func faulty() throws {
        let ward = try Ward(hasAgent: false)
        let wrong = try policy(in: ward) { members in
            members["version"] = .number(3)
            members["items"] = .list([.object(["code": .text("x")])])
        }
        let outcome = try ward.central.attempt(["policy", "publish", wrong, "--all"])
        #expect(outcome.status == 65 && outcome.error.contains("policy-3.json: items[0]"), "\(outcome.error)")
        let neither = try ward.central.attempt(["policy", "publish", wrong])
        #expect(neither.status == 64 && neither.error.contains("--all or --hospital CODE"))
        #expect(try ward.central.attempt(["policy", "publish", "/none", "--all"]).status == 66)
        #expect(
            try ward.central.run("policy", "list")["policies"].list.allSatisfy {
                $0["isShipped"] == .bool(true)
            })
    }

    @Test(
        "Certificates: assigned at central, used, voided, counted at both ends, few left, and one used twice found"
    )
    func certificates() throws {
        let ward = try Ward(hasAgent: false)
        try ward.central.run("stock", "assign", "YF", "Z450000001", "Z450000023", "--date", "2025-09-01")
        try ward.window.run("sync")
        #expect(try ward.window.run("stock", "list")["remaining"].number == 23)
        #expect(try ward.window.attempt(["stock", "list"]).error.isEmpty)
        var ids: [String] = []
        for number in 1...2 {
            let id = try ward.register()
            ids.append(id)
            try ward.window.run("case", "set", id, "birthCertNo=Z45000000\(number)")
        }
        let refused = try ward.window.attempt(["case", "set", ids[1], "birthCertNo=Z450000001"])
        #expect(refused.status == 65 && refused.error.contains("已用于办件 YF-"), "\(refused.error)")
        #expect(try ward.window.attempt(["case", "set", ids[1], "birthCertNo=Z450000024"]).status == 65)
        try ward.window.run("stock", "void", "Z450000003", "--reason", "打印损坏")
        #expect(try ward.window.run("stock", "check", "Z450000003")["isUsable"] == .bool(false))
        #expect(try ward.window.run("stock", "check", "Z450000004")["isUsable"] == .bool(true))
        let low = try ward.window.attempt(["stock", "list"])
        #expect(low.error.contains("出生医学证明仅剩 20 份"), "\(low.error)")
        #expect(low.text.contains("next Z450000004"))
        try ward.window.run("sync")
        let line = try ward.central.run("stock", "list", "--hospital", "YF")["stock"].list[0]
        let counts = ["assigned", "used", "voided", "remaining"].map { line[$0].number }
        #expect(counts == [23, 2, 1, 20] && line["isLow"] == .bool(true))
        #expect(try ward.central.run("stock", "collisions")["collisions"].list.isEmpty)

        // Another hospital, without any network, uses the same number.
        let added = try ward.central.run("hospital", "add", "LZ", "--name", "柳州市医院")
        let other = Tool(
            "birthwindow", data: ward.stage.directory.appending(path: "other"), stage: ward.stage)
        try other.run(
            "enroll", "--central", "http://127.0.0.1:\(ward.link.port)", "--token", added["token"].text)
        let id = try other.run("case", "new", "--policy", "gx-yongfu", "--file", Ward.birth.path)["cases"]
            .list[0]["id"].text
        let warned = try other.attempt(["case", "set", id, "birthCertNo=Z450000001"])
        #expect(warned.status == 0 && warned.error.contains("本院尚未登记出生医学证明领用号段"))
        try other.run("sync")
        let collisions = try ward.central.run("stock", "collisions")["collisions"].list
        #expect(collisions.map { $0["kind"].text } == ["certificate-twice"])
        #expect(collisions[0]["number"].text == "Z450000001")
        #expect(Set(collisions[0]["cases"].list.map { $0["hospitals"].text }) == ["YF", "LZ"])
        let taken = try ward.central.attempt(["stock", "assign", "LZ", "Z450000020", "Z450000030"])
        #expect(taken.status != 0 && taken.error.contains("Hospital YF holds Z450000001 to Z450000023"))
    }

    @Test("A year's days off: sent to all, imported at a window, central's hold")
    func calendars() throws {
        let ward = try Ward(hasAgent: false)
        func file(_ name: String) throws -> String {
            let file = ward.stage.directory.appending(path: "\(name).json")
            let text =
                #"{"format": 1, "year": 2027, "holidays": {"2027-01-01": "\#(name)"}, "workdays": {}, "source": "通知"}"#
            try Data(text.utf8).write(to: file)
            return file.path
        }
        #expect(try ward.window.run("calendar", "import", try file("a"))["isChanged"] == .bool(true))
        try ward.central.run("calendar", "import", try file("b"), "--all")
        try ward.window.run("sync")
        let years = try ward.window.run("calendar", "list")["calendars"].list
        #expect(years.map { $0["holidays"]["2027-01-01"].text } == ["b"])
        #expect(try ward.window.attempt(["calendar", "import", try file("c")]).error.contains("以中心的为准"))
        let central = try ward.central.run("calendar", "list", "--hospital", "YF")["calendars"].list
        #expect(central == years)
    }
}

/// A ``Programs/Value`` as JSON again.
private struct Encoded: Encodable {
    let value: Value

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch value {
        case .null: try container.encodeNil()
        case .bool(let flag): try container.encode(flag)
        case .number(let number):
            if number == number.rounded() {
                try container.encode(Int(number))
            } else {
                try container.encode(number)
            }
        case .text(let text): try container.encode(text)
        case .list(let list): try container.encode(list.map(Encoded.init))
        case .object(let members): try container.encode(members.mapValues(Encoded.init))
        }
    }
}
