import Accounts
import Casework
import Cryptography
import SyncProtocol
import Testing
import Web

@testable import WindowAgent

@Suite("People at a window")
struct WindowAccountTests {
    private static let clerk = Account(name: "li", displayName: "李", roles: [.clerk])
    private static let supervisor = Account(name: "zhao", displayName: "赵", roles: [.supervisor])

    @Test(
        "One signs in offline with what central signed, changes a first password, and is the author of what one saves"
    )
    func signIn() async throws {
        let fixture = try await AccountFixture()
        let hash = try #require(PasswordHash(of: "first-pass-1"))
        try await fixture.sign(Self.clerk, password: hash, mustChange: true)
        await fixture.window.link.behave(.fails(.unreachable("down")))
        let headers: Headers = ["Content-Type": "application/x-www-form-urlencoded"]
        let wrong = await fixture.respond(.post, "/sign-in", headers, "user=li&password=nothing-like-it")
        #expect(wrong.status == 401 && wrong.headers["Set-Cookie"] == nil)
        let entered = await fixture.respond(
            .post, "/sign-in", headers, "user=Li&password=first-pass-1&next=/accounts")
        #expect(entered.status == 303 && entered.headers["Location"] == "/password")
        var session = try Self.session(entered)
        let early = await fixture.respond(.get, "/api/v1/cases", session)
        #expect(early.status == 403)
        let shown = await fixture.respond(.get, "/password", session)
        #expect(shown.status == 200 && String(decoding: shown.body, as: UTF8.self).contains("别人为您设置的密码"))
        let changed = await fixture.post(
            "/password", session, "old=first-pass-1&new=my-own-pass&again=my-own-pass")
        #expect(changed.status == 303)
        #expect(
            await fixture.respond(.get, "/api/v1/cases", session).status == 401, "the old session has ended")
        session = try Self.session(changed)
        session["Operator"] = "somebody.else"
        let saved = await fixture.respond(
            .post, "/api/v1/cases?policy=gx-yongfu", session, #"{"childName": "测试一"}"#)
        #expect(saved.status == 201)
        let id = try #require(try await fixture.window.store.cases(limit: 1).first?.id)
        let author = try await fixture.window.store.changes(of: id).first?.content?.author
        #expect(author == Author(role: .window, unit: "YF01", user: "li"))
    }

    /// The cookie of an answer, and the form token that goes with it.
    private static func session(_ response: Response) throws -> Headers {
        let line = try #require(response.headers.values(of: "Set-Cookie").first { $0.hasPrefix("session=") })
        #expect(line.contains("; HttpOnly; SameSite=Strict") && line.contains("Path=/"))
        let token = String(line.dropFirst("session=".count).prefix { $0 != ";" })
        return ["Cookie": "session=\(token)", "Form-Token": Session.formToken(ofToken: token)]
    }

    @Test(
        "A session that is unknown, idle, too long, or whose account was disabled or given another password is over"
    )
    func endings() async throws {
        let fixture = try await AccountFixture()
        try await fixture.sign(Self.clerk)
        func status(_ session: Headers) async -> Int {
            await fixture.respond(.get, "/api/v1/cases", session).status
        }
        let idle = try await fixture.session(of: "li")
        #expect(await status(idle) == 200)
        #expect(await status(["Cookie": "session=\(String(repeating: "0", count: 64))"]) == 401)
        #expect(await status(["Cookie": "session=x"]) == 401)
        fixture.window.machine.pass(milliseconds: Session.idleMax + 1)
        #expect(await status(idle) == 401)
        let long = try await fixture.session(of: "li")
        for _ in 0..<13 {
            fixture.window.machine.pass(milliseconds: Session.idleMax - 1)
            if await status(long) == 401 { break }
        }
        #expect(await status(long) == 401)
        let disabled = try await fixture.session(of: "li")
        try await fixture.sign(Self.clerk.with(isDisabled: true))
        #expect(await status(disabled) == 401)
        try await fixture.sign(Self.clerk)
        let reset = try await fixture.session(of: "li")
        try await fixture.sign(Self.clerk, password: PasswordHash(text: "$argon2id$other"))
        #expect(await status(reset) == 401)
    }

    @Test("What changes something with a cookie needs the form token, in a form and in a call")
    func formToken() async throws {
        let fixture = try await AccountFixture()
        try await fixture.sign(Self.supervisor)
        var session = try await fixture.session(of: "zhao")
        session["Form-Token"] = String(repeating: "0", count: 64)
        #expect(await fixture.respond(.post, "/api/v1/cases?policy=gx", session, "{}").status == 403)
        #expect(await fixture.post("/accounts", session, "name=new1&displayName=N&role=clerk").status == 403)
        #expect(try await fixture.window.store.accountBook()?["new1"] == nil)
    }

    @Test(
        "Over a socket: no session, one that is unknown, another site's post and a wrong form token are refused"
    )
    func socket() async throws {
        let fixture = try await AccountFixture()
        try await fixture.sign(Self.clerk)
        let good = try await fixture.session(of: "li")
        let statuses = try await withServer(fixture.window.router) { client, port in
            var statuses: [Int] = []
            for (origin, cookie, token) in [
                (nil, good["Cookie"], good["Form-Token"]),
                ("http://127.0.0.1:\(port)", good["Cookie"], good["Form-Token"]),
                ("http://evil.example", good["Cookie"], good["Form-Token"]),
                ("http://127.0.0.1:1", good["Cookie"], good["Form-Token"]),
                (nil, nil, nil), (nil, "session=\(String(repeating: "0", count: 64))", good["Form-Token"]),
                (nil, good["Cookie"], String(repeating: "0", count: 64)), (nil, good["Cookie"], nil),
            ] as [(String?, String?, String?)] {
                var headers: Headers = ["Content-Type": "application/json"]
                (headers["Origin"], headers["Cookie"], headers["Form-Token"]) = (origin, cookie, token)
                let answer = try await client.send(
                    ClientRequest(.put, "/api/v1/drafts/d1", headers: headers, body: Array("{}".utf8)))
                statuses.append(answer.status)
            }
            return statuses
        }
        #expect(statuses == [204, 204, 403, 403, 401, 401, 403, 403])
    }

    @Test(
        "A supervisor adds, resets and disables a clerk offline; it holds at once, and waits for central's word"
    )
    func supervising() async throws {
        let fixture = try await AccountFixture()
        try await fixture.sign(Self.supervisor)
        await fixture.window.link.behave(.fails(.unreachable("down")))
        let session = try await fixture.session(of: "zhao")
        let told = await fixture.post("/accounts", session, "name=new1&displayName=新人&role=clerk")
        #expect(told.status == 200)
        let page = String(decoding: told.body, as: UTF8.self)
        let password = try #require(page.firstMatch(of: /class="secret">([a-z0-9-]{14})</)?.1)
        let headers: Headers = ["Content-Type": "application/x-www-form-urlencoded"]
        let entered = await fixture.respond(.post, "/sign-in", headers, "user=new1&password=\(password)")
        #expect(entered.status == 303)
        let made = try #require(try await fixture.window.store.accountBook()?["new1"])
        #expect(made.isUnconfirmed && made.mustChangePassword && made.roles == [.clerk])
        let record = HospitalID.test.record
        let author = try await fixture.window.store.changes(of: record).last?.content?.author
        #expect(author?.user == "zhao")
        #expect(await fixture.post("/accounts/new1/standing", session, "standing=disabled").status == 303)
        #expect(await fixture.respond(.get, "/password", try Self.session(entered)).status == 303)
        #expect(await fixture.post("/accounts/new1/standing", session, "standing=enabled").status == 303)
        #expect(try await fixture.window.store.accountBook()?["new1"]?.isDisabled == false)
    }

    @Test("Nobody at a window makes supervisors, or touches one; the list and the forms are pages")
    func limits() async throws {
        let fixture = try await AccountFixture()
        try await fixture.sign(Self.supervisor)
        try await fixture.sign(Account(name: "boss", displayName: "主任", roles: [.supervisor]))
        let session = try await fixture.session(of: "zhao")
        #expect(
            await fixture.post("/accounts", session, "name=new1&displayName=N&role=supervisor").status == 403)
        #expect(await fixture.post("/accounts/boss/standing", session, "standing=disabled").status == 403)
        #expect(await fixture.post("/accounts/boss/password", session, "").status == 403)
        for path in ["/accounts", "/accounts/new", "/accounts/boss", "/password", "/sign-in"] {
            let response = await fixture.respond(.get, path, session)
            #expect(response.status == 200, "\(path)")
            #expect(response.headers["Content-Security-Policy"]?.contains("frame-ancestors 'none'") == true)
        }
        #expect(await fixture.respond(.get, "/accounts/nobody", session).status == 404)
    }

    @Test(
        "Whoever works with some policies sees only their cases, and nobody who signed in sees the record with the passwords"
    )
    func scope() async throws {
        let fixture = try await AccountFixture()
        try await fixture.sign(Self.clerk.with(policies: ["ah"]))
        try await fixture.sign(
            Account(name: "wang", displayName: "王", roles: [.clerk], policies: ["gx-yongfu"]))
        let id = try await fixture.window.newCase()
        for (name, status, count) in [("li", 404, 0), ("wang", 200, 1)] {
            let session = try await fixture.session(of: name)
            #expect(await fixture.respond(.get, "/api/v1/cases/\(id)", session).status == status)
            #expect(await fixture.respond(.get, "/api/v1/cases/\(id)/history", session).status == status)
            let list = await fixture.respond(.get, "/api/v1/cases", session)
            #expect(try JSON(parsing: list.body).members?["cases"]?.entries.count == count)
            let record = HospitalID.test.record
            #expect(await fixture.respond(.get, "/api/v1/cases/\(record)", session).status == 404)
            #expect(await fixture.respond(.get, "/api/v1/cases/\(record)/history", session).status == 404)
        }
    }

    @Test(
        "After 90 days without central every page and the status say so in red; everybody signs in all the same"
    )
    func contact() async throws {
        let fixture = try await AccountFixture()
        try await fixture.sign(Self.clerk)
        #expect(try await fixture.window.store.contactNotice() == nil)
        fixture.window.machine.pass(milliseconds: 90 * 86_400_000)
        let status = try await fixture.window.call(.get, "/api/v1/status")
        #expect(status["contactNotice"]?.members?["days"] == .number(90))
        let session = try await fixture.session(of: "li")
        #expect(await fixture.respond(.get, "/api/v1/cases", session).status == 200)
        let page = await fixture.respond(.get, "/sign-in", [:])
        #expect(String(decoding: page.body, as: UTF8.self).contains("90 天未与中心联系"))
        try await fixture.sign(Self.clerk.with(displayName: "李丽"))
        #expect(try await fixture.window.store.contactNotice() == nil)
    }

    @Test("Of one account's sessions only so many stay, and what is read is no write")
    func sessions() async throws {
        let fixture = try await AccountFixture()
        try await fixture.sign(Self.clerk)
        let first = try await fixture.session(of: "li")
        for _ in 0..<Session.countMax {
            fixture.window.machine.pass(milliseconds: 1000)
            _ = try await fixture.session(of: "li")
        }
        #expect(try await fixture.window.store.sessions(of: "li").count == Session.countMax)
        #expect(await fixture.respond(.get, "/api/v1/cases", first).status == 401)
        let columns = try await fixture.window.store.count(
            "SELECT count(*) FROM session WHERE length(id) != 32")
        #expect(columns == 0)
    }
}
