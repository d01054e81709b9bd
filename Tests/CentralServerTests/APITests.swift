import Cryptography
import Foundation
import SyncProtocol
import Testing
import Web

@testable import CentralServer

@Suite("The HTTP interface")
struct APITests {
    private let world: World
    private let api: CentralAPI
    private let router: Router
    private let staff: Token

    init() throws {
        world = try World()
        staff = Token(world.environment)
        api = world.api(for: staff, dictionary: try ZstandardDictionary(Array("birthwindow".utf8)))
        router = api.router { _, _ in }
    }

    private func call(
        _ method: Method, _ target: String, _ body: String = "", token: String? = nil
    ) async -> (status: Int, json: [String: Any]) {
        let response = await router.respondByContract(
            to: Request(
                method, target, headers: ["Authorization": "Bearer \(token ?? staff.text)"],
                body: Array(body.utf8)))
        // An empty body is none.
        let json = try? JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any]
        return (response.status, json ?? [:])
    }

    private func problem(_ response: Response) -> String? {
        let json = try? JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any]  // as above
        return (json?["type"] as? String)?.split(separator: ":").last.map(String.init)
    }

    private func signed(_ bytes: [UInt8], _ signer: Signer, nonce: String) throws -> Request {
        try signer.request(
            body: try Zstandard.compress(bytes, dictionary: api.dictionary), nonce: nonce)
    }

    @Test("Add a hospital, enrol a computer, exchange, see the status")
    func wholeWay() async throws {
        #expect(
            await call(.post, "/api/v1/hospitals", #"{"code":"H1","name":"A","policies":["gx"]}"#).status
                == 201)
        let token = await call(.post, "/api/v1/hospitals/H1/enrolment-tokens").json["token"] as? String
        let key = Ed25519.SigningKey()
        let publicKey = Data(key.publicKey.bytes).base64EncodedString()
        let enrolment = #"{"token":"\#(token ?? "")","publicKey":"\#(publicKey)","software":"0.1"}"#
        let enrolled = await call(.post, "/sync/v1/enrolment", enrolment, token: "none")
        #expect(enrolled.status == 200 && enrolled.json["code"] as? String == "H1")
        let signer = try await Signer(world)
        var writer = Writer(1)
        try writer.write(world.newCase(), [20: (CBOR.name("n"), [])])
        var request = ExchangeRequest(
            hospital: signer.device.hospital, budget: 1_000, milliseconds: world.environment.now())
        request.pushes = [writer.run()]
        let response = await router.respondByContract(to: try signed(request.encoded, signer, nonce: "a"))
        #expect(response.status == 200 && response.headers["Content-Type"] == ExchangeRequest.mediaType)
        let bytes = try Zstandard.decompress(response.body, dictionary: api.dictionary, bytesMax: 1 << 20)
        #expect(
            try ExchangeResponse(decoding: bytes).stored == [Watermark(replica: writer.replica, sequence: 1)])
        let status = await call(.get, "/api/v1/hospitals/H1/status")
        #expect((status.json["computers"] as? [Any])?.count == 2 && status.json["position"] as? Int == 2)
        #expect((await call(.get, "/api/v1/cases?hospital=H1").json["cases"] as? [Any])?.count == 1)
    }

    @Test("Bodies that are no exchange get a clear problem and change nothing")
    func badBodies() async throws {
        let ward = try await world.hospital("H1")
        let signer = try await Signer(world)
        var writer = Writer(1)
        try writer.write(world.newCase(), [20: (CBOR.name("n"), [])])
        var request = ExchangeRequest(hospital: ward.hospital.id, budget: 1, milliseconds: 1)
        request.pushes = [writer.run()]
        let good = request.encoded
        var version = request
        version.version = 2
        var elsewhere = request
        elsewhere.hospital = HospitalID(record: world.newCase())
        var notCanonical = good
        notCanonical.insert(contentsOf: [0x18], at: 2)
        let cases: [(String, [UInt8], Int)] = [
            ("malformed", [UInt8](repeating: 0, count: SyncProtocol.Limits.exchangeBytesMax + 1), 400),
            ("malformed", Array(good.dropLast()), 400), ("malformed", notCanonical, 400),
            ("malformed", Array("hello".utf8), 400), ("malformed", [], 400),
            ("unsupported-version", version.encoded, 400), ("other-hospital", elsewhere.encoded, 403),
        ]
        let caches = try await world.caches()
        for (index, (code, bytes, status)) in cases.enumerated() {
            let response = await router.respondByContract(to: try signed(bytes, signer, nonce: "n\(index)"))
            #expect(response.status == status && problem(response) == code, "case \(index)")
        }
        let raw = await router.respondByContract(to: try signer.request(body: good, nonce: "raw"))
        #expect(problem(raw) == "malformed")
        #expect(try await world.caches() == caches)
        #expect(try await world.feed(of: ward.hospital.id).count == 1)
    }

    @Test(
        "Staff and department addresses refuse every other token",
        arguments: [
            "/api/v1/hospitals", "/api/v1/cases", "/api/v1/desk/queue", "/api/v1/desk/counts",
            "/api/v1/strays",
            "/api/v1/departments", "/api/v1/departments/police/tasks", "/api/v1/policies",
            "/api/v1/calendars", "/api/v1/stock", "/api/v1/collisions",
        ])
    func tokens(target: String) async throws {
        let department = try await api.departmentDesk.add("health", name: "H")
        for token in ["", String(repeating: "0", count: 64), department.text] {
            #expect(await call(.get, target, token: token).status == 401)
        }
    }

    @Test("Conflicts are listed, settled, and a stale settlement answers with what stands")
    func settling() async throws {
        let ward = try await world.hospital("H1")
        let caseID = world.newCase()
        var (one, other) = (Writer(1), Writer(2))
        let dots = [
            try one.write(caseID, [20: (CBOR.name("a"), [])]).dot,
            try other.write(caseID, [20: (CBOR.name("b"), [])]).dot,
        ]
        try await ward.push(one.run(), other.run())
        #expect((await call(.get, "/api/v1/desk/queue").json["entries"] as? [Any])?.count == 1)
        let path = "/api/v1/desk/settlements"
        func body(_ seen: [Dot]) -> String {
            let list = seen.map { "\"\($0)\"" }.joined(separator: ",")
            let entry =
                #"{"caseID":"\#(caseID)","group":20,"seen":[\#(list)],"value":{"childName":"丙丙"}}"#
            return #"{"reason":"r","settlements":[\#(entry)]}"#
        }
        func outcome(_ body: String) async -> [String: Any] {
            (await call(.post, path, body).json["outcomes"] as? [[String: Any]])?.first ?? [:]
        }
        let stale = await outcome(body([dots[0]]))
        #expect(stale["outcome"] as? String == "stale" && (stale["standing"] as? [Any])?.count == 2)
        #expect(await outcome(body(dots))["outcome"] as? String == "settled")
        let edit = #"{"set":{"childName":"丁丁"}}"#
        // Without a policy nothing can be judged.
        #expect(await call(.patch, "/api/v1/cases/\(caseID)", edit).status == 400)
        try one.write(caseID, [1: ([.text("gx-yongfu"), .unsigned(1)], [])])
        try await ward.push(one.run())
        #expect(await call(.patch, "/api/v1/cases/\(caseID)", edit).status == 200)
        #expect(await call(.patch, "/api/v1/cases/\(caseID)", #"{"set":{"motherIdNo":"1"}}"#).status == 422)
        #expect(
            await call(.patch, "/api/v1/cases/\(caseID)", #"{"set":{"birthDate":"2025-09-26"}}"#).status
                == 409)
        let shown = await call(.get, "/api/v1/cases/\(caseID)").json
        #expect(
            shown["changes"] as? Int == 5
                && (shown["fields"] as? [String: Any])?["childName"] as? String == "丁丁")
        #expect(await call(.get, "/api/v1/cases/\(world.newCase())").status == 404)
        #expect(await call(.patch, "/api/v1/cases/\(caseID)", "{").status == 400)
    }

    @Test("Policies, calendars and ranges: published, listed, and refused with what is wrong")
    func records() async throws {
        _ = try await world.hospital("H1")
        let file = String(decoding: try policyFile("zz-test", version: 1), as: UTF8.self)
        for (target, body, status) in [
            ("/api/v1/policies?to=all", file, 200), ("/api/v1/policies", file, 400),
            ("/api/v1/policies?to=H9", file, 404), ("/api/v1/policies?to=,", file, 400),
            ("/api/v1/policies?to=all&file=zz.json", "{}", 422),
            ("/api/v1/policies?to=all", file.replacing("试点", with: "别名"), 409),
            (
                "/api/v1/calendars?to=H1",
                #"{"format":1,"year":2027,"holidays":{"2027-01-01":"元旦"},"workdays":{},"source":"s"}"#, 200
            ),
            ("/api/v1/calendars?to=H1", "{}", 422),
            ("/api/v1/ranges", #"{"hospital":"H1","first":"Z000000001","last":"Z000000009"}"#, 201),
            ("/api/v1/ranges", #"{"hospital":"H1","first":"Z000000001","last":"Z000000009"}"#, 200),
            ("/api/v1/ranges", #"{"hospital":"H1","first":"Z000000009","last":"Z000000010"}"#, 409),
            ("/api/v1/ranges", #"{"hospital":"H1","first":"Z000000019","last":"Z000000010"}"#, 400),
            ("/api/v1/ranges", #"{"hospital":"H1","first":"z1","last":"Z000000010"}"#, 400),
            ("/api/v1/ranges", #"{"hospital":"H1","first":"A000000001","last":"A000100001"}"#, 400),
            (
                "/api/v1/ranges",
                #"{"hospital":"H1","first":"A000000001","last":"A000000001","date":"2027-02-30"}"#, 400
            ),
            ("/api/v1/stock/voids", #"{"hospital":"H9","first":"Z000000001","reason":"r"}"#, 404),
            ("/api/v1/stock/voids", #"{"hospital":"H1","first":"Z000000001","reason":""}"#, 400),
            ("/api/v1/stock/voids", #"{"hospital":"H1","first":"z1","reason":"r"}"#, 400),
            ("/api/v1/stock/voids", #"{"hospital":"H1","first":"Z000000010","reason":"r"}"#, 409),
            (
                "/api/v1/stock/voids",
                #"{"hospital":"H1","first":"Z000000008","last":"Z000000009","reason":"r","isDryRun":true}"#,
                200
            ),
        ] {
            let answer = await call(.post, target, body)
            #expect(answer.status == status, "\(target) \(body.prefix(60)): \(answer.json)")
        }
        let wrong = await call(.post, "/api/v1/policies?to=all&file=zz.json", #"{"format": 1, "id": 3}"#)
        #expect((wrong.json["detail"] as? String)?.hasPrefix("zz.json: ") ?? false)
        let policies = await call(.get, "/api/v1/policies").json["policies"] as? [[String: Any]]
        #expect(policies?.contains { $0["id"] as? String == "zz-test" } ?? false)
        let stock = await call(.get, "/api/v1/stock").json["stock"] as? [[String: Any]]
        #expect(stock?.first?["remaining"] as? Int == 9)
        #expect((await call(.get, "/api/v1/calendars?hospital=H1").json["calendars"] as? [Any])?.count == 1)
        #expect(await call(.get, "/api/v1/calendars?hospital=H9").status == 404)
        #expect((await call(.get, "/api/v1/collisions").json["collisions"] as? [Any])?.isEmpty == true)
        #expect((await call(.get, "/api/v1/cases").json["cases"] as? [Any])?.isEmpty == true)
    }

    @Test(
        "A directory keeps store, keys and token from one start to the next, and admits one central at a time"
    )
    func opening() async throws {
        let directory = try TemporaryDirectory()
        var central: Central? = try Central.open(directory: directory.path)
        let token = try String(contentsOfFile: directory.path + "/staff.token", encoding: .utf8)
        func status() async -> Int? {
            await central?.router().respondByContract(
                to: Request(.get, "/api/v1/hospitals", headers: ["Authorization": "Bearer \(token)"])
            ).status
        }
        #expect(await status() == 200)
        #expect(throws: (any Error).self) { try Central.open(directory: directory.path) }
        central = nil
        central = try Central.open(directory: directory.path)
        #expect(await status() == 200)
        central = nil
        // The recovery key may be in a safe.
        try FileManager.default.removeItem(atPath: directory.path + "/recovery.key")
        central = try Central.open(directory: directory.path)
        #expect(await status() == 200)
        central = nil
        for name in ["receipt.key", "central.key", "recovery.public"] {
            let path = directory.path + "/" + name
            try FileManager.default.moveItem(atPath: path, toPath: path + ".away")
            #expect(throws: CentralStartError.keyMissing(name)) {
                try Central.open(directory: directory.path)
            }
            try FileManager.default.moveItem(atPath: path + ".away", toPath: path)
        }
    }
}
