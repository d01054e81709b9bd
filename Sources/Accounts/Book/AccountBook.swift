package import Casework
package import Cryptography
package import SyncProtocol

/// The accounts that a record says there are: one for each name.
///
/// What central signed holds. Beside it stands what a window's supervisor said offline: it disables at once, and it adds people at once,
/// but for ``localRoles`` at most and only at this hospital, as *unconfirmed*, until central says yes or no. Of values that did not know of
/// each other a disabling one wins. So a computer that makes entries up harms its own hospital at worst, and central sees it.
///
/// Laws: the same standing values give the same book, in whatever order they came; no unsigned value gives a role that
/// central's did not, beyond ``localRoles``; none enables what central disabled.
package struct AccountBook: Hashable, Sendable {
    /// What a supervisor can give without central.
    package static let localRoles: Set<StaffRole> = [.clerk, .issuer]
    /// Accounts of a hospital; a window adds no further one.
    package static let countMax = 500

    private let accounts: [String: Account]

    /// - Parameters:
    ///   - record: the record whose state it is: a value that was signed for another one is not signed.
    ///   - key: central's.
    package init(
        _ state: CaseState = CaseState(), of record: CaseID, signedBy key: Ed25519.PublicKey,
        dictionary: FieldDictionary = .standard
    ) {
        let reader = AccountReader(state: state, record: record, key: key, dictionary: dictionary)
        let passwords = reader.standing(of: AccountValue.passwordGroup)
        var accounts: [String: Account] = [:]
        for (name, standing) in reader.standing(of: AccountValue.accountGroup) where AccountRules.isName(name)
        {
            accounts[name] = Self.account(standing, passwords[name] ?? [])
        }
        self.accounts = accounts
    }

    package subscript(name: String) -> Account? { accounts[name] }

    /// By name.
    package var all: [Account] { accounts.values.sorted { $0.name < $1.name } }

    /// The accounts that are neither signed nor refused yet.
    package var unconfirmed: [Account] { all.filter(\.isUnconfirmed) }

    private static func account(_ standing: [AccountReader.Entry], _ passwords: [AccountReader.Entry])
        -> Account?
    {
        let signed = standing.filter(\.isSigned)
        let local = standing.filter { !$0.isSigned }
        guard let said = (signed.last ?? local.last).flatMap({ AccountValue.account($0.value) }) else {
            return nil
        }
        let isDisabled = standing.contains { AccountValue.account($0.value)?.isDisabled ?? false }
        let password = (passwords.last(where: \.isSigned) ?? passwords.last).flatMap {
            AccountValue.password($0.value)
        }
        return Account(
            name: said.name, displayName: said.displayName,
            roles: signed.isEmpty ? said.roles.intersection(localRoles) : said.roles,
            hospitals: signed.isEmpty ? [] : said.hospitals, policies: said.policies,
            department: said.department, password: password?.hash,
            mustChangePassword: password?.mustChange ?? false, isDisabled: isDisabled,
            isUnconfirmed: !local.isEmpty)
    }
}

/// Reads the two groups of a record, by the account that each value is about.
private struct AccountReader {
    struct Entry {
        let value: [CBOR]
        let isSigned: Bool
    }

    let state: CaseState
    let record: CaseID
    let key: Ed25519.PublicKey
    let dictionary: FieldDictionary

    /// In order of (time, dot).
    func standing(of group: String) -> [String: [Entry]] {
        guard let id = dictionary.group(named: group)?.id else { return [:] }
        var entries: [String: [Entry]] = [:]
        for standing in state.registers[id]?.standing ?? [] {
            guard let name = AccountValue.name(of: standing.value), standing.author.role != .department else {
                continue
            }
            let isSigned =
                standing.author.role == .central
                && AccountSignature.isValid(in: standing.value, group, of: record, by: key)
            entries[name, default: []].append(Entry(value: standing.value, isSigned: isSigned))
        }
        return entries
    }
}

extension Register {
    /// The dots of a group's values that are about an account, for who replaces them.
    ///
    /// - Parameter ofWindowsOnly: central's stay: a window replaces none of them.
    package func dots(of account: String, ofWindowsOnly: Bool) -> [Dot] {
        Set(
            standing.filter {
                AccountValue.name(of: $0.value) == account && (!ofWindowsOnly || $0.author.role == .window)
            }.map(\.dot)
        ).sorted()
    }
}
