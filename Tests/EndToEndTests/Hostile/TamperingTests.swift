import Cryptography
import FaultyLink
import Foundation
import Programs
import SyncProtocol
import Testing
import Web

/// Whoever sits between a window and central, or has a computer of its own.
@Suite("Requests that were tampered with", .timeLimit(.minutes(4)), .onThreads)
struct TamperingTests {
    private let stage: Stage
    private let central: Tool
    private let daemon: Daemon
    private let forger: Forger
    private let other: Forger

    init() throws {
        stage = try Stage("birthwindow-test")
        central = Tool("birthcentral", data: stage.directory.appending(path: "central"), stage: stage)
        daemon = try central.serve(log: stage.directory.appending(path: "central.log"))
        var forgers: [Forger] = []
        for code in ["YF", "LZ"] {
            let added = try central.run("hospital", "add", code, "--name", "县医院", "--policy", "gx")
            forgers.append(try Forger(at: daemon.port, token: added["token"].text))
        }
        (forger, other) = (forgers[0], forgers[1])
    }

    @Test("A request that came before is refused, also after central was killed and came back")
    func replays() throws {
        defer { stage.clear() }
        let request = try forger.signed(try forger.exchange())
        #expect(try forger.send(request) == Reply(200, ""))
        #expect(try forger.send(request) == Reply(401, "replayed"))
        daemon.strike()
        daemon.awaitEnd()
        let again = try central.serve()
        #expect(try Forger.send(request.bytes, to: again.port) == Reply(401, "replayed"))
        // A new one is welcome.
        let next = try forger.signed(try forger.exchange())
        #expect(try Forger.send(next.bytes, to: again.port) == Reply(200, ""))
    }

    @Test(
        "Whatever of a signed request is altered, taken away or signed by another key: refused, and nothing more is said"
    )
    func alterations() throws {
        defer { stage.clear() }
        let body = try forger.exchange()
        func altered(_ change: (inout Forger.Forged) throws -> Void) throws -> Forger.Forged {
            var request = try forger.signed(body)
            try change(&request)
            return request
        }
        let foreign = try other.exchange()
        let requests = try [
            // Another body, with the digest of the first and with its own; one that lacks its end.
            altered { $0.body = foreign },
            altered { ($0.body, $0.digest) = (foreign, ContentDigest.field(for: foreign)) },
            altered { $0.body.removeLast() },
            altered { $0.digest = "" },
            // Signed for another address.
            altered {
                $0 = try forger.signed(body, path: "/sync/v1/verify"); $0.path = "/sync/v1/exchange"
            },
            // Another time, nonce or name in what was signed.
            altered { $0.input = $0.input.replacing(";nonce=", with: ";expires=4000000000;nonce=") },
            altered { $0.input = $0.input.replacing("nonce=\"", with: "nonce=\"A") },
            altered { $0.input = $0.input.replacing(forger.device, with: other.device) },
            // Covering less.
            altered { $0.input = $0.input.replacing(" \"content-digest\"", with: "") },
            altered { $0.input = $0.input.replacing("\"@path\" ", with: "") },
            altered { $0.signature = "s=:" + String(repeating: "A", count: 86) + "==:" },
            altered { $0.signature = "" },
            altered { $0.input += ";alg=\"hmac-sha256\"" },
            // Signed by a key that is another computer's, or nobody's.
            forger.signed(body, by: other.key),
            forger.signed(body, by: Ed25519.SigningKey()),
        ]
        for (number, request) in requests.enumerated() {
            #expect(try forger.send(request) == Reply(401, "unauthorised"), "\(number)")
        }
        // A signature of its own does not open another hospital's records.
        #expect(try forger.send(try forger.signed(foreign)) == Reply(403, "other-hospital"))
        for seconds in [-1000, 1000] as [Int64] {
            #expect(try forger.send(try forger.signed(body, seconds: seconds)) == Reply(401, "wrong-time"))
        }
        #expect(try forger.send(try forger.signed(body)) == Reply(200, ""))
    }

    @Test("A signed request that is cut anywhere has no effect, and central goes on")
    func cuts() throws {
        defer { stage.clear() }
        let bytes = try forger.signed(try forger.exchange()).bytes
        for count in stride(from: 1, to: bytes.count, by: 37) {
            let wire = try Wire(to: daemon.port)
            wire.send(Array(bytes.prefix(count)))
            wire.finishSending()
            #expect(wire.rest().hasPrefix("HTTP/1.1 200") == false, "\(count)")
        }
        // None of the cut ones used its nonce up.
        #expect(try Forger.send(bytes, to: daemon.port) == Reply(200, ""))
    }

    @Test(
        "Changes that come in the wrong order, twice, or with a chain that does not fit enter as if they had come in order"
    )
    func order() throws {
        defer { stage.clear() }
        let replica = ReplicaID(rawValue: 0xB0B0)
        let caseID = CaseID(milliseconds: 1_750_000_000_000, random: (1, 2))
        var (bodies, chains) = ([[UInt8]](), [Chain.start])
        for edition in 1...3 as ClosedRange<UInt64> {
            let content = ChangeContent(
                writes: [GroupID(rawValue: 12): .init(value: [.text("王小明"), .null], replaces: [])],
                time: HybridTime(rawValue: edition), author: Author(role: .window, unit: "YF", user: "li"))
            let change = try Change(
                replica: replica, sequence: edition, caseID: caseID, edition: edition, content: content)
            bodies.append(change.body)
            chains.append(chains[chains.count - 1].appending(change.id))
        }
        func push(_ first: Int, _ count: Int, chain: Chain) throws -> Reply {
            var request = ExchangeRequest(
                hospital: forger.hospital, budget: 65_536,
                milliseconds: UInt64(Date.now.timeIntervalSince1970 * 1000))
            let run = Array(bodies[(first - 1)..<(first - 1 + count)])
            request.pushes = [.run(replica: replica, first: UInt64(first), chain: chain, bodies: run)]
            return try forger.send(try forger.signed(try forger.frame(request.encoded)))
        }
        func changes() throws -> Int {
            // A case that nobody knows yet is no error here.
            (try? central.run("case", "show", caseID.description)["changes"].number) ?? 0
        }
        #expect(try push(3, 1, chain: chains[2]).status == 200)
        #expect(try changes() == 0)
        #expect(try push(1, 1, chain: chains[0]).status == 200)
        #expect(try push(2, 1, chain: chains[0]).status == 200)
        #expect(try changes() == 1)
        for _ in 0..<2 { #expect(try push(1, 3, chain: chains[0]).status == 200) }
        #expect(try changes() == 3)
        #expect(
            try String(contentsOf: stage.directory.appending(path: "central.log"), encoding: .utf8)
                .contains("王小明") == false)
    }

    @Test("A computer that asks without end is told to come again, while another one goes on at its pace")
    func greed() throws {
        defer { stage.clear() }
        let body = try forger.exchange()
        var (refused, asked) = (0, 0)
        while refused < 20, asked < 4000 {
            asked += 1
            let answer = try forger.send(try forger.signed(body))
            guard answer != Reply(200, "") else { continue }
            refused += 1
            #expect(answer == Reply(429, "too-fast"))
        }
        #expect(refused == 20)
        #expect(try other.send(try other.signed(try other.exchange())) == Reply(200, ""))
    }
}
