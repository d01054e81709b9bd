import Accounts
import Casework
import Cryptography
import SyncProtocol
import Testing

@Suite("The accounts of a record")
struct AccountBookTests {
    private static let record = CaseID(milliseconds: 7, random: (1, 2))
    private static let (central, stranger) = (Ed25519.SigningKey(), Ed25519.SigningKey())
    private static let hash = PasswordHash(text: "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA")

    /// Changes of a record, one for each value, in the order of their times.
    private struct Writer {
        var changes: [Change] = []
        var editions: [ReplicaID: UInt64] = [:]

        @discardableResult
        mutating func write(
            _ value: [CBOR], _ group: String, by role: Role = .central, replica: UInt64 = 1,
            over replaced: [Dot] = [], at time: UInt64? = nil
        ) throws -> Dot {
            let replica = ReplicaID(rawValue: replica)
            let edition = editions[replica, default: 0] + 1
            editions[replica] = edition
            let id = try #require(FieldDictionary.standard.group(named: group)?.id)
            let change = try Change(
                replica: replica, sequence: edition, caseID: AccountBookTests.record, edition: edition,
                content: ChangeContent(
                    writes: [id: .init(value: value, replaces: replaced)],
                    time: HybridTime(rawValue: (time ?? UInt64(changes.count + 1)) << 16),
                    author: Author(role: role, unit: role == .window ? "H1" : "", user: "boss")))
            changes.append(change)
            return change.dot
        }

        @discardableResult
        mutating func say(
            _ account: Account, signed key: Ed25519.SigningKey? = AccountBookTests.central,
            in record: CaseID = AccountBookTests.record, by role: Role = .central, replica: UInt64 = 1,
            over replaced: [Dot] = [], at time: UInt64? = nil
        ) throws -> Dot {
            let signer = key.map { AccountSigner($0, record: record) }
            return try write(
                AccountValue.account(account, by: signer), "account", by: role, replica: replica,
                over: replaced, at: time)
        }

        func book(_ order: [Change]? = nil) -> AccountBook {
            AccountBook(
                CaseState(folding: order ?? changes), of: AccountBookTests.record,
                signedBy: AccountBookTests.central.publicKey)
        }
    }

    private static let boss = Account(name: "boss", displayName: "赵", roles: [.supervisor, .technician])

    @Test("What central signed holds as it is said")
    func signed() throws {
        var writer = Writer()
        let said = Account(
            name: "wangfang", displayName: "王芳", roles: [.clerk, .supervisor], hospitals: ["H1"],
            policies: ["gx"], department: "police")
        try writer.say(said)
        #expect(writer.book()["wangfang"] == said)
    }

    @Test(
        "Without central's signature of this value for this record an account is a clerk's at most, and unconfirmed"
    )
    func unsigned() throws {
        let other = CaseID(milliseconds: 8, random: (1, 2))
        for (key, record, role) in [
            (nil, Self.record, Role.window), (Self.stranger, Self.record, .window),
            (Self.central, Self.record, .window), (Self.stranger, Self.record, .central),
            (Self.central, other, .central),
        ] as [(Ed25519.SigningKey?, CaseID, Role)] {
            var writer = Writer()
            try writer.say(
                Account(name: "x1", displayName: "新", roles: Set(StaffRole.allCases), hospitals: ["H9"]),
                signed: key, in: record, by: role)
            let account = try #require(writer.book()["x1"])
            #expect(account.roles == [.clerk, .issuer] && account.isUnconfirmed && account.hospitals.isEmpty)
        }
    }

    @Test("A signature does not hold for other words")
    func altered() throws {
        var writer = Writer()
        var value = AccountValue.account(Self.boss, by: AccountSigner(Self.central, record: Self.record))
        value[2] = .array([.text("clerk"), .text("supervisor"), .text("administrator")])
        try writer.write(value, "account")
        #expect(writer.book()["boss"]?.isUnconfirmed == true)
    }

    @Test(
        "A window gives nobody more than central did, and enables nobody that central disabled; it disables at once"
    )
    func localWord() throws {
        var writer = Writer()
        try writer.say(Self.boss.with(roles: [.clerk]))
        let disabled = try writer.say(
            Self.boss.with(isDisabled: true), signed: nil, by: .window, replica: 2)
        var account = try #require(writer.book()["boss"])
        #expect(account.isDisabled && account.isUnconfirmed && account.roles == [.clerk])
        try writer.say(Self.boss, signed: nil, by: .window, replica: 2, over: [disabled])
        account = try #require(writer.book()["boss"])
        #expect(!account.isDisabled && account.roles == [.clerk])

        var other = Writer()
        try other.say(Self.boss.with(isDisabled: true))
        try other.say(Self.boss, signed: nil, by: .window, replica: 2)
        #expect(other.book()["boss"]?.isDisabled == true)
    }

    @Test("Of two words that did not know of each other the disabling one wins, also if it is the older one")
    func concurrent() throws {
        for times in [(1, 2), (2, 1)] as [(UInt64, UInt64)] {
            var writer = Writer()
            let clerk = Account(name: "li", displayName: "李", roles: [.clerk])
            try writer.say(clerk, signed: nil, by: .window, replica: 2, at: times.0)
            try writer.say(clerk.with(isDisabled: true), signed: nil, by: .window, replica: 3, at: times.1)
            #expect(writer.book()["li"]?.isDisabled == true)
        }
    }

    @Test(
        "Central's password goes before one that a window set without knowing of it, and not before a later one"
    )
    func passwords() throws {
        let hash = try #require(Self.hash)
        let own = try #require(PasswordHash(text: hash.text + "b"))
        let signer = AccountSigner(Self.central, record: Self.record)
        let reset = AccountValue.password(hash, of: "boss", mustChange: true, by: signer)
        let changed = AccountValue.password(own, of: "boss", mustChange: false, by: nil)

        var writer = Writer()
        try writer.say(Self.boss)
        let dot = try writer.write(reset, "password")
        try writer.write(changed, "password", by: .window, replica: 2)
        #expect(writer.book()["boss"]?.password == hash)
        #expect(writer.book()["boss"]?.mustChangePassword == true)

        var later = Writer()
        try later.say(Self.boss)
        let first = try later.write(reset, "password")
        #expect(first == dot)
        try later.write(changed, "password", by: .window, replica: 2, over: [first])
        #expect(later.book()["boss"]?.password == own)
        #expect(later.book()["boss"]?.mustChangePassword == false)
    }

    @Test("In whatever order the changes come, the book is the same; what cannot be read is passed over")
    func order() throws {
        var writer = Writer()
        try writer.say(Self.boss)
        let local = try writer.say(
            Account(name: "li", displayName: "李", roles: [.clerk]), signed: nil, by: .window, replica: 2)
        try writer.say(
            Account(name: "li", displayName: "李", roles: [.clerk], isDisabled: true), signed: nil,
            by: .window,
            replica: 2, over: [local])
        try writer.say(Self.boss.with(isDisabled: true), signed: nil, by: .window, replica: 3)
        try writer.write([.text("boss")], "password", by: .window, replica: 3)
        try writer.write([.null, .bool(true)], "account", by: .window, replica: 4)
        try writer.say(Account(name: "No Name", displayName: "?", roles: [.clerk]))
        let book = writer.book()
        #expect(book.all.map(\.name) == ["boss", "li"])
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<50 {
            #expect(writer.book(writer.changes.shuffled(using: &generator)) == book)
        }
    }

    @Test("A window replaces what windows said of an account, and nothing of central's")
    func replaced() throws {
        var writer = Writer()
        try writer.say(Self.boss)
        let local = try writer.say(Self.boss.with(isDisabled: true), signed: nil, by: .window, replica: 2)
        try writer.say(
            Account(name: "li", displayName: "李", roles: [.clerk]), signed: nil, by: .window, replica: 3)
        let id = try #require(FieldDictionary.standard.group(named: "account")?.id)
        let register = try #require(CaseState(folding: writer.changes).registers[id])
        #expect(register.dots(of: "boss", ofWindowsOnly: true) == [local])
        #expect(register.dots(of: "boss", ofWindowsOnly: false).count == 2)
    }
}
