import Accounts
import Casework
import Cryptography
import SyncProtocol
import Web

@testable import WindowAgent

/// A window whose hospital's record has accounts, with sessions that a test begins as if somebody had signed in.
struct AccountFixture {
    let window: APIFixture
    /// Cheap to make and never compared: sessions only mark it.
    static let password = PasswordHash(text: "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA")

    init() async throws { self.init(over: try await APIFixture()) }
    init(over window: APIFixture) { self.window = window }

    /// Central signs an account with a password.
    func sign(_ account: Account, password: PasswordHash? = password, mustChange: Bool = false) async throws {
        let record = HospitalID.test.record
        let signer = AccountSigner(.test, record: record)
        let dictionary = FieldDictionary.standard
        guard let accounts = dictionary.group(named: "account")?.id,
            let passwords = dictionary.group(named: "password")?.id, let password
        else { throw Broken(what: "the dictionary") }
        var central = await window.link.withCentral { $0 }
        central.enter(record, .test)
        let standing = central.state(of: record).registers
        for (group, value) in [
            (accounts, AccountValue.account(account, by: signer)),
            (
                passwords,
                AccountValue.password(password, of: account.name, mustChange: mustChange, by: signer)
            ),
        ] {
            let seen = standing[group]?.dots(of: account.name, ofWindowsOnly: false) ?? []
            try central.write([group: .init(value: value, replaces: seen)], on: record)
        }
        _ = try await central.settle(with: window.store)
        let settled = central
        await window.link.withCentral { $0 = settled }
    }

    /// Begins a session; the headers of a request of it.
    func session(of name: String) async throws -> Headers {
        let token = SecureRandom.bytes(Session.tokenByteCount).hexadecimal
        guard let id = Session.id(ofToken: token), let account = try await window.store.accountBook()?[name],
            let password = account.password
        else { throw Broken(what: "no account \(name)") }
        let now = window.machine.now
        try await window.store.begin(
            Session(id: id, account: name, password: Session.mark(password), began: now, lastSeen: now))
        return ["Cookie": "session=\(token)", "Form-Token": Session.formToken(ofToken: token)]
    }

    func respond(_ method: Web.Method, _ target: String, _ headers: Headers, _ body: String = "") async
        -> Response
    {
        await window.router.respond(to: Request(method, target, headers: headers, body: Array(body.utf8)))
    }

    /// A form as a browser sends it, with the form token.
    func post(_ target: String, _ headers: Headers, _ fields: String) async -> Response {
        var headers = headers
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        let token = headers["Form-Token"] ?? ""
        return await respond(.post, target, headers, "formToken=\(token)&\(fields)")
    }
}

extension Router {
    /// A request for each route, with something in the place of each name.
    func requests(_ headers: Headers) -> [(permit: Permit?, request: Request)] {
        routed.map { route in
            var target = route.pattern.replacing("{first}", with: "1").replacing("{second}", with: "2")
            for (name, value) in [
                ("id", "0199f000-0000-7000-8000-000000000001"), ("name", "nobody.else"),
                ("hash", String(repeating: "0", count: 64)),
                ("kind", "acceptance"), ("code", "police"), ("number", "Z450000001"), ("quarter", "2025Q3"),
                ("item", "hukou"), ("key", "x"), ("section", "1"), ("slot", "1"),
            ] { target = target.replacing("{\(name)}", with: value) }
            // Nothing exchanges here: an order to wait for it would wait for ever.
            if target == "/api/v1/sync" { target += "?wait=no" }
            var request = Request(route.method, target, headers: headers)
            if route.method != .get { request.headers["Content-Type"] = "application/json" }
            return (route.access.flatMap(Permit.init), request)
        }
    }
}

/// A window's server as browsers reach it.
func withServer<Result: Sendable>(
    _ router: Router, _ body: (HTTPClient, UInt16) async throws -> Result
) async throws -> Result {
    let server = try Server(
        configuration: Server.Configuration(),
        handler: SiteGuard(router, names: [String](), takesAnyName: false))
    let client = HTTPClient(
        configuration: HTTPClient.Configuration(baseURL: "http://127.0.0.1:\(server.port)"))
    let result = try await body(client, server.port)
    await server.stop()
    return result
}
