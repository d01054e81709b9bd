package import Cryptography

/// Somebody who may sign in.
package struct Account: Hashable, Sendable {
    /// By which the person signs in, and by which changes name their author: never the person's own name.
    package let name: String
    /// What pages call the person.
    package let displayName: String
    package let roles: Set<StaffRole>
    /// The codes of the hospitals for which the person works; empty for all.
    package let hospitals: Set<String>
    /// The IDs of the policies, and so the regions, with which the person works; empty for all.
    package let policies: Set<String>
    /// The department that an officer answers for.
    package let department: String?
    /// Nil until a password was set.
    package let password: PasswordHash?
    /// The password was set by somebody else, and is changed at the next sign-in.
    package let mustChangePassword: Bool
    package let isDisabled: Bool
    /// A window's supervisor made or changed it, and central has not said yes yet.
    package let isUnconfirmed: Bool

    package init(
        name: String, displayName: String, roles: Set<StaffRole>, hospitals: Set<String> = [],
        policies: Set<String> = [],
        department: String? = nil, password: PasswordHash? = nil, mustChangePassword: Bool = false,
        isDisabled: Bool = false, isUnconfirmed: Bool = false
    ) {
        self.name = name
        self.displayName = displayName
        self.roles = roles
        self.hospitals = hospitals
        self.policies = policies
        self.department = department
        self.password = password
        self.mustChangePassword = mustChangePassword
        self.isDisabled = isDisabled
        self.isUnconfirmed = isUnconfirmed
    }

    /// Whether there is anything that the person does at a site.
    package func works(at site: StaffRole.Site) -> Bool {
        !isDisabled && roles.contains { $0.sites.contains(site) }
    }

    /// The same account with something else said of it.
    package func with(
        displayName: String? = nil, roles: Set<StaffRole>? = nil, hospitals: Set<String>? = nil,
        policies: Set<String>? = nil, department: String?? = nil, isDisabled: Bool? = nil
    ) -> Account {
        Account(
            name: name, displayName: displayName ?? self.displayName, roles: roles ?? self.roles,
            hospitals: hospitals ?? self.hospitals, policies: policies ?? self.policies,
            department: department ?? self.department, password: password,
            mustChangePassword: mustChangePassword, isDisabled: isDisabled ?? self.isDisabled,
            isUnconfirmed: isUnconfirmed)
    }

    /// Whether the person may do something at a site. A disabled account may do nothing.
    package func may(_ action: Action, at site: StaffRole.Site) -> Bool {
        !isDisabled && roles.contains { $0.sites.contains(site) && $0.actions.contains(action) }
    }

    /// Whether the person works for a hospital.
    package func serves(hospital code: String) -> Bool { hospitals.isEmpty || hospitals.contains(code) }

    /// Whether the person works with a policy.
    package func applies(policy id: String) -> Bool { policies.isEmpty || policies.contains(id) }
}

/// What a name and a password of an account must be.
package enum AccountRules {
    /// Characters of a name: lower-case letters, digits, `.`, `-` and `_`.
    package static let nameCounts = 2...32
    /// Characters of what pages call a person.
    package static let displayNameCountMax = 20
    /// Characters of a password. NIST SP 800-63B section 5.1.1 asks for 8, and for no mixture of classes.
    package static let passwordCountMin = 8

    package static func isName(_ text: String) -> Bool {
        nameCounts.contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "."),
                    UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    /// Hospitals and policies that an account may name, and UTF-8 bytes of each code.
    package static let (codesMax, codeBytesMax) = (200, 64)

    /// Why an account cannot be kept like this, in a sentence; nil if it can.
    package static func fault(of account: Account, at site: StaffRole.Site? = nil) -> String? {
        guard isName(account.name) else {
            return "用户名须为 \(nameCounts.lowerBound)–\(nameCounts.upperBound) 位小写字母、数字或 . - _。"
        }
        guard 1...displayNameCountMax ~= account.displayName.count, account.displayName.utf8.count <= 100,
            !account.displayName.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else { return "姓名须为 1–\(displayNameCountMax) 个字。" }
        if account.roles.isEmpty { return "请至少选择一个岗位。" }
        let codes = Array(account.hospitals) + Array(account.policies) + [account.department ?? ""]
        guard codes.count <= codesMax, codes.allSatisfy({ $0.utf8.count <= codeBytesMax }) else {
            return "医院或政策包过多，或编码过长。"
        }
        if account.roles.contains(.officer), account.department == nil { return "部门经办须指定部门。" }
        if let site, account.roles.contains(where: { !$0.sites.contains(site) }) { return "该岗位不在此处。" }
        return nil
    }

    /// A password for one time, to be read out or written down: without letters that look like others.
    package static func oneTimePassword(_ random: () -> UInt64) -> String {
        let letters = Array("abcdefghjkmnpqrstuvwxyz23456789")
        // 31 letters: the bias of the remainder is below 2^-58.
        let word = (0..<12).map { _ in letters[Int(random() % UInt64(letters.count))] }
        return String(word[0..<4]) + "-" + String(word[4..<8]) + "-" + String(word[8..<12])
    }

    /// Why a new password cannot be taken, in a sentence; nil if it can.
    package static func fault(ofPassword password: String, name: String) -> String? {
        if password.count < passwordCountMin { return "密码至少 \(passwordCountMin) 位。" }
        if password.utf8.count > PasswordHash.passwordBytesMax { return "密码过长。" }
        if password.lowercased().contains(name) { return "密码不能包含用户名。" }
        if Set(password).count < 4 { return "密码过于简单，请换一个。" }
        if common.contains(password.lowercased()) { return "这个密码太常见，请换一个。" }
        return nil
    }

    /// Those that are tried first.
    private static let common: Set<String> = [
        "12345678", "123456789", "1234567890", "password", "password1", "11223344", "qwertyui", "1qaz2wsx",
        "asdfghjk",
        "abcd1234", "a1234567", "admin123", "88888888", "woaini1314", "woaini520", "5201314520", "iloveyou",
        "147258369",
    ]
}
