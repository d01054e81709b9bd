import Accounts
import Casework
import SyncProtocol
import Testing
import Web

@testable import CentralServer

@Suite("The merge desk's pages")
struct DeskPageTests {
    private let fixture: CentralPageFixture
    private var world: World { fixture.world }

    init() throws { fixture = try CentralPageFixture() }

    private func seen(_ id: CaseID) async throws -> [(String, String)] {
        let dots = try await world.state(of: id).registers[.childName]?.dots ?? []
        return dots.map { ("seen", $0.description) }
    }

    @Test("A merger sees a conflict with its values, settles it, takes it back, and writes another value")
    func settle() async throws {
        let ward = try await world.hospital("H1")
        let (id, dots) = try await world.disputed(ward, names: ["韦子墨", "韦子默"], base: "韦墨")
        let merger = try await fixture.sign(.merger)
        let queue = await merger.page("/desk")
        #expect(queue.contains("韦子墨") && queue.contains("韦子默") && queue.contains("Hospital H1"))
        let shown = await merger.page("/desk/cases/\(id)")
        #expect(shown.contains("韦子<mark>墨</mark>") && shown.contains("原来的内容") && shown.contains("韦墨"))
        #expect(shown.contains("data-key=\"1\"") && shown.contains("data-key=\"2\""))
        let form = try await seen(id) + [("group", "20"), ("dot", dots[1].description), ("basis", "电话核实")]
        let next = await merger.send("/desk/cases/\(id)/settlement", form)
        #expect(next == "/desk?done=\(id.description).20")
        #expect(try await world.names(id) == ["韦子默"])
        // Settled twice is told, and changes nothing.
        #expect(await merger.post("/desk/cases/\(id)/settlement", form).status == 409)
        let told = await merger.page(next)
        #expect(told.contains("已核定") && told.contains("data-key=\"u\""))
        let decided = await merger.page("/desk/cases/\(id)")
        #expect(decided.contains("已核定，可以撤销"))
        let dot = try #require(try await world.state(of: id).registers[.childName]?.dots.first)
        let undo = [("group", "20"), ("dot", dot.description), ("reason", "选错")]
        #expect(await merger.send("/desk/cases/\(id)/undo", undo) == "/desk/cases/\(id.description)")
        #expect(try await world.names(id) == ["韦子墨", "韦子默"].sorted())
        let own = try await seen(id) + [("group", "20"), ("childName", "韦紫墨"), ("reason", "与证件一致")]
        _ = await merger.send("/desk/cases/\(id)/settlement", own)
        #expect(try await world.names(id) == ["韦紫墨"])
        let decisions = await merger.page("/desk/decisions")
        #expect(decisions.contains("与证件一致"))
        let history = try await world.changes(of: id)
        #expect(history.contains { $0.content?.author.user == "the.merger" })
    }

    @Test("Several are settled by one choice, after a preview that changes nothing; what cannot be stays")
    func batch() async throws {
        let ward = try await world.hospital("H1")
        let one = try await world.disputed(ward, names: ["a", "b"]).caseID
        let two = try await world.disputed(ward, names: ["c", "d"]).caseID
        let merger = try await fixture.sign(.merger)
        let chosen = [one, two].map { ("case", "\($0) 20") }
        let address = await merger.send(
            "/desk/selection", chosen + [("do", "preview"), ("choice", "later")])
        #expect(address.hasPrefix("/desk/batch?choice=later&case="))
        let preview = await merger.page(address)
        #expect(preview.contains("核定 2 项") && preview.contains("现在只是预览"))
        #expect(try await world.names(one) == ["a", "b"])
        let places = CentralPageFixture.values("case", in: preview)
        #expect(places.count == 2)
        // Somebody else settles one of them meanwhile.
        _ = try await world.settle(two, .later)
        let done = await merger.send(
            "/desk/batch", places.map { ("case", $0) } + [("choice", "later"), ("basis", "电话核实")])
        #expect(done == "/desk?settled=1&refused=1")
        #expect(try await world.names(one) == ["b"])
        #expect(await merger.page(done).contains("已核定 1 项"))
        #expect(
            await merger.post("/desk/batch", places.map { ("case", $0) } + [("choice", "later")]).status
                == 422)
        let nothing = await merger.post("/desk/selection", [("do", "preview")])
        #expect(nothing.status == 422)
    }

    @Test("Work is taken, handed on and filtered by who has it")
    func assign() async throws {
        let ward = try await world.hospital("H1")
        let id = try await world.disputed(ward).caseID
        let merger = try await fixture.sign(.merger)
        _ = await merger.send("/desk/cases/\(id)/assignee", [("do", "mine")])
        #expect(await merger.page("/desk?assignee=the.merger").contains("/desk/cases/\(id)"))
        #expect(await !merger.page("/desk?assignee=-").contains("/desk/cases/\(id)"))
        _ = await merger.send(
            "/desk/selection", [("case", "\(id) 20"), ("do", "assign"), ("assignee", "li.qiang")])
        #expect(await merger.page("/desk/cases/\(id)").contains("li.qiang 正在办理"))
        _ = await merger.send("/desk/cases/\(id)/assignee", [("do", "none")])
        #expect(
            await merger.page("/desk?assignee=-&kind=conflict&hospital=H1&hours=0&order=waiting").contains(
                "\(id)"))
    }

    @Test("A change that was set aside tells why and what can be done; a verdict settles it")
    func asides() async throws {
        let ward = try await world.hospital("H1")
        let id = world.newCase()
        var writer = Writer(5)
        // A citizen's number is the police's to give.
        try writer.write(id, [20: (CBOR.name("韦"), [])])
        let foreign = try writer.write(id, [121: ([.text("x")], [])])
        try await ward.push(writer.run())
        let state = try await world.state(of: id)
        guard state.isAside(foreign.id) else { return }
        let merger = try await fixture.sign(.merger)
        let page = await merger.page("/desk/cases/\(id)")
        #expect(page.contains("搁置的变更") && page.contains("可以怎么办"))
        let form =
            (state.asides[foreign.id]?.dots ?? []).map { ("seen", $0.description) } + [
                ("change", foreign.id.description), ("verdict", "set-aside"), ("reason", "核实"),
            ]
        _ = await merger.send("/desk/cases/\(id)/verdict", form)
        #expect(await !merger.page("/desk/cases/\(id)").contains("搁置的变更"))
    }

    @Test("Names and reasons with markup in them are text on every page")
    func hostile() async throws {
        let ward = try await world.hospital("H1")
        let evil = "<script>alert(1)</script>\"'&"
        let (id, dots) = try await world.disputed(ward, names: [evil, evil + "2"])
        let merger = try await fixture.sign(.merger)
        for path in ["/", "/desk", "/desk/cases/\(id)", "/cases/\(id)"] {
            let page = await merger.page(path)
            #expect(!page.contains("<script>alert") && page.contains("&lt;script&gt;alert"), "\(path)")
        }
        _ = await merger.send(
            "/desk/cases/\(id)/settlement",
            try await seen(id) + [("group", "20"), ("dot", dots[0].description), ("reason", evil)])
        for path in ["/desk/decisions", "/cases/\(id)", "/desk/cases/\(id)", "/desk?done=\(id).20"] {
            #expect(await !merger.page(path).contains("<script>alert"), "\(path)")
        }
    }

    @Test("A long queue stays a small page, joins to the next one, each with a bounded number of rows")
    func long() async throws {
        let ward = try await world.hospital("H1")
        var ids: Set<CaseID> = []
        for number in 0..<200 {
            ids.insert(try await world.disputed(ward, names: ["张三\(number)", "张叁\(number)"]).caseID)
        }
        let merger = try await fixture.sign(.merger)
        var (target, found) = ("/desk?limit=200", Set<String>())
        _ = await merger.page(target)
        target = "/desk"
        for _ in 0..<10 {
            let page = await merger.page(target)
            found.formUnion(CentralPageFixture.parts(of: page, behind: "class=\"name\" href=\"/desk/cases/"))
            guard let next = CentralPageFixture.parts(of: page, behind: "rel=\"next\" href=\"").first else {
                break
            }
            target = next
        }
        #expect(found == Set(ids.map(\.description)))
        _ = await merger.page("/")
    }
}
