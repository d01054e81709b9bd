import Casework
import Persistence
import SyncProtocol
import Testing

@testable import WindowAgent

@Suite("Saving at a window")
struct StoreSavingTests {
    private let machine: TestMachine
    init() throws { machine = try TestMachine() }

    @Test("A save is change, cache and outbox, and survives closing")
    func saves() async throws {
        var store: WindowStore? = try await machine.open()
        let id = try #require(try await store?.newCase())
        #expect(try await store?.figures().outbox == 1)
        store = nil
        let again = try await machine.open()
        #expect(try await again.view(of: id).text("childName") == "测试一")
        #expect(try await again.cases(limit: 10).map(\.id) == [id])
        #expect(try await again.outbox(limit: 10).map(\.caseID) == [id])
        try await again.expectSound()
    }

    @Test("Nothing is saved at a window that belongs to no hospital")
    func notEnrolled() async throws {
        let store = try await machine.open(isEnrolled: false)
        await #expect(throws: StoreError.notEnrolled) { try await store.newCase() }
        #expect(try await store.figures().changes == 0)
    }

    @Test(
        "Wherever the disk is full in the middle of a save, nothing of it is left, and with room it is saved")
    func fullAnywhere() async throws {
        let store = try await machine.open()
        let id = try await store.newCase()
        var refusals = 0
        // Each page more lets the save come one step further: log, index, outbox, cache, save ID.
        for room in Int64(0)..<60 {
            let (before, cache) = (try await store.log().count, try await store.cacheRows())
            let counted = try await store.figures()
            try await store.limitPages(more: room)
            let text = String(repeating: "记", count: 15_000) + "\(room)"
            do {
                _ = try await store.edit(
                    id, ["note": .text(text)], Saving(user: "clerk", saveID: "save-\(room)"))
            } catch let error as DatabaseError {
                refusals += 1
                #expect(error.kind == .full)
                #expect(try await store.log().count == before)
                #expect(try await store.cacheRows() == cache)
                #expect(try await store.figures() == counted)
                #expect(try await store.count("SELECT count(*) FROM save") == 0)
            }
            try await store.limitPages(more: nil)
            if try await store.log().count > before { break }
            try await store.expectSound()
        }
        #expect(refusals >= 10, "the limit did not bite")
        try await store.expectSound()
        #expect(try await store.figures().outbox == 2)
    }

    @Test(
        "A save that is repeated under its ID returns the first answer and writes nothing, also after a restart"
    )
    func repeated() async throws {
        let policy = try testPolicy()
        let newborns = [Answers(["childName": .text("测试一")])]
        let saving = Saving(user: "clerk", saveID: "page-7")
        let first = try await machine.open().newCases(newborns, policy: policy, saving)
        let store = try await machine.open()
        #expect(try await store.newCases(newborns, policy: policy, saving) == first)
        #expect(try await store.figures().changes == 1)
        let other = try await store.newCases(
            newborns, policy: policy, Saving(user: "clerk", saveID: "page-8"))
        #expect(other != first)
        #expect(try await store.figures().changes == 2)
    }

    @Test("A save ID that comes with other content is refused, and nothing is lost unsaid")
    func reusedID() async throws {
        let store = try await machine.open()
        let id = try await store.newCase(saveID: "one")
        await #expect(throws: StoreError.saveIDReused) {
            try await store.newCase(["childName": .text("测试二")], saveID: "one")
        }
        await #expect(throws: StoreError.saveIDReused) {
            try await store.edit(id, ["note": .text("x")], Saving(user: "clerk", saveID: "one"))
        }
        #expect(try await store.figures().changes == 1)
    }

    @Test("Old save IDs are forgotten, the newest never")
    func saveIDsAreBounded() async throws {
        let store = try await machine.open()
        _ = try await store.newCase(saveID: "old")
        try await store.execute("INSERT INTO save VALUES (10001, 'later', zeroblob(32), x'7b7d', 1)")
        let id = try await store.newCase(saveID: "new")
        #expect(try await store.count("SELECT count(*) FROM save WHERE id = 'old'") == 0)
        #expect(try await store.count("SELECT count(*) FROM save") == 2)
        #expect(try await store.newCase(saveID: "new") == id)
    }

    @Test(
        "Twins and more are linked with each other, in one transaction, under one save ID",
        arguments: [2, 3, 10])
    func siblings(count: Int) async throws {
        let store = try await machine.open()
        let newborns = (1...count).map { Answers(["childName": .text("测试\($0)")]) }
        let saving = Saving(user: "clerk", saveID: "delivery")
        let saved = try await store.newCases(newborns, policy: try testPolicy(), saving)
        let ids = saved.cases.compactMap { CaseID($0.id) }
        #expect(Set(ids).count == count)
        #expect(Set(saved.cases.map(\.number)).count == count)
        for id in ids {
            let linked = try await store.state(of: id).registers[try group("linkedCases")]?.standing.last?
                .value
            let others = ids.filter { $0 != id }.map { CBOR.bytes($0.bytes) }
            #expect(linked == [.array(others)])
        }
        #expect(try await store.newCases(newborns, policy: try testPolicy(), saving) == saved)
        #expect(try await store.figures().changes == count)
    }

    @Test("One newborn among many that is too large: none of them is saved")
    func siblingTooLarge() async throws {
        let store = try await machine.open()
        var newborns = (1...5).map { Answers(["childName": .text("测试\($0)")]) }
        newborns[4]["note"] = .text(String(repeating: "x", count: Limits.bodyBytesMax))
        await #expect(throws: StoreError.changeTooLarge) {
            try await store.newCases(newborns, policy: try testPolicy(), .clerk)
        }
        #expect(try await store.figures().changes == 0)
        #expect(try await store.count("SELECT count(*) FROM replica") == 0)
    }

    @Test("A draft is durable, replaced by its name, never sent, and dropped when told")
    func drafts() async throws {
        var store = try await machine.open()
        let content = [UInt8](repeating: 9, count: WindowStore.draftBytesMax)
        try await store.keepDraft("form-1", [1, 2, 3])
        try await store.keepDraft("form-1", content)
        store = try await machine.open()
        #expect(try await store.draft("form-1") == content)
        #expect(try await store.compose(bytesMax: 1 << 20, budget: 1).request.pushes == [])
        #expect(try await store.figures().changes == 0)
        try await store.dropDraft("form-1")
        try await store.dropDraft("form-1")
        #expect(try await store.draft("form-1") == nil)
    }

    @Test("Drafts have a size, a name and a number, and none is dropped for another")
    func draftLimits() async throws {
        let store = try await machine.open()
        let tooLarge = [UInt8](repeating: 9, count: WindowStore.draftBytesMax + 1)
        await #expect(throws: StoreError.draftTooLarge) { try await store.keepDraft("a", tooLarge) }
        await #expect(throws: StoreError.draftTooLarge) { try await store.keepDraft("", [1]) }
        await #expect(throws: StoreError.draftTooLarge) {
            try await store.keepDraft(String(repeating: "a", count: Saving.saveIDBytesMax + 1), [1])
        }
        try await store.keepDraft("first", [1])
        try await store.execute(
            """
            WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
            INSERT INTO draft (id, content, kept_at) SELECT 'draft-' || i, x'01', i FROM n
            """)
        await #expect(throws: StoreError.tooManyDrafts) { try await store.keepDraft("one more", [1]) }
        try await store.keepDraft("first", [2])
        #expect(try await store.draft("first") == [2])
        #expect(try await store.draft("one more") == nil)
    }
}

extension WindowStore {
    /// Lets the file not grow any more, but gives it so many free pages; nil lifts the limit.
    func limitPages(more: Int64?) throws {
        try database.execute("PRAGMA max_page_count = 1000000")
        guard let more else { return }
        try database.execute("CREATE TABLE filler (filling BLOB) STRICT")
        try database.execute("INSERT INTO filler VALUES (zeroblob(?))", .integer(more * 4092))
        try database.execute("DROP TABLE filler")
        // SQLite never sets the limit below the pages that there are.
        try database.execute("PRAGMA max_page_count = 1")
    }
}
