import Accounts
import Casework
import SyncProtocol
import Testing
import Web

@testable import CentralServer

@Suite("Pages of departments, hospitals, statistics, cases and rules")
struct OfficePageTests {
    private let fixture: CentralPageFixture
    private var world: World { fixture.world }

    init() throws { fixture = try CentralPageFixture() }

    @Test("An officer sees the own tasks with what they need, takes one and answers it by hand, once")
    func department() async throws {
        _ = try await world.departmentDesk.add("police", name: "公安局")
        _ = try await world.departmentDesk.add("health", name: "卫健局")
        let (_, id, _) = try await world.accepted()
        let officer = try await fixture.sign(.officer, department: "health")
        let list = await officer.page("/departments")
        #expect(!list.contains("公安局") && list.contains("卫健局"))
        #expect(try await world.states(id)["birthCert"] == .ready)
        let path = "/departments/health/tasks/\(id)/birthCert"
        #expect(await officer.page("/departments/health").contains(path))
        #expect(await officer.page("/departments/health?state=held").contains("这里没有事项"))
        let task = await officer.page(path)
        #expect(task.contains("王小明") && task.contains("人工登记结果"))
        _ = await officer.send(path + "/claim", [("do", "claim")])
        #expect(await officer.page(path).contains("由我办理"))
        let hidden = ["resultID", "asOf"].map { ($0, CentralPageFixture.values($0, in: task).first ?? "") }
        let form = hidden + [("outcome", "done"), ("date", "2026-09-21")]
        #expect(
            await officer.post(path + "/result", hidden + [("outcome", "failed"), ("date", "?")]).status
                == 422)
        _ = await officer.send(path + "/result", form)
        #expect(try await world.states(id)["birthCert"] == .done)
        #expect(await officer.page(path).contains("办理结果"))
        let count = try await world.changes(of: id).count
        _ = await officer.send(path + "/result", form)
        #expect(try await world.changes(of: id).count == count)
        for foreign in ["/departments/police", "/departments/police/tasks/\(id)/hukou"] {
            #expect(await officer.get(foreign).status == 404, "\(foreign)")
        }
        let administrator = try await fixture.sign(.administrator)
        #expect(await administrator.page("/departments").contains("公安局"))
    }

    @Test("A technician sees a hospital, orders a resync that only tries first, and takes the order back")
    func fleet() async throws {
        let ward = try await world.hospital("H1")
        _ = try await world.hospital("H2")
        try await ward.push()
        let technician = try await fixture.sign(.technician)
        let list = await technician.page("/fleet")
        #expect(list.contains("Hospital H1") && list.contains("Hospital H2"))
        #expect(await technician.page("/fleet?state=silent").contains("Hospital H2"))
        let page = await technician.page("/fleet/H1")
        #expect(page.contains("先试算，不改动") && page.contains("生成登记码"))
        _ = await technician.send("/fleet/H1/orders", [("kind", "verify"), ("do", "dry"), ("reason", "例行")])
        let orders = try await fixture.accounts.api.orderDesk.list(of: "H1")
        #expect(orders.count == 1 && orders[0].order.isDryRun && orders[0].order.user == "the.technician")
        #expect(await technician.page("/fleet/H1").contains("（试算）"))
        _ = await technician.send("/fleet/H1/orders/withdrawal", [("order", orders[0].order.id)])
        #expect(try await fixture.accounts.api.orderDesk.list(of: "H1")[0].order.isWithdrawn)
        // An order of another hospital is not this one's to withdraw.
        #expect(
            await technician.post("/fleet/H2/orders/withdrawal", [("order", orders[0].order.id)]).status
                == 404)
        let token = await technician.post("/fleet/H1/token", [])
        #expect(
            token.status == 200 && String(decoding: token.body, as: UTF8.self).contains("class=\"secret\""))
        #expect(
            await technician.post("/fleet/H1/settings", [("name", "fleet.lateHours"), ("value", "9")]).status
                == 403)
        let administrator = try await fixture.sign(.administrator)
        _ = await administrator.send("/fleet/H1/settings", [("name", "fleet.lateHours"), ("value", "9")])
        #expect(try await fixture.accounts.api.fleetDesk.settings(of: "H1").inForce["fleet.lateHours"] == 9)
    }

    @Test("Statistics by any grouping, and days in the wrong order")
    func reading() async throws {
        _ = try await world.accepted()
        let administrator = try await fixture.sign(.administrator)
        let statistics = await administrator.page("/statistics?from=2026-01-01&to=2026-12-31")
        #expect(statistics.contains("件受理") && statistics.contains("<svg class=\"length\""))
        for grouping in ["month", "department", "policy"] {
            _ = await administrator.page("/statistics?from=2026-01-01&to=2026-12-31&by=\(grouping)")
        }
        #expect(await administrator.get("/statistics?from=2026-12-31&to=2026-01-01").status == 422)
    }

    @Test("What is late, rules and acts are pages, for who may see them")
    func later() async throws {
        let year = try await Year(world)
        year.come(to: "2026-09-29")
        let administrator = try await fixture.sign(.administrator)
        let late = await administrator.page("/overdue")
        #expect(late.contains("/cases/\(year.done)") && late.contains("format=csv"))
        _ = await administrator.page("/overdue?within=5&department=police&hospital=H1")
        #expect(await administrator.page("/rules").contains("办理规则"))
        _ = await administrator.send(
            "/rules/ranges", [("hospital", "H1"), ("first", "Z000000010"), ("last", "Z000000019")])
        #expect(await administrator.page("/rules").contains("10"))
        #expect(
            await administrator.post("/rules/ranges", [("hospital", "H1"), ("first", "?"), ("last", "")])
                .status == 422)
        let auditor = try await fixture.sign(.auditor)
        // People are called by their names; the audit log has the account, too.
        #expect(await auditor.page("/acts").contains("<td>某人</td>"))
        #expect(await auditor.page("/audit?kind=stock&hospital=H1").contains("某人（the.administrator）"))
        _ = await auditor.page("/")
    }

    @Test(
        "A case is shown whole, numbers that identify somebody are hidden, and it is given to another hospital"
    )
    func oneCase() async throws {
        let (ward, id, _) = try await world.accepted()
        _ = try await world.hospital("H2")
        var pen = WindowPen(ward, replica: 99)
        let number = World.number
        try await pen.push([57: ([.text("1"), .text(number)], [])], on: id)
        let administrator = try await fixture.sign(.administrator)
        let page = await administrator.page("/cases/\(id)")
        #expect(page.contains("王小明") && !page.contains(number))
        _ = await administrator.send("/cases/\(id)/move", [("hospital", "H2"), ("reason", "转院")])
        #expect(await administrator.page("/cases/\(id)").contains("Hospital H2"))
        #expect(await administrator.page("/?hospital=H2").contains("/cases/\(id)"))
        #expect(await administrator.page("/?number=NONE").contains("没有这个编号"))
    }

    @Test("Cases that may be one child's are compared, merged, and told apart again")
    func duplicates() async throws {
        var wards = [try await world.hospital("H1"), try await world.hospital("H2")]
        let answers: [String: CBOR] = [
            "policyID": .text("gx"), "policyVersion": .unsigned(1), "childName": .text("韦梓涵"),
            "childSex": .text("2"), "birthDate": .text("2026-09-09"), "birthTime": .text("08:15"),
            "birthWeightGrams": .unsigned(3200), "plurality": .text("single"), "motherName": .text("覃丽"),
            "motherIdNo": .text("450326199505051228"),
        ]
        var ids: [CaseID] = []
        for (index, ward) in wards.enumerated() {
            let id = world.newCase()
            var writes: [UInt32: ([CBOR], [Dot])] = [:]
            for (group, value) in Answers(answers).groups(in: .standard) {
                if case .array(let members) = value { writes[group.rawValue] = (members, []) }
            }
            var writer = Writer(UInt64(300 + index))
            try writer.write(id, writes, unit: ward.hospital.code)
            try await ward.push(writer.run())
            ids.append(id)
        }
        wards.removeAll()
        let pair = CasePair(ids[0], ids[1])
        let path = "/desk/duplicates/\(pair.first)/\(pair.second)"
        let merger = try await fixture.sign(.merger)
        #expect(await merger.page("/desk/duplicates").contains(path))
        let page = await merger.page(path)
        #expect(page.contains("为什么疑似") && page.contains("name=\"into\""))
        let seen = CentralPageFixture.values("seen", in: page).map { ("seen", $0) }
        #expect(seen.count == 2)
        _ = await merger.send(
            path + "/merge", seen + [("into", pair.first.description), ("basis", "窗口重复登记")])
        #expect(await merger.page(path).contains("已合并"))
        #expect(await merger.page("/cases/\(pair.second)").contains("查看合并后的办件"))
        #expect(
            await merger.post(path + "/merge", seen + [("into", pair.first.description), ("basis", "x")])
                .status == 409)
        _ = await merger.send(path + "/undo", [("reason", "选错")])
        _ = await merger.send(path + "/dismissal", [("basis", "双胞胎或多胞胎")])
        #expect(await merger.page("/desk/duplicates?state=dismissed").contains(path))
    }
}
