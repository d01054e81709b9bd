import Cryptography
import SyncProtocol
import Testing
import Web

@testable import CentralServer

@Suite("Hospitals, enrolment and signatures")
struct FleetTests {
    @Test("A hospital's code, name and policies are the first entry of its feed, and changes of them follow")
    func record() async throws {
        let world = try World()
        let ward = try await world.hospital("H1")
        let particulars = Fleet.Particulars(code: "H2", name: "New name", policies: ["gx"])
        let amended = try await world.fleet.amend("H1", to: particulars, by: "t")
        #expect(amended.id == ward.hospital.id && amended.code == "H2")
        let state = try await world.state(of: ward.hospital.id.record)
        #expect(world.books.casebook.hospitalIdentity(in: state)?.name == "New name")
        #expect(try await world.feed(of: ward.hospital.id).count == 2)
        await #expect(throws: CentralError.refused(.taken)) {
            try await world.fleet.add(particulars, by: "t")
        }
        await #expect(throws: CentralError.refused(.unknownHospital)) {
            try await world.fleet.amend("H1", to: particulars, by: "t")
        }
    }

    @Test("An enrolment token is good once, for a day, for one key; the same key hears the same again")
    func tokens() async throws {
        let world = try World()
        let ward = try await world.hospital("H1")
        let (key, rival) = (world.environment.randomBytes(32), world.environment.randomBytes(32))
        let token = try await world.fleet.issueToken(for: "H1").token.text
        let first = try await world.fleet.enrol(token: token, publicKey: key)
        #expect(first.hospital.id == ward.hospital.id)
        #expect(try await world.fleet.enrol(token: token, publicKey: key).device.id == first.device.id)
        let late = try await world.fleet.issueToken(for: "H1").token.text
        await #expect(throws: CentralError.refused(.taken)) {
            try await world.fleet.enrol(token: late, publicKey: key)
        }
        world.clock.withLock { $0 += Fleet.tokenMilliseconds }
        for (wrong, wrongKey) in [
            (token, rival), (late, rival), (String(repeating: "0", count: 64), rival), ("", rival),
        ] {
            await #expect(throws: CentralError.refused(.unauthorised)) {
                try await world.fleet.enrol(token: wrong, publicKey: wrongKey)
            }
        }
    }

    @Test("The status tells last contact, lag, outbox, clock error and software")
    func status() async throws {
        let world = try World()
        let ward = try await world.hospital("H1")
        var writer = Writer(1)
        try writer.write(world.newCase(), [202: ([.text("x")], [])])
        var request = ward.request([writer.run()])
        request.milliseconds = world.environment.now() - 5_000
        request.report = ExchangeRequest.Report(outboxCount: 7, oldestMilliseconds: 9, softwareVersion: "0.1")
        try await ward.exchange(request)
        let status = try await world.fleet.status(of: "H1")
        let contact = try #require(status.computers.first?.contact)
        #expect(contact.clockErrorMilliseconds == -5_000 && contact.report == request.report)
        #expect(status.lag(of: status.computers[0]) == 3 && status.asideCount == 1)
    }

    @Test("A nonce is taken once; a full memory takes nothing more until the window has gone by")
    func nonces() {
        var memory = NonceMemory(windowMilliseconds: 10, countMax: 2)
        let device = DeviceID(rawValue: CaseID(milliseconds: 1, random: (1, 1)))
        let taken = [("a", 0), ("a", 1), ("b", 2), ("c", 3), ("c", 21), ("b", 21)].map { nonce, now in
            memory.take(nonce, of: device, now: now)
        }
        #expect(taken == [true, false, true, false, true, false])
    }

    @Test("Only a request that an enrolled computer signed, lately and once, is let in")
    func gate() async throws {
        let world = try World()
        _ = try await world.hospital("H1")
        let signer = try await Signer(world)
        let gate = DeviceGate(store: world.store, environment: world.environment)
        let request = try signer.request(body: [1, 2, 3])
        #expect(try await gate.admit(request).device.id == signer.device.id)
        await #expect(throws: CentralError.refused(.replayed)) { try await gate.admit(request) }
        var tampered = try signer.request(body: [1, 2, 3], nonce: "n2")
        tampered.body = [1, 2, 4]
        let stranger = try signer.request(
            body: [1], nonce: "n3", keyID: DeviceID(rawValue: world.newCase()).description)
        var bare = try signer.request(body: [1], nonce: "n4")
        bare.headers["Signature"] = nil
        for refused in [tampered, stranger, bare] {
            await #expect(throws: CentralError.refused(.unauthorised)) { try await gate.admit(refused) }
        }
        let now = world.environment.now()
        let late = try signer.request(body: [1], nonce: "n5", secondsLate: 901)
        await #expect(throws: CentralError.refused(.wrongTime(centralMilliseconds: now))) {
            try await gate.admit(late)
        }
        try await world.fleet.revoke(signer.device.id)
        let revoked = try signer.request(body: [1], nonce: "n6")
        await #expect(throws: CentralError.refused(.unauthorised)) { try await gate.admit(revoked) }
    }
}

/// An enrolled computer that signs requests.
struct Signer {
    let world: World
    var key = Ed25519.SigningKey()
    let device: DeviceRecord

    init(_ world: World) async throws {
        self.world = world
        let token = try await world.fleet.issueToken(for: "H1").token.text
        device = try await world.fleet.enrol(token: token, publicKey: key.publicKey.bytes).device
    }

    func request(
        body: [UInt8], nonce: String = "n1", keyID: String? = nil, secondsLate: Int64 = 0
    ) throws -> Request {
        let digest = ContentDigest.field(for: body)
        let components = try MessageSignature.Components(
            method: "POST", path: "/sync/v1/exchange", contentDigest: digest)
        let fields = MessageSignature.sign(
            components, with: key, keyID: keyID ?? device.id.description,
            created: Int64(world.environment.now() / 1000) - secondsLate, nonce: nonce)
        return Request(
            .post, "/sync/v1/exchange",
            headers: [
                "Content-Type": ExchangeRequest.mediaType, "Content-Digest": digest,
                "Signature-Input": fields.signatureInput, "Signature": fields.signature,
            ], body: body)
    }
}
