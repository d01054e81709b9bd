import Accounts
import Casework
import SyncProtocol
import Testing
import Web

@testable import CentralServer

@Suite("Who is limited to a hospital or a region sees nothing of others on any page")
struct ReachPageTests {
    private let fixture: CentralPageFixture
    private var world: World { fixture.world }

    init() throws { fixture = try CentralPageFixture() }

    @Test("A merger of one hospital")
    func oneHospital() async throws {
        let (one, two) = (try await world.hospital("H1"), try await world.hospital("H2"))
        let mine = try await world.disputed(one, names: ["甲一", "甲二"]).caseID
        let foreign = try await world.disputed(two, names: ["乙一", "乙二"]).caseID
        let merger = try await fixture.sign(.merger, hospitals: ["H1"])
        for path in ["/", "/desk", "/desk?kind=conflict", "/desk/decisions", "/fleet"] {
            let page = await merger.page(path)
            #expect(
                !page.contains("乙一") && !page.contains("Hospital H2") && !page.contains("\(foreign)"),
                "\(path)")
        }
        #expect(await merger.page("/desk").contains("甲一"))
        #expect(await merger.page("/").contains("/cases/\(mine)"))
        for path in [
            "/?hospital=H2", "/desk?hospital=H2", "/desk/cases/\(foreign)", "/cases/\(foreign)", "/fleet/H2",
            "/desk/batch?choice=later&case=\(foreign)%2020", "/desk/duplicates/\(mine)/\(foreign)",
            "/statistics?hospital=H2", "/overdue?hospital=H2",
        ] { #expect(await merger.get(path).status == 404, "\(path)") }
        #expect(await merger.get("/desk/strays/\(String(repeating: "0", count: 64))").status == 403)
        let place = [("case", "\(foreign) 20"), ("choice", "later"), ("basis", "x"), ("do", "mine")]
        for path in ["/desk/batch", "/desk/selection"] {
            #expect(await merger.post(path, place).status == 404, "\(path)")
        }
        // One of one's own beside it does not let it in.
        let both = [("case", "\(mine) 20")] + place
        #expect(await merger.post("/desk/batch", both).status == 404)
        for path in ["settlement", "undo", "assignee"] {
            #expect(await merger.post("/desk/cases/\(foreign)/\(path)", []).status == 404, "\(path)")
        }
        #expect(try await world.names(foreign) == ["乙一", "乙二"])
        let (tried, shown) = (await merger.page("/desk?done=\(foreign).20"), await merger.page("/statistics"))
        #expect(!tried.contains("乙一") && !shown.contains("Hospital H2"))
    }

    @Test("A merger of one region, and of several hospitals")
    func regions() async throws {
        let ward = try await world.hospital("H1")
        _ = try await world.hospital("H2")
        var pen = WindowPen(ward)
        let (mine, foreign) = (world.newCase(), world.newCase())
        try await pen.push([1: ([.text("gx"), .unsigned(1)], []), 20: (CBOR.name("甲"), [])], on: mine)
        try await pen.push([1: ([.text("ah"), .unsigned(1)], []), 20: (CBOR.name("乙"), [])], on: foreign)
        let merger = try await fixture.sign(.merger, policies: ["gx"])
        let page = await merger.page("/")
        #expect(page.contains("\(mine)") && !page.contains("\(foreign)"))
        #expect(await merger.get("/cases/\(foreign)").status == 404)
        _ = await merger.page("/desk")
        #expect(await merger.get("/desk?policy=ah").status == 404)
        #expect(await merger.get("/statistics").status == 403)
        #expect(await merger.get("/fleet").status == 403)
        let several = try await fixture.sign(.auditor, hospitals: ["H1", "H2"])
        _ = await several.page("/statistics")
        _ = await several.page("/acts?hospital=H2")
        #expect(await several.get("/audit").status == 403, "its lines are of all hospitals")
    }

    @Test("A form of another site is refused, whatever it asks, before anything is looked up")
    func tokens() async throws {
        let ward = try await world.hospital("H1")
        let id = try await world.disputed(ward).caseID
        let everybody = try await fixture.sign(.merger)
        let technician = try await fixture.sign(.technician)
        for path in [
            "/desk/selection", "/desk/batch", "/desk/cases/\(id)/settlement", "/desk/cases/\(id)/undo",
            "/desk/cases/\(id)/verdict", "/desk/cases/\(id)/assignee", "/cases/\(id)/move",
        ] {
            for token in ["", "other"] {
                #expect(
                    await everybody.post(path, [("case", "\(id) 20")], token: token).status == 403, "\(path)")
            }
        }
        for path in ["orders", "orders/withdrawal", "token", "revocation"] {
            #expect(await technician.post("/fleet/H1/\(path)", [], token: "other").status == 403, "\(path)")
        }
        #expect(try await world.names(id).count == 2)
    }

    @Test("The size of type is chosen before one signs in, too, and remembered")
    func type() async throws {
        let size = await fixture.accounts.respond(
            .post, "/type-size", ["Content-Type": "application/x-www-form-urlencoded"], "size=large")
        #expect(size.status == 303 && size.headers["Set-Cookie"]?.hasPrefix("type=large; ") == true)
        var headers = try await fixture.sign(.merger).headers
        headers["Cookie"] = (headers["Cookie"] ?? "") + "; type=large"
        let page = await fixture.accounts.respond(.get, "/", headers)
        #expect(String(decoding: page.body, as: UTF8.self).contains("data-type=\"large\""))
        let strip = await fixture.accounts.respond(.get, "/strip", headers)
        #expect(String(decoding: strip.body, as: UTF8.self).hasPrefix("<div class=\"strip\""))
    }
}
