import Cryptography
import Web

/// What an account is to be, as a form or a command says it. What is nil stays as it is.
package struct AccountOrder: Hashable, Sendable, Codable {
    package var name: String?
    package var displayName: String?
    /// The words of ``StaffRole``.
    package var roles: [String]?
    package var hospitals: [String]?
    package var policies: [String]?
    /// Empty for none.
    package var department: String?
    package var isDisabled: Bool?
    package var reason: String?
    /// Without one, a password for one time is made and told once.
    package var password: String?

    package init() {}
}

/// Adds, changes, disables and confirms accounts, and sets passwords: the same at a window and at central.
package struct AccountDesk: Sendable {
    package let signIn: SignInDesk
    private var site: any AccountSite { signIn.site }

    package init(_ signIn: SignInDesk) { self.signIn = signIn }

    package func accounts(of hospital: String? = nil) async throws -> [ListedAccount] {
        try await site.accounts(of: hospital)
    }

    /// One account.
    ///
    /// - Parameter hospital: at central, where it stands; nil takes central's own and those that central signed for any hospital.
    package func account(_ name: String, at hospital: String? = nil) async throws -> Account {
        let found = try await site.accounts(of: hospital).first { $0.account.name == name }
        guard let found else {
            throw Problem(status: 404, title: "没有这个账号", remedy: "请查看账号列表：user list")
        }
        return found.account
    }

    /// Adds an account with a first password.
    ///
    /// - Returns: the password for one time, if one was made.
    package func add(_ order: AccountOrder, by viewer: Viewer) async throws -> String? {
        let account = try changed(
            Account(name: order.name ?? "", displayName: order.displayName ?? order.name ?? "", roles: []),
            order)
        try check(account, by: viewer)
        guard site.place == .central || account.roles.isSubset(of: AccountBook.localRoles) else {
            throw Problem(
                status: 422, title: "窗口只能添加受理与签发人员", remedy: "其他账号请由中心管理员添加：birthcentral user add")
        }
        let known = try await site.accounts(of: nil)
        guard site.place == .central || known.count < AccountBook.countMax else {
            throw Problem(status: 409, title: "账号过多", remedy: "请由中心管理员停用不用的账号。")
        }
        if known.contains(where: { $0.account.name == account.name }) {
            throw Problem(
                status: 409, title: "用户名已被使用", detail: account.name, remedy: "请换一个，或修改已有的账号。")
        }
        // Before anything is written: a password that cannot be used leaves no account behind.
        let password = try await firstPassword(order.password, of: account.name)
        try await site.put(account, at: nil, reason: order.reason, by: viewer.author)
        try await site.setPassword(
            password.hash, mustChange: true, of: account.name, at: nil, by: viewer.author)
        return password.told
    }

    /// Changes an account. At central that also confirms it.
    package func change(
        _ name: String, at hospital: String? = nil, to order: AccountOrder, by viewer: Viewer
    ) async throws {
        let account = try await account(name, at: hospital)
        let changed = try changed(account, order)
        try check(account, by: viewer)
        try check(changed, by: viewer)
        guard site.place == .central || changed == account.with(isDisabled: changed.isDisabled) else {
            throw Problem(
                status: 422, title: "窗口只能停用或启用账号", remedy: "姓名、岗位和范围请由中心管理员修改：birthcentral user set")
        }
        if changed.isDisabled, viewer.account?.name == name {
            throw Problem(status: 409, title: "不能停用自己的账号", remedy: "请由其他管理员操作。")
        }
        if changed == account, !(account.isUnconfirmed && site.place == .central) { return }
        try await site.put(changed, at: hospital, reason: order.reason, by: viewer.author)
    }

    /// Sets another password, which is changed at the next sign-in. Sessions with the old one end.
    ///
    /// - Returns: the password for one time, if one was made.
    package func resetPassword(
        of name: String, at hospital: String? = nil, to password: String?, by viewer: Viewer
    ) async throws -> String? {
        let account = try await account(name, at: hospital)
        try check(account, by: viewer)
        let password = try await firstPassword(password, of: name)
        try await site.setPassword(
            password.hash, mustChange: true, of: name, at: hospital, by: viewer.author)
        await signIn.passwords.forget(name)
        return password.told
    }

    package func sessions(of name: String) async throws -> [Session] {
        let now = site.now()
        return try await site.sessions(of: name).filter { $0.isAlive(now: now) }
    }

    package func endSessions(of name: String, by viewer: Viewer) async throws {
        try check(try await account(name), by: viewer)
        for session in try await site.sessions(of: name) { try await site.end(session.id) }
    }

    private func firstPassword(
        _ given: String?, of name: String
    ) async throws -> (hash: PasswordHash, told: String?) {
        if let given { return (try await signIn.hash(of: given, for: name), nil) }
        var random = SecureRandom()
        let made = AccountRules.oneTimePassword { random.next() }
        return (try await signIn.hash(of: made, for: name), made)
    }

    private func changed(_ account: Account, _ order: AccountOrder) throws -> Account {
        var roles: Set<StaffRole>?
        if let words = order.roles {
            roles = []
            for word in words {
                guard let role = StaffRole(rawValue: word) else {
                    throw Problem(
                        status: 422, title: "没有这个岗位", detail: word,
                        remedy: "Known: \(StaffRole.allCases.map(\.rawValue).joined(separator: ", "))")
                }
                roles?.insert(role)
            }
        }
        let department: String?? = order.department.map { $0.isEmpty ? nil : $0 }
        return account.with(
            displayName: order.displayName, roles: roles, hospitals: order.hospitals.map(Set.init),
            policies: order.policies.map(Set.init), department: department, isDisabled: order.isDisabled)
    }

    /// A supervisor answers for the people at the window, and for nobody who has more to say than that.
    private func check(_ account: Account, by viewer: Viewer) throws {
        if let fault = AccountRules.fault(of: account, at: site.place == .window ? .window : nil) {
            throw Problem(status: 422, title: fault, remedy: "请改正后再保存。")
        }
        guard site.place == .window else { return }
        guard viewer.account == nil || account.roles.isSubset(of: AccountBook.localRoles) else {
            throw Problem(
                status: 403, title: "窗口主管只能管理受理与签发人员的账号", remedy: "其他账号请由中心管理员办理。")
        }
    }
}
