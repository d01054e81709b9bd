import Accounts
import Casework
import Cryptography
import SyncProtocol
import Testing
import Web

@testable import CentralServer

@Suite("People at central")
struct CentralAccountTests {
    private static let merger = Account(name: "merger1", displayName: "核", roles: [.merger])
    private static let clerk = Account(name: "li", displayName: "李", roles: [.clerk], hospitals: ["H1"])

    private func book(of ward: Ward, _ fixture: CentralAccountFixture) async throws -> AccountBook {
        AccountBook(
            try await fixture.world.state(of: ward.hospital.id.record), of: ward.hospital.id.record,
            signedBy: fixture.api.identity.signing.publicKey)
    }

    @Test("An account goes to the records of its hospitals, signed for each; central's own staff to none")
    func placed() async throws {
        let fixture = try CentralAccountFixture()
        let (one, two) = (try await fixture.world.hospital("H1"), try await fixture.world.hospital("H2"))
        try await fixture.sign(Self.clerk)
        try await fixture.sign(Self.merger)
        #expect(try await book(of: one, fixture)["li"]?.isUnconfirmed == false)
        #expect(try await book(of: two, fixture)["li"] == nil)
        #expect(try await book(of: one, fixture)["merger1"] == nil)
        #expect(CaseID.staffRecord != .centralRecord)
        #expect(CaseID.staffRecord.description == "00000000-0000-7000-8000-000000000001")
        let scopes = try await fixture.world.scopes(of: .staffRecord)
        #expect(scopes.isEmpty)
        // Moved: the first hospital is told that the account is none of its any more.
        let known = try #require(try await fixture.api.accounts.account(named: "li"))
        try await fixture.api.accounts.put(known.with(hospitals: ["H2"]), at: nil, reason: nil, by: "x")
        #expect(try await book(of: one, fixture)["li"]?.isDisabled == true)
        let moved = try #require(try await book(of: two, fixture)["li"])
        #expect(!moved.isDisabled && moved.password == CentralAccountFixture.password)
    }

    @Test("Who works for all hospitals comes to one that is added later, through the API")
    func later() async throws {
        let fixture = try CentralAccountFixture()
        try await fixture.sign(Account(name: "tech", displayName: "技", roles: [.technician]))
        let text = try #require(CentralAccountFixture.staff).text
        let headers: Headers = ["Authorization": "Bearer \(text)", "Content-Type": "application/json"]
        #expect(
            await fixture.status(.post, "/api/v1/hospitals", headers, #"{"code":"H9","name":"新院"}"#) == 201)
        let listed = try await fixture.api.accounts.accounts(of: "H9")
        #expect(listed.map(\.account.name) == ["tech"])
    }

    @Test(
        "What a window adds waits for central's word, which makes it central's own account of that hospital")
    func confirming() async throws {
        let fixture = try CentralAccountFixture()
        let ward = try await fixture.world.hospital("H1")
        var window = WindowPen(ward)
        let local = Account(name: "new1", displayName: "新", roles: [.clerk, .supervisor])
        try await window.push([9070: (AccountValue.account(local, by: nil), [])], on: ward.hospital.id.record)
        var listed = try await fixture.api.accounts.accounts(of: nil)
        #expect(listed.map(\.hospital) == ["H1"] && listed.first?.account.isUnconfirmed == true)
        try await fixture.sign(Account(name: "admin1", displayName: "管", roles: [.administrator]))
        let session = try await fixture.session(of: "admin1")
        let body = #"{"reason": "核实"}"#
        #expect(await fixture.status(.patch, "/api/v1/accounts/new1?hospital=H1", session, body) == 204)
        let confirmed = try #require(try await book(of: ward, fixture)["new1"])
        #expect(!confirmed.isUnconfirmed && confirmed.roles == [.clerk])
        listed = try await fixture.api.accounts.accounts(of: nil)
        #expect(listed.first { $0.account.name == "new1" }?.account.hospitals == ["H1"])
    }

    @Test("A window's change of accounts is taken in its record only, and never over what central said")
    func door() async throws {
        let fixture = try CentralAccountFixture()
        let ward = try await fixture.world.hospital("H1")
        var window = WindowPen(ward)
        try await fixture.sign(Self.clerk)
        let record = ward.hospital.id.record
        let dots = try await fixture.world.state(of: record).registers[GroupID(rawValue: 9070)]?.dots ?? []
        let value = AccountValue.account(Self.clerk.with(isDisabled: true), by: nil)
        try await window.push([9070: (value, dots)], on: record)
        #expect(try await fixture.world.state(of: record).asides.count == 1)
        #expect(try await book(of: ward, fixture)["li"]?.isDisabled == false)
        let other = fixture.world.newCase()
        try await window.push([9070: (value, [])], on: other)
        #expect(try await fixture.world.state(of: other).asides.count == 1)
        try await window.push([9070: (value, [])], on: record)
        #expect(try await book(of: ward, fixture)["li"]?.isDisabled == true)
    }

    @Test("Who works for one hospital sees its cases only; the record of accounts is shown to nobody at all")
    func scope() async throws {
        let fixture = try CentralAccountFixture()
        let (one, two) = (try await fixture.world.hospital("H1"), try await fixture.world.hospital("H2"))
        var (first, second) = (WindowPen(one), WindowPen(two, replica: 78))
        let (mine, foreign) = (fixture.world.newCase(), fixture.world.newCase())
        try await first.push([20: (CBOR.name("测试一"), [])], on: mine)
        try await second.push([20: (CBOR.name("测试二"), [])], on: foreign)
        try await fixture.sign(Self.merger.with(hospitals: ["H1"]))
        let session = try await fixture.session(of: "merger1")
        #expect(await fixture.status(.get, "/api/v1/cases/\(mine)", session) == 200)
        for id in [foreign, one.hospital.id.record, .centralRecord, .staffRecord] {
            #expect(await fixture.status(.get, "/api/v1/cases/\(id)", session) == 404)
            #expect(await fixture.status(.get, "/api/v1/cases/\(id)/history", session) == 404)
            let body = #"{"reason":"r","undos":[{"caseID":"\#(id)","group":1,"dot":"0000000000000001.1"}]}"#
            #expect(await fixture.status(.post, "/api/v1/desk/undos", session, body) == 404)
        }
        let text = try #require(CentralAccountFixture.staff).text
        #expect(
            await fixture.status(
                .get, "/api/v1/cases/\(CaseID.staffRecord)", ["Authorization": "Bearer \(text)"]) == 404)
        let list = await fixture.respond(.get, "/api/v1/cases", session)
        #expect(try JSON(parsing: list.body).members?["cases"]?.entries.count == 1)
        #expect(await fixture.status(.get, "/api/v1/cases?hospital=H2", session) == 404)
        #expect(await fixture.status(.get, "/api/v1/desk/counts", session) == 403)
    }

    @Test(
        "What a person does is in that person's name, whatever the request says; and accounts are in the acts"
    )
    func author() async throws {
        let fixture = try CentralAccountFixture()
        _ = try await fixture.world.hospital("H1")
        try await fixture.sign(Account(name: "admin1", displayName: "管", roles: [.administrator, .auditor]))
        var session = try await fixture.session(of: "admin1")
        session["Operator"] = "somebody.else"
        let body =
            #"{"name":"li","displayName":"李","roles":["clerk"],"hospitals":["H1"],"password":"long-enough-1"}"#
        #expect(await fixture.status(.post, "/api/v1/accounts", session, body) == 201)
        let acts = await fixture.respond(.get, "/api/v1/acts?kind=account", session)
        let lines = try JSON(parsing: acts.body).members?["acts"]?.entries ?? []
        #expect(lines.count >= 2)
        #expect(String(decoding: acts.body, as: UTF8.self).contains(#""user":"admin1""#))
        #expect(!String(decoding: acts.body, as: UTF8.self).contains("somebody.else"))
        #expect(!String(decoding: acts.body, as: UTF8.self).contains("argon2id"))
        #expect(await fixture.status(.post, "/api/v1/accounts", session, body) == 409)
        let own = await fixture.status(.patch, "/api/v1/accounts/admin1", session, #"{"isDisabled":true}"#)
        #expect(own == 409)
    }

    @Test("One signs in at central with a password, and out; pages are pages")
    func signIn() async throws {
        let fixture = try CentralAccountFixture()
        let text = try #require(CentralAccountFixture.staff).text
        let machine: Headers = ["Authorization": "Bearer \(text)", "Content-Type": "application/json"]
        let body =
            #"{"name":"admin1","displayName":"管","roles":["administrator"],"password":"long-enough-1"}"#
        #expect(await fixture.status(.post, "/api/v1/accounts", machine, body) == 201)
        let json: Headers = ["Content-Type": "application/json"]
        let wrong = #"{"user":"admin1","password":"long-enough-2"}"#
        #expect(await fixture.status(.post, "/api/v1/session", json, wrong) == 401)
        let entered = await fixture.respond(
            .post, "/api/v1/session", json, #"{"user":"admin1","password":"long-enough-1"}"#)
        #expect(entered.status == 201)
        let shape = try JSON(parsing: entered.body).members ?? [:]
        #expect(shape["mustChangePassword"] == .bool(true))
        let line = try #require(entered.headers.values(of: "Set-Cookie").first)
        guard case .text(let token)? = shape["formToken"] else { throw CentralAccountFixture.Broken() }
        var session: Headers = ["Cookie": String(line.prefix { $0 != ";" }), "Form-Token": token]
        session["Content-Type"] = "application/json"
        #expect(await fixture.status(.get, "/api/v1/accounts", session) == 403)
        let changed = await fixture.respond(
            .put, "/api/v1/session/password", session, #"{"old":"long-enough-1","new":"quite-another"}"#)
        #expect(changed.status == 200)
        let renewed = try await fixture.session(of: "admin1")
        for path in ["/", "/accounts", "/accounts/new", "/accounts/admin1", "/sign-in", "/password"] {
            #expect(await fixture.status(.get, path, renewed) == 200, "\(path)")
        }
        #expect(await fixture.status(.delete, "/api/v1/session", renewed) == 204)
        #expect(await fixture.status(.get, "/api/v1/session", renewed) == 401)
    }
}
