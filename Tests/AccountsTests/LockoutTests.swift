import Accounts
import Cryptography
import Testing

@Suite("Guessing passwords")
struct LockoutTests {
    private static let now: UInt64 = 1_790_000_000_000

    @Test("The first failures cost nothing; then each doubles the pause, up to a bound")
    func grows() {
        var lockout = Lockout()
        var pauses: [UInt64] = []
        for _ in 0..<30 {
            lockout.noteFailure(of: "wangfang", browser: nil, now: Self.now)
            pauses.append(lockout.pause(for: "wangfang", browser: nil, now: Self.now))
        }
        #expect(pauses.prefix(Lockout.freeFailures - 1).allSatisfy { $0 == 0 })
        #expect(pauses[Lockout.freeFailures - 1] == Lockout.pauseFirst)
        #expect(zip(pauses, pauses.dropFirst()).allSatisfy { $0 <= $1 } && pauses.last == Lockout.pauseMax)
        #expect(lockout.pause(for: "wangfang", browser: nil, now: Self.now + Lockout.pauseMax) == 0)
    }

    @Test("However much is guessed from elsewhere, the window's own browser signs in at once")
    func nobodyIsShutOut() {
        var lockout = Lockout()
        for _ in 0..<10_000 { lockout.noteFailure(of: "wangfang", browser: nil, now: Self.now) }
        #expect(lockout.pause(for: "wangfang", browser: "pc1", now: Self.now) == 0)
        #expect(lockout.pause(for: "liqiang", browser: nil, now: Self.now) == 0)
    }

    @Test("A browser that is known and guesses waits, but never long; the right password ends it")
    func known() {
        var lockout = Lockout()
        for _ in 0..<100 { lockout.noteFailure(of: "wangfang", browser: "pc1", now: Self.now) }
        #expect(lockout.pause(for: "wangfang", browser: "pc1", now: Self.now) == Lockout.pauseMaxKnown)
        lockout.noteSuccess(of: "wangfang", browser: "pc1")
        #expect(lockout.pause(for: "wangfang", browser: "pc1", now: Self.now) == 0)
    }

    @Test("Failures are forgotten after a day, by a supervisor, and when there are too many counts")
    func forgets() {
        var lockout = Lockout()
        for _ in 0..<20 { lockout.noteFailure(of: "wangfang", browser: nil, now: Self.now) }
        var later = lockout
        later.noteFailure(of: "wangfang", browser: nil, now: Self.now + Lockout.memory + 1)
        #expect(later.pause(for: "wangfang", browser: nil, now: Self.now + Lockout.memory + 1) == 0)
        var helped = lockout
        helped.forget("wangfang")
        #expect(helped.pause(for: "wangfang", browser: nil, now: Self.now) == 0)
        for index in 0...Lockout.countMax {
            lockout.noteFailure(of: "name\(index)", browser: nil, now: Self.now + 1 + UInt64(index))
        }
        #expect(lockout.pause(for: "wangfang", browser: nil, now: Self.now + 1) == 0)
    }
}

@Suite("Sessions and passwords")
struct SessionTests {
    @Test(
        "A form's token belongs to one session and does not tell its cookie; a cookie that is none names no session"
    )
    func formToken() {
        let (mine, other) = (String(repeating: "ab", count: 32), String(repeating: "cd", count: 32))
        let token = Session.formToken(ofToken: mine)
        #expect(token == Session.formToken(ofToken: mine))
        #expect(token != Session.formToken(ofToken: other) && token != mine)
        #expect(Session.id(ofToken: mine) != nil)
        #expect(Session.id(ofToken: "ab") == nil && Session.id(ofToken: mine + "ab") == nil)
    }

    @Test("A password is kept as Argon2id with a salt of its own, and only it matches")
    func password() throws {
        let (one, two) = (
            try #require(PasswordHash(of: "春眠不觉晓 8")), try #require(PasswordHash(of: "春眠不觉晓 8"))
        )
        #expect(one != two && one.text.hasPrefix("$argon2id$v=19$m=65536,t=3,p=1$"))
        #expect(one.matches("春眠不觉晓 8") && !one.matches("春眠不觉晓 9") && !one.isOutdated)
        #expect(try #require(PasswordHash(text: one.text)).matches("春眠不觉晓 8"))
        #expect(
            PasswordHash(text: "$argon2i$v=19$x") == nil
                && PasswordHash(text: String(repeating: "x", count: 200)) == nil)
        #expect(PasswordHash(of: String(repeating: "x", count: PasswordHash.passwordBytesMax + 1)) == nil)
    }

    @Test(
        "Passwords that are tried first are refused with a sentence",
        arguments: [
            "1234567", "12345678", "wangfang2026", "aaaaaaaaaa", "WOAINI1314",
            String(repeating: "长", count: 100),
        ])
    func weak(password: String) { #expect(AccountRules.fault(ofPassword: password, name: "wangfang") != nil) }

    @Test("Names are short and plain; a phrase makes a good password")
    func rules() {
        #expect(AccountRules.isName("wang.fang-2") && !AccountRules.isName("王芳") && !AccountRules.isName("a"))
        #expect(!AccountRules.isName("A1") && !AccountRules.isName(String(repeating: "a", count: 33)))
        #expect(AccountRules.fault(ofPassword: "百寿镇的桂花开了", name: "wangfang") == nil)
    }

    @Test("Whoever has no role for it, or is disabled, may do nothing; roles of the other site do not count")
    func permissions() {
        for role in StaffRole.allCases {
            let account = Account(name: "a", displayName: "甲", roles: [role])
            for action in Action.allCases {
                #expect(
                    account.may(action, at: .window)
                        == (role.sites.contains(.window) && role.actions.contains(action)))
            }
            let disabled = Account(
                name: "a", displayName: "甲", roles: Set(StaffRole.allCases), isDisabled: true)
            #expect(Action.allCases.allSatisfy { !disabled.may($0, at: .central) })
        }
        #expect(!Account(name: "t", displayName: "乙", roles: [.technician]).may(.readCase, at: .window))
    }
}
