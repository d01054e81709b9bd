import Cryptography
import Foundation
import SealedWindow
import SyncProtocol

@testable import Persistence
@testable import WindowAgent

/// A window with a second copy on a medium of the test.
struct SecondCopyFixture {
    let machine: TestMachine
    let store: WindowStore
    let medium: MemoryMedium
    let writer: JournalWriter
    let key: StoreKey

    static let place = JournalSetting(path: "/media/backup")

    init(seed: Int = 1, medium: MemoryMedium = MemoryMedium(), isEnrolled: Bool = true) async throws {
        machine = try TestMachine(seed: seed)
        store = try await machine.open(isEnrolled: isEnrolled)
        (self.medium, key) = (medium, StoreKey(secret: SecretBytes(randomCount: 32)))
        let directory = AgentDirectory(path: machine.directory)
        _ = try AttachmentFiles(directory: directory.attachments, key: key.attachments)
        writer = JournalWriter(
            store: store, key: key, directory: directory, environment: machine.environment,
            makeMedium: { _ in medium })
    }

    var attachments: AttachmentFiles {
        get throws {
            try AttachmentFiles(
                directory: AgentDirectory(path: machine.directory).attachments, key: key.attachments)
        }
    }

    /// Lets some seconds pass, and waits until nothing lacks or the medium has failed.
    func catchUp() async throws {
        await writer.post(.saved)
        machine.pass(milliseconds: 40_000)
        await writer.post(.timePassed)
        while await writer.isAppending { await Task.yield() }
    }

    /// Recovers into another machine from what is on the medium now.
    func recover(
        on other: TestMachine, key: StoreKey? = nil
    ) async throws -> (report: RecoveryReport, store: WindowStore) {
        let reader = try JournalReader(medium)
        // The machine goes, with its directory, when nobody uses the store any more.
        let environment = WindowStore.Environment(
            milliseconds: { other.now }, random: other.environment.random)
        let recovery = try Recovery(reader, key: key ?? self.key, environment: environment)
        let report = try await recovery.run(into: other.path("data"))
        let store = try WindowStore(
            path: other.path("data/window.sqlite"), sealKey: (key ?? self.key).database,
            dictionary: .standard, environment: environment)
        return (report, store)
    }
}

extension WindowStore {
    /// Some saves of a busy window: new cases, edits, drafts.
    func work(_ count: Int, using random: inout SeededGenerator) throws {
        var cases = try self.cases(limit: 50).map(\.id).sorted()
        for number in 0..<count {
            switch Int.random(in: 0..<5, using: &random) {
            case 0: try keepDraft("form-\(number % 3)", Array("草稿 \(random.next())".utf8))
            case 1, 2: cases.append(try newCase(["childName": .text("测试\(random.next())")]))
            default:
                guard let id = cases.randomElement(using: &random) else { continue }
                _ = try edit(id, ["note": .text("记 \(random.next())")], .clerk)
            }
        }
    }

    /// What a recovered store must have as the lost one had it: contents with receipts, and drafts.
    func holdings() throws -> (changes: Set<String>, drafts: [String: [UInt8]]) {
        let changes = try database.rows("SELECT content, receipt, own_replica IS NOT NULL FROM change") {
            row throws(DatabaseError) in
            "\(try row.digestBytes(0)) \(try row.optionalBlob(1) ?? []) \(try row.integer(2))"
        }
        let drafts = try database.rows("SELECT id, content FROM draft") { row throws(DatabaseError) in
            (try row.text(0), try row.sealed(1, "draft.content"))
        }
        return (Set(changes), Dictionary(drafts) { $1 })
    }
}
