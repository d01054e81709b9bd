import Accounts
import Cryptography
import Testing
import Web

@Suite("Signing in")
struct SignInTests {
    private static let now: UInt64 = 1_790_000_000_000

    @Test(
        "A session ends when it was idle for too long, when the working day is over, and when the clock goes back"
    )
    func sessionEnds() {
        var session = Session(
            id: SHA256.hash([1]), account: "li", password: SHA256.hash([2]), began: Self.now,
            lastSeen: Self.now)
        #expect(session.isAlive(now: Self.now) && session.isAlive(now: Self.now + Session.idleMax))
        #expect(!session.isAlive(now: Self.now + Session.idleMax + 1))
        #expect(!session.isAlive(now: Self.now - 1))
        session.lastSeen = Self.now + Session.lengthMax
        #expect(session.isAlive(now: Self.now + Session.lengthMax))
        #expect(!session.isAlive(now: Self.now + Session.lengthMax + 1))
    }

    @Test("A session holds for the password with which it began, and for nobody who is disabled")
    func sessionHolds() throws {
        let hash = try #require(PasswordHash(text: "$argon2id$a"))
        let other = try #require(PasswordHash(text: "$argon2id$b"))
        let session = Session(
            id: SHA256.hash([1]), account: "li", password: Session.mark(hash), began: 0, lastSeen: 0)
        func account(_ password: PasswordHash?, isDisabled: Bool = false) -> Account {
            Account(name: "li", displayName: "李", roles: [.clerk], password: password, isDisabled: isDisabled)
        }
        #expect(session.holds(for: account(hash)))
        #expect(!session.holds(for: account(other)) && !session.holds(for: account(nil)))
        #expect(!session.holds(for: account(hash, isDisabled: true)))
    }

    @Test(
        "A known browser is known for who signed in with it, by this server's key, and for no more than so many"
    )
    func browsers() throws {
        let (key, other) = (
            MessageAuthentication(key: SecretBytes(randomCount: 32)),
            MessageAuthentication(key: SecretBytes(randomCount: 32))
        )
        var browser = KnownBrowser(name: [UInt8](repeating: 5, count: 16))
        browser.note("li", by: key)
        let read = try #require(KnownBrowser(cookie: browser.cookie))
        #expect(read.knows("li", by: key) && !read.knows("wang", by: key) && !read.knows("li", by: other))
        for index in 0..<KnownBrowser.accountsMax { browser.note("user\(index)", by: key) }
        let full = try #require(KnownBrowser(cookie: browser.cookie))
        #expect(!full.knows("li", by: key) && full.knows("user0", by: key))
        for cookie in ["", "zz", browser.cookie + "-" + browser.name, "../", browser.cookie + "-x"] {
            #expect(KnownBrowser(cookie: cookie) == nil)
        }
    }

    @Test(
        "The right password opens; after too many wrong ones nothing is looked at, but for the browser that is known"
    )
    func passwords() async throws {
        let desk = PasswordDesk()
        let hash = try #require(await desk.hash("correct horse"))
        func check(_ given: String, _ hash: PasswordHash?, _ browser: String? = nil) async
            -> PasswordDesk.Verdict
        {
            await desk.check(given, of: "li", against: hash, browser: browser, now: Self.now)
        }
        #expect(await check("correct horse", hash) == .right)
        #expect(await check("correct horse", nil) == .wrong)
        for _ in 1..<Lockout.freeFailures { #expect(await check("wrong", hash) == .wrong) }
        #expect(await check("correct horse", hash) == .pause(Lockout.pauseFirst))
        #expect(await check("correct horse", hash, "pc1") == .right)
        await desk.forget("li")
        #expect(await check("correct horse", hash) == .right)
    }

    @Test("Of a flood only so many wait, and the others are turned away")
    func flood() async throws {
        let desk = PasswordDesk()
        let count = PasswordDesk.runningMax + PasswordDesk.waitingMax + 10
        let made = await withTaskGroup(of: PasswordHash?.self) { group in
            for _ in 0..<count { group.addTask { await desk.hash("correct horse") } }
            return await group.reduce(into: 0) { $0 += $1 == nil ? 0 : 1 }
        }
        #expect(made >= PasswordDesk.runningMax + PasswordDesk.waitingMax && made < count)
        #expect(await desk.hash("correct horse") != nil)
    }

    @Test("Every permit is read back from its label; a label of nothing is none")
    func labels() {
        let permits: [Permit] =
            [.anyone, .device, .signedIn]
            + Action.allCases.flatMap { [Permit.local($0), .department($0), .allowed($0)] }
        for permit in permits { #expect(Permit(label: permit.label) == permit) }
        for label in ["", "nobody", "local:", "local:fly", "anyone:readCase"] {
            #expect(Permit(label: label) == nil)
        }
    }

    @Test("What nobody could mean is no account; a password for one time satisfies the rules")
    func rules() {
        let clerk = Account(name: "li.na", displayName: "李娜", roles: [.clerk])
        #expect(AccountRules.fault(of: clerk) == nil)
        for account in [
            Account(name: "Li", displayName: "李", roles: [.clerk]),
            Account(name: "l", displayName: "李", roles: [.clerk]),
            Account(name: "li", displayName: "", roles: [.clerk]),
            Account(name: "li", displayName: "李", roles: []),
            Account(name: "li", displayName: "李\u{7}", roles: [.clerk]),
            Account(name: "li", displayName: String(repeating: "李", count: 21), roles: [.clerk]),
            Account(name: "li", displayName: "李", roles: [.officer]),
            clerk.with(hospitals: Set((0...AccountRules.codesMax).map { "H\($0)" })),
            clerk.with(policies: [String(repeating: "p", count: AccountRules.codeBytesMax + 1)]),
        ] { #expect(AccountRules.fault(of: account) != nil, "\(account)") }
        #expect(AccountRules.fault(of: clerk.with(roles: [.merger]), at: .window) != nil)
        var random = SecureRandom()
        let password = AccountRules.oneTimePassword { random.next() }
        #expect(AccountRules.fault(ofPassword: password, name: "li.na") == nil && password.count == 14)
    }

    @Test("Nobody who must change the password, or is disabled, may do anything; a machine may do all")
    func viewers() {
        func viewer(_ account: Account?) -> Viewer {
            Viewer(account: account, name: "li", site: .window, formToken: "")
        }
        let clerk = Account(name: "li", displayName: "李", roles: [.clerk], policies: ["gx"])
        #expect(viewer(clerk).may(.editCase) && !viewer(clerk).may(.issueCertificate))
        #expect(viewer(clerk).applies(policy: "gx") && viewer(clerk).applies(policy: nil))
        #expect(!viewer(clerk).applies(policy: "ah"))
        let new = Account(name: "li", displayName: "李", roles: [.clerk], mustChangePassword: true)
        #expect(!Action.allCases.contains(where: viewer(new).may))
        #expect(!Action.allCases.contains(where: viewer(clerk.with(isDisabled: true)).may))
        #expect(Action.allCases.allSatisfy(viewer(nil).may))
        // A role of the other server says nothing at this one.
        #expect(!Action.allCases.contains(where: viewer(clerk.with(roles: [.administrator, .merger])).may))
    }

    @Test("Only a path of this server is followed after signing in")
    func paths() {
        for path in ["/", "/cases/1?x=y"] { #expect(SeeOther.path(path) == path) }
        for path in ["//evil", "https://evil", "evil", "/\\evil", "/a b", "", "/a\r\nSet-Cookie: x"] {
            #expect(SeeOther.path(path) == nil)
        }
        #expect(SeeOther.path(nil) == nil)
    }
}
