import Accounts
import Casework
import Cryptography
import SyncProtocol
import Web

@testable import CentralServer

/// Central's HTTP interface with accounts, and sessions that a test begins as if somebody had signed in.
struct CentralAccountFixture {
    let world: World
    let api: CentralAPI
    let router: Router
    static let staff = Token(presented: String(repeating: "ab", count: 32))
    /// Never compared: sessions only mark it.
    static let password = PasswordHash(text: "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA")

    init() throws {
        world = try World()
        guard let staff = Self.staff else { throw Broken() }
        api = world.api(for: staff)
        router = api.router { _, _ in }
    }

    struct Broken: Error {}

    /// Central signs an account with a password.
    func sign(_ account: Account, mustChange: Bool = false) async throws {
        guard let password = Self.password else { throw Broken() }
        try await api.accounts.put(account, at: nil, reason: nil, by: "tester")
        try await api.accounts.setPassword(
            password, mustChange: mustChange, of: account.name, at: nil, by: "tester")
    }

    /// Begins a session; the headers of a request of it.
    func session(of name: String) async throws -> Headers {
        let token = SecureRandom.bytes(Session.tokenByteCount).hexadecimal
        guard let id = Session.id(ofToken: token),
            let password = try await api.accounts.account(named: name)?.password
        else { throw Broken() }
        let now = world.environment.now()
        try await api.accounts.begin(
            Session(id: id, account: name, password: Session.mark(password), began: now, lastSeen: now))
        return ["Cookie": "session=\(token)", "Form-Token": Session.formToken(ofToken: token)]
    }

    func respond(
        _ method: Web.Method, _ target: String, _ headers: Headers, _ body: String = ""
    ) async -> Response {
        await router.respond(to: Request(method, target, headers: headers, body: Array(body.utf8)))
    }

    func status(_ method: Web.Method, _ target: String, _ headers: Headers, _ body: String = "") async -> Int
    {
        await respond(method, target, headers, body).status
    }

    /// A request for each route, with something in the place of each name.
    func requests(_ headers: Headers) -> [(permit: Permit?, request: Request)] {
        router.routed.map { route in
            var target = route.pattern
            for (name, value) in [
                ("id", "0199f000-0000-7000-8000-000000000001"),
                ("first", "0199f000-0000-7000-8000-000000000001"),
                ("second", "0199f000-0000-7000-8000-000000000002"), ("name", "nobody.else"),
                ("hash", String(repeating: "0", count: 64)), ("code", "police"), ("item", "hukou"),
                ("version", "1"),
            ] { target = target.replacing("{\(name)}", with: value) }
            var request = Request(route.method, target, headers: headers)
            if route.method != .get { request.headers["Content-Type"] = "application/json" }
            return (route.access.flatMap(Permit.init), request)
        }
    }
}

/// A window that writes and sends at once.
struct WindowPen {
    let ward: Ward
    private var writer: Writer

    init(_ ward: Ward, replica: UInt64 = 77) { (self.ward, writer) = (ward, Writer(replica)) }

    /// Writes groups with values and the dots that they replace, and sends it.
    mutating func push(_ writes: [UInt32: ([CBOR], [Dot])], on caseID: CaseID) async throws {
        try writer.write(caseID, writes, unit: ward.hospital.code)
        try await ward.push(writer.run())
    }
}
