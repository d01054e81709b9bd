import Accounts
import Casework
import Glibc
import Persistence
import SealedWindow
import SyncProtocol
import Web
import WindowAgent

/// `WindowSaver save|fill|journal PATH SEED`: does to a store what a test cannot do to itself, and reports on its output.
@main
enum WindowSaver {
    static func main() async {
        guard CommandLine.arguments.count == 4, let seed = UInt64(CommandLine.arguments[3]) else { exit(64) }
        let source = RandomSource(seed: seed)
        do {
            let store = try WindowStore(
                path: CommandLine.arguments[2], dictionary: .standard,
                environment: WindowStore.Environment(
                    milliseconds: { 1_760_000_000_000 + source.next() % 1000 }, random: { source.next() }))
            switch CommandLine.arguments[1] {
            case "save": try await saveForever(store, source)
            case "journal": try await journalForever(source)
            case "fill": try await fill(store, source)
            default: exit(64)
            }
        } catch {
            say("error \(error)")
        }
    }

    /// Saves with a second copy in `stick`, beside the store. Each look at the clock takes a tenth of a second.
    static func journalForever(_ source: RandomSource) async throws {
        let clock = Guarded<UInt64>(1_760_000_000_000)
        let environment = WindowStore.Environment(
            milliseconds: {
                clock.withLock { now in
                    now += 100
                    return now
                }
            }, random: { source.next() })
        let path = CommandLine.arguments[2]
        let directory = AgentDirectory(
            path: String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex)))
        let store = try WindowStore(path: path, dictionary: .standard, environment: environment)
        let writer = JournalWriter(
            store: store, key: try directory.storeKey(), directory: directory, environment: environment)
        try await writer.choose(JournalSetting(path: directory.path + "/stick", allowsSameDisk: true))
        let running = Task { await writer.run() }
        try await saveForever(store, source)
        running.cancel()
    }

    /// Says each save after it was answered: its save ID and the case.
    static func saveForever(_ store: WindowStore, _ source: RandomSource) async throws {
        var cases: [CaseID] = []
        while true {
            let saveID = String(source.next(), radix: 16)
            let saved: Saved
            if let known = cases.last, source.next() % 3 != 0 {
                let note = "\(saveID) " + String(repeating: "记", count: Int(source.next() % 3000))
                saved = try await witnessed(store) {
                    try await store.edit(
                        known, ["note": .text(note)], Saving(user: "clerk", saveID: saveID))
                }
            } else {
                saved = try await witnessed(store) { try await newCase(store, saveID) }
                cases.append(contentsOf: saved.cases.compactMap { CaseID($0.id) })
            }
            say("\(saveID) \(saved.cases.map(\.id).joined(separator: " "))")
        }
    }

    /// Saves as a clerk's request does: with its line in the audit log.
    private static func witnessed(
        _ store: WindowStore, _ save: @escaping @Sendable () async throws -> Saved
    ) async throws -> Saved {
        let result = Guarded<Result<Saved, any Error>?>(nil)
        var router = Router()
        router.on(.post, "/save", access: Permit.allowed(.editCase).label) { _ in
            AuditNote.current?.know(Viewer(account: nil, name: "clerk", site: .window, formToken: ""))
            do {
                let saved = try await save()
                result.withLock { $0 = .success(saved) }
            } catch { result.withLock { $0 = .failure(error) } }
            return .noContent
        }
        AuditWitness(AuditDesk(), site: .window, now: { 1_760_000_000_000 }) {
            try await store.record($0)
        }.watch(&router)
        _ = await router.respond(to: Request(.post, "/save"))
        guard let saved = result.withLock({ $0 }) else { exit(70) }
        return try saved.get()
    }

    /// Saves under a limit of the file's size until it is full, says so, and goes on when there is room again.
    static func fill(_ store: WindowStore, _ source: RandomSource) async throws {
        signal(SIGXFSZ, SIG_IGN)
        for step in 0..<12 {
            limitFiles(bytes: 150_000 + step * 37_003)
            var count = 0
            do {
                while true {
                    _ = try await newCase(store, "\(step)-\(count)")
                    count += 1
                }
            } catch let error as DatabaseError {
                say("\(error.kind)")
            }
            limitFiles(bytes: nil)
            _ = try await newCase(store, "\(step)-\(count)")  // the very save that failed
            let changes = try await store.figures().changes
            say("\(count + 1) \(changes)")
        }
    }

    private static func newCase(_ store: WindowStore, _ saveID: String) async throws -> Saved {
        guard let policy = PolicyLibrary.standard["gx-yongfu"] else { exit(70) }
        return try await store.newCases(
            [
                Answers([
                    "childName": .text("测试\(saveID)"), "note": .text(String(repeating: "记", count: 900)),
                ])
            ],
            policy: policy, Saving(user: "clerk", saveID: saveID))
    }

    private static func limitFiles(bytes: Int?) {
        var limit = rlimit()
        unsafe getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        limit.rlim_cur = bytes.map { rlim_t($0) } ?? limit.rlim_max
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    }

    /// Writes a line at once, by one system call.
    static func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = unsafe bytes.withUnsafeBytes { buffer in
            unsafe Glibc.write(STDOUT_FILENO, buffer.baseAddress, buffer.count)
        }
    }
}

/// Random numbers that a seed repeats (SplitMix64), for anybody who asks.
final class RandomSource: Sendable {
    private let state: Guarded<UInt64>

    init(seed: UInt64) { state = Guarded(seed) }

    func next() -> UInt64 {
        state.withLock { state in
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
            return mixed ^ mixed >> 31
        }
    }
}
