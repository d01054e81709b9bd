import Accounts
import Cryptography
import SyncProtocol
import Web

/// Central's accounts and sessions, as signing in and the pages ask for them.
///
/// Every account that central signed stands in its own record of accounts, ``SyncProtocol/CaseID/staffRecord``; those with a role at
/// windows stand in the records of their hospitals as well, signed for each.
struct CentralAccounts: AccountSite {
    let store: any CentralStore
    let books: Books
    let key: Ed25519.SigningKey
    let clock: @Sendable () -> UInt64
    /// What was read last of central's own accounts.
    let known: Guarded<(fingerprint: Fingerprint, book: AccountBook)?>

    var place: StaffRole.Site { .central }
    func now() -> UInt64 { clock() }

    // MARK: Reading

    func account(named name: String) async throws -> Account? { try await registry()[name] }

    /// Central's own accounts.
    func registry() async throws(CentralError) -> AccountBook {
        let (books, key, known) = (books, key.publicKey, known)
        return try await store.read { transaction throws(CentralError) in
            let fingerprint = try transaction.summary(of: .staffRecord)?.fingerprint ?? .empty
            if let known = known.withLock({ $0 }), known.fingerprint == fingerprint { return known.book }
            let book = AccountBook(
                CaseState(folding: try transaction.changes(of: .staffRecord).map(\.change)), of: .staffRecord,
                signedBy: key, dictionary: books.casebook.dictionary)
            known.withLock { $0 = (fingerprint, book) }
            return book
        }
    }

    /// Without a hospital: central's own, and what windows' supervisors said that waits for its word.
    func accounts(of code: String?) async throws -> [ListedAccount] {
        let registry = try await registry()
        let (books, key) = (books, key.publicKey)
        let local = try await store.read { transaction throws(CentralError) in
            var listed: [ListedAccount] = []
            for hospital in try transaction.hospitals() where code == nil || hospital.code == code {
                let record = hospital.id.record
                let book = AccountBook(
                    CaseState(folding: try transaction.changes(of: record).map(\.change)), of: record,
                    signedBy: key, dictionary: books.casebook.dictionary)
                let wanted = code == nil ? book.unconfirmed : book.all
                listed += wanted.map { ListedAccount($0, hospital: hospital.code) }
            }
            return listed
        }
        return (code == nil ? registry.all.map { ListedAccount($0) } : []) + local
    }

    // MARK: Writing

    /// An account that a supervisor made becomes one of central's, of that hospital.
    func put(_ account: Account, at code: String?, reason: String?, by user: String) async throws {
        var account = account
        if let code {
            let known = try await registry()[account.name]
            if let known, !known.serves(hospital: code) {
                throw Problem(
                    status: 409, title: "用户名与其他医院的账号重复", detail: account.name,
                    remedy: "请停用此账号，并让该院用其他用户名添加。")
            }
            if known == nil { account = account.with(hospitals: [code]) }
        }
        let hand = Ledger.AccountHand(key: key, user: user, reason: reason)
        let kept = account
        let places = try await places(of: account, and: registry()[account.name])
        for place in places {
            let isServed = place.hospital.map { Self.isServed($0, by: kept) } ?? true
            let said = isServed ? kept : kept.with(isDisabled: true)
            try await write(at: place) { ledger, key throws(CentralError) in
                let before = try ledger.book(of: place, signedBy: key)[said.name]
                // Nobody is told of a hospital for which the account never was.
                if !isServed, before == nil { return }
                try ledger.put(said, at: place, by: hand)
                if before?.password == nil, let password = said.password {
                    try ledger.put(
                        password, mustChange: said.mustChangePassword, of: said.name, at: place, by: hand)
                }
            }
        }
    }

    func setPassword(
        _ password: PasswordHash, mustChange: Bool, of name: String, at code: String?, by user: String
    ) async throws {
        let hand = Ledger.AccountHand(key: key, user: user, reason: nil)
        var places: [Ledger.AccountPlace] = []
        if let account = try await registry()[name] {
            places = try await self.places(of: account, and: nil)
        } else if let code {
            places = try await hospitals().filter { $0.code == code }.map { Ledger.AccountPlace($0) }
        }
        for place in places {
            try await write(at: place) { ledger, _ throws(CentralError) in
                try ledger.put(password, mustChange: mustChange, of: name, at: place, by: hand)
            }
        }
    }

    /// Brings a hospital that was added the accounts of people who work for all of them.
    func bring(to hospital: HospitalRecord, by user: String) async throws(CentralError) {
        let place = Ledger.AccountPlace(hospital)
        let hand = Ledger.AccountHand(key: key, user: user, reason: nil)
        let accounts = try await registry().all.filter { !$0.isDisabled && Self.isServed(hospital, by: $0) }
        if accounts.isEmpty { return }
        try await write(at: place) { ledger, _ throws(CentralError) in
            for account in accounts {
                try ledger.put(account, at: place, by: hand)
                guard let password = account.password else { continue }
                try ledger.put(
                    password, mustChange: account.mustChangePassword, of: account.name, at: place, by: hand)
            }
        }
    }

    private static func isServed(_ hospital: HospitalRecord, by account: Account) -> Bool {
        account.roles.contains { $0.sites.contains(.window) } && account.serves(hospital: hospital.code)
    }

    /// Central's own record, and the hospitals for which an account is, or was as it stood before.
    private func places(
        of account: Account, and before: Account?
    ) async throws(CentralError) -> [Ledger.AccountPlace] {
        let hospitals = try await hospitals().filter { hospital in
            Self.isServed(hospital, by: account) || before.map { Self.isServed(hospital, by: $0) } ?? false
        }
        return [.registry] + hospitals.map { Ledger.AccountPlace($0) }
    }

    private func hospitals() async throws(CentralError) -> [HospitalRecord] {
        try await store.read { transaction throws(CentralError) in try transaction.hospitals() }
    }

    /// One transaction for each record. An order that was cut short is completed by giving it again.
    private func write(
        at place: Ledger.AccountPlace,
        _ body: @escaping @Sendable (inout Ledger, Ed25519.PublicKey) throws(CentralError) -> Void
    ) async throws(CentralError) {
        let (books, milliseconds, key) = (books, clock(), key.publicKey)
        try await store.write { transaction throws(CentralError) in
            var ledger = try Ledger(transaction, books, milliseconds: milliseconds)
            try body(&ledger, key)
            try ledger.finish()
        }
    }
}

/// Who is signed in.
extension CentralAccounts {
    func begin(_ session: Session) async throws {
        try await store.write { transaction throws(CentralError) in
            try transaction.put(session)
            let others = try transaction.sessions(of: session.account).filter { $0.id != session.id }
            for old in others.dropFirst(Session.countMax - 1) { try transaction.dropSession(old.id) }
        }
    }

    func session(_ id: Digest) async throws -> Session? {
        try await store.read { transaction throws(CentralError) in try transaction.session(id) }
    }

    func note(_ id: Digest, seen milliseconds: UInt64) async throws {
        try await store.write { transaction throws(CentralError) in
            try transaction.note(id, seen: milliseconds)
        }
    }

    func end(_ id: Digest) async throws {
        try await store.write { transaction throws(CentralError) in try transaction.dropSession(id) }
    }

    func sessions(of account: String) async throws -> [Session] {
        try await store.read { transaction throws(CentralError) in try transaction.sessions(of: account) }
    }
}
