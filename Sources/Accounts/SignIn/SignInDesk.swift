package import Cryptography
package import Web

/// Signs people in and out, and tells who asks: the same at a window and at central.
package struct SignInDesk: Sendable {
    package let site: any AccountSite
    let passwords: PasswordDesk
    /// Marks the browsers that are known.
    private let browsers: MessageAuthentication

    /// - Parameter browserKey: one and the same at every start, so that browsers stay known.
    package init(site: any AccountSite, browserKey: SecretBytes, passwords: PasswordDesk = PasswordDesk()) {
        (self.site, self.passwords) = (site, passwords)
        browsers = MessageAuthentication(key: browserKey)
    }

    /// A session that has begun, and what the browser is to keep.
    package struct Begun: Sendable {
        package let viewer: Viewer
        let token: String
        let browser: KnownBrowser?

        /// Gives the browser its cookies.
        package func set(on response: inout Response, isSecure: Bool) {
            response.setCookie(SignInDesk.cookieName(isSecure), token, isSecure: isSecure)
            guard let browser else { return }
            response.setCookie(
                "known", browser.cookie, isSecure: isSecure, maxAge: KnownBrowser.seconds)
        }
    }

    /// The prefix keeps other hosts of the same domain from setting it (RFC 6265bis section 4.1.3).
    static func cookieName(_ isSecure: Bool) -> String { isSecure ? "__Host-session" : "session" }

    // MARK: Who asks

    /// Who has signed in with the browser of a request; nil if nobody has, or the session is over.
    package func viewer(of request: Request) async throws -> Viewer? {
        guard let token = request.cookie(Self.cookieName(request.isSecure)),
            let id = Session.id(ofToken: token),
            let session = try await site.session(id)
        else { return nil }
        let now = site.now()
        guard session.isAlive(now: now), let account = try await site.account(named: session.account),
            session.holds(for: account), account.works(at: site.place)
        else {
            try await site.end(id)
            return nil
        }
        if now > session.lastSeen + Session.noteEvery { try await site.note(id, seen: now) }
        let viewer = Self.viewer(account, token, id, at: site.place)
        AuditNote.current?.know(viewer)
        return viewer
    }

    private static func viewer(
        _ account: Account, _ token: String, _ id: Digest, at place: StaffRole.Site
    ) -> Viewer {
        Viewer(
            account: account, name: account.name, site: place,
            formToken: Session.formToken(ofToken: token), session: id)
    }

    // MARK: Signing in and out

    /// - Throws: ``Web/Problem``: 401 for a wrong name or password, 429 for too many, 503 for too many at once.
    package func signIn(_ name: String, _ password: String, from request: Request) async throws -> Begun {
        let name = name.lowercased()
        guard AccountRules.isName(name) else { throw Self.wrong }
        let account = try await site.account(named: name)
        AuditNote.current?.attempt(account?.name)
        let mayEnter = account?.works(at: site.place) ?? false
        let known = request.cookie("known").flatMap(KnownBrowser.init)
        let isKnown = known?.knows(name, by: browsers) ?? false
        let verdict = await passwords.check(
            password, of: name, against: mayEnter ? account?.password : nil,
            browser: isKnown ? known?.name : nil, now: site.now())
        try Self.check(verdict)
        guard let account else { throw Self.wrong }
        var browser =
            known ?? KnownBrowser(name: SecureRandom.bytes(MessageAuthentication.shortCodeByteCount))
        browser.note(name, by: browsers)
        return try await begin(account, browser)
    }

    private func begin(_ account: Account, _ browser: KnownBrowser?) async throws -> Begun {
        let token = SecureRandom.bytes(Session.tokenByteCount).hexadecimal
        guard let id = Session.id(ofToken: token), let password = account.password else { throw Self.wrong }
        let now = site.now()
        try await site.begin(
            Session(
                id: id, account: account.name, password: Session.mark(password), began: now, lastSeen: now))
        let viewer = Self.viewer(account, token, id, at: site.place)
        AuditNote.current?.know(viewer)
        return Begun(viewer: viewer, token: token, browser: browser)
    }

    /// Ends the session of a request; harmless if there is none.
    package func signOut(_ request: Request) async throws {
        guard let token = request.cookie(Self.cookieName(request.isSecure)),
            let id = Session.id(ofToken: token)
        else { return }
        try await site.end(id)
    }

    /// Takes the cookie back.
    package static func forget(on response: inout Response, isSecure: Bool) {
        response.setCookie(cookieName(isSecure), "", isSecure: isSecure, maxAge: 0)
    }

    // MARK: Passwords

    /// Changes one's own password, by the present one. Every session with the old one ends; the answer is a new one.
    ///
    /// - Throws: ``Web/Problem``: 422 for a wrong present password, or a new one that cannot be used.
    package func changePassword(
        of viewer: Viewer, from old: String, to new: String, request: Request
    ) async throws -> Begun {
        guard let account = viewer.account else { throw Self.wrong }
        let known = request.cookie("known").flatMap(KnownBrowser.init)
        let verdict = await passwords.check(
            old, of: account.name, against: account.password,
            browser: (known?.knows(account.name, by: browsers) ?? false) ? known?.name : nil, now: site.now())
        if verdict == .wrong { throw Problem(status: 422, title: "原密码不正确", remedy: "请重新输入。") }
        try Self.check(verdict)
        guard new != old else { throw Problem(status: 422, title: "新密码与原密码相同", remedy: "请换一个。") }
        let hash = try await hash(of: new, for: account.name)
        try await site.setPassword(hash, mustChange: false, of: account.name, at: nil, by: account.name)
        guard let changed = try await site.account(named: account.name) else { throw Self.wrong }
        return try await begin(changed, nil)
    }

    /// - Throws: ``Web/Problem``: 422 with why a password cannot be used, 503 for too many at once.
    func hash(of password: String, for name: String) async throws -> PasswordHash {
        if let fault = AccountRules.fault(ofPassword: password, name: name) {
            throw Problem(status: 422, title: fault, remedy: "请换一个密码。")
        }
        guard let hash = await passwords.hash(password) else { throw Self.busy }
        return hash
    }

    private static func check(_ verdict: PasswordDesk.Verdict) throws {
        switch verdict {
        case .right: return
        case .wrong: throw wrong
        case .busy: throw busy
        case .pause(let milliseconds):
            AuditNote.current?.noteLockout()
            let seconds = (milliseconds + 999) / 1000
            throw Problem(
                status: 429, title: "密码多次输入错误", detail: "请在 \(seconds) 秒后再试。",
                remedy: "忘记密码时，请窗口主管或管理员重设。")
        }
    }

    private static let wrong = Problem(
        status: 401, title: "用户名或密码不正确", remedy: "请重新输入；忘记密码时，请窗口主管或管理员重设。")
    private static let busy = Problem(
        status: 503, title: "登录请求过多", remedy: "请稍候几秒再试。")
}
