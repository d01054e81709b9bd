import Cryptography
import Foundation
import SyncProtocol
import Testing
import Web

@testable import CentralServer

@Suite("The identity of computers")
struct DeviceIdentityTests {
    private let world: World

    init() async throws {
        world = try World()
        _ = try await world.hospital("H1")
    }

    private var gate: DeviceGate { DeviceGate(store: world.store, environment: world.environment) }

    /// What a signed request comes to that only has to be let in and noted.
    private func present(_ request: Request, to gate: DeviceGate? = nil) async throws {
        let admission = try await (gate ?? self.gate).admit(request)
        let now = world.environment.now()
        _ = try await world.store.write { transaction throws(CentralError) in
            try admission.take(in: transaction, milliseconds: now)
        }
    }

    private func announce(
        _ next: Ed25519.SigningKey, by signer: Signer, proving prover: Ed25519.SigningKey? = nil
    )
        async throws
    {
        let admission = try await gate.admit(try signer.request(body: [], nonce: fresh()))
        let publicKey = next.publicKey.bytes
        let message = DeviceKeyProof.message(device: signer.device.id.description, publicKey: publicKey)
        try await world.fleet.announce(publicKey, proof: (prover ?? next).sign(message), by: admission)
    }

    private func fresh() -> String { world.environment.randomBytes(8).hexadecimal }

    @Test(
        "An announced key and the present one are both good until the announced one was seen; announcing again is harmless"
    )
    func rotation() async throws {
        let old = try await Signer(world)
        var new = old
        new.key = Ed25519.SigningKey()
        await #expect(throws: CentralError.refused(.unauthorised)) {
            try await present(try new.request(body: [1], nonce: fresh()))
        }
        // The first answer may have been lost: the agent says it again.
        try await announce(new.key, by: old)
        try await announce(new.key, by: old)
        try await present(try old.request(body: [1], nonce: fresh()))
        // A request that is let in but has no effect does not retire the old key.
        _ = try await gate.admit(try new.request(body: [1], nonce: fresh()))
        try await present(try old.request(body: [1], nonce: fresh()))
        try await present(try new.request(body: [1], nonce: fresh()))
        await #expect(throws: CentralError.refused(.unauthorised)) {
            try await present(try old.request(body: [1], nonce: fresh()))
        }
        // The agent may not have heard even that.
        try await announce(new.key, by: new)
        try await present(try new.request(body: [1], nonce: fresh()))
    }

    @Test("A key that does not vouch for itself, or is another computer's, is not taken")
    func badAnnouncements() async throws {
        let (signer, other) = (try await Signer(world), try await Signer(world))
        let next = Ed25519.SigningKey()
        await #expect(throws: CentralError.refused(.malformed("The key does not vouch for itself."))) {
            try await announce(next, by: signer, proving: signer.key)
        }
        await #expect(throws: CentralError.refused(.taken)) { try await announce(other.key, by: signer) }
        try await announce(next, by: other)
        await #expect(throws: CentralError.refused(.taken)) { try await announce(next, by: signer) }
        let token = try await world.fleet.issueToken(for: "H1").token.text
        await #expect(throws: CentralError.refused(.taken)) {
            try await world.fleet.enrol(token: token, publicKey: next.publicKey.bytes)
        }
    }

    @Test(
        "A request that had its effect is refused after a restart, and by another process over the same store"
    )
    func replayAfterRestart() async throws {
        let signer = try await Signer(world)
        let request = try signer.request(body: [1], nonce: "once")
        try await present(request)
        await #expect(throws: CentralError.refused(.replayed)) { try await present(request, to: gate) }
        // Until its time alone refuses it, and the note of it is forgotten only later.
        world.clock.withLock { $0 += UInt64(DeviceGate.toleranceSeconds) * 1000 }
        await #expect(throws: CentralError.refused(.replayed)) { try await present(request, to: gate) }
        world.clock.withLock { $0 += 1000 }
        let now = world.environment.now()
        await #expect(throws: CentralError.refused(.wrongTime(centralMilliseconds: now))) {
            try await present(request, to: gate)
        }
        // Nobody else's nonce counts.
        try await present(try await Signer(world).request(body: [1], nonce: "once"))
    }

    @Test("Notes of requests are forgotten when their time has gone by twice")
    func forgets() async throws {
        let signer = try await Signer(world)
        try await present(try signer.request(body: [1], nonce: "a"))
        world.clock.withLock { $0 += DeviceGate.memoryMilliseconds + 1 }
        try await present(try signer.request(body: [1], nonce: "b"))
        let now = world.environment.now()
        let isNew = try await world.store.write { transaction throws(CentralError) in
            [
                try transaction.note("a", of: signer.device.id, milliseconds: now),
                try transaction.note("b", of: signer.device.id, milliseconds: now),
            ]
        }
        #expect(isNew == [true, false])
    }

    @Test(
        "A revoked computer is answered as an unknown one is, word for word; the log says it, of a true signature only"
    )
    func revoked() async throws {
        let lines = Guarded<[String]>([])
        var environment = world.environment
        environment.log = { event in lines.withLock { $0.append(event.sentence) } }
        let gate = DeviceGate(store: world.store, environment: environment)
        let signer = try await Signer(world)
        let next = Ed25519.SigningKey()
        try await announce(next, by: signer)
        try await world.fleet.revoke(signer.device.id)
        var renewed = signer
        renewed.key = next
        var impostor = signer
        impostor.key = Ed25519.SigningKey()
        for one in [signer, renewed, impostor] {
            await #expect(throws: CentralError.refused(.unauthorised)) {
                try await gate.admit(try one.request(body: [1], nonce: fresh()))
            }
        }
        let line = "device \(signer.device.id) was refused: it is revoked"
        #expect(lines.withLock { $0 } == [line, line])
        await #expect(throws: CentralError.refused(.unknownDevice)) {
            try await world.fleet.revoke(DeviceID(rawValue: world.newCase()))
        }
    }

    @Test("One that is let in and revoked before its turn has no effect")
    func revokedMeanwhile() async throws {
        let signer = try await Signer(world)
        let admission = try await gate.admit(try signer.request(body: [1], nonce: fresh()))
        try await world.fleet.revoke(signer.device.id)
        await #expect(throws: CentralError.refused(.unauthorised)) {
            try await world.store.write { transaction throws(CentralError) in
                try admission.take(in: transaction, milliseconds: 1)
            }
        }
    }

    @Test(
        "Enrolments that fail are bounded by address and overall; those that succeed do not count; a window later all may"
    )
    func attempts() {
        var attempts = EnrolmentAttempts()
        func begin(_ address: String, _ now: UInt64) -> Bool { attempts.begin(from: address, now: now) }
        for _ in 0..<1000 {
            #expect(begin("a", 5))
            attempts.succeed(from: "a")
        }
        for _ in 0..<EnrolmentAttempts.perAddressMax { #expect(begin("a", 5)) }
        #expect(!begin("a", 5))
        for number in EnrolmentAttempts.perAddressMax..<EnrolmentAttempts.overallMax {
            #expect(begin("b\(number)", 6))
        }
        #expect(!begin("c", 7))
        #expect(!begin("c", 4 + EnrolmentAttempts.windowMilliseconds))
        #expect(begin("a", 5 + EnrolmentAttempts.windowMilliseconds))
        // One that began in the window before succeeds in this one.
        attempts.succeed(from: "b30")
        #expect(begin("a", 0))
    }

    @Test(
        "Guessing tokens is answered with 429 in time, also for a good token, and no longer ten minutes later"
    )
    func guessing() async throws {
        let api = CentralAPI(
            store: world.store, books: world.books, environment: world.environment,
            intake: Intake(store: world.store, books: world.books), gate: gate, staffTokenHash: [],
            dictionary: nil)
        let router = api.router { _, _ in }
        let good = try await world.fleet.issueToken(for: "H1").token.text
        func enrol(_ token: String, from address: String = "192.0.2.7") async -> Int {
            let key = Data(Ed25519.SigningKey().publicKey.bytes).base64EncodedString()
            let body = #"{"token":"\#(token)","publicKey":"\#(key)","software":"t"}"#
            return await router.respondByContract(
                to: Request(.post, "/sync/v1/enrolment", body: Array(body.utf8), remoteAddress: address)
            ).status
        }
        for _ in 0..<EnrolmentAttempts.perAddressMax { #expect(await enrol("guess") == 401) }
        #expect(await enrol(good) == 429)
        #expect(await enrol(good, from: "192.0.2.8") == 200)
        world.clock.withLock { $0 += EnrolmentAttempts.windowMilliseconds }
        #expect(await enrol(try await world.fleet.issueToken(for: "H1").token.text) == 200)
    }

    @Test(
        "One key in two places is told: two openings' replicas that grow in turn; a restart and a repair are not that"
    )
    func twoPlaces() async throws {
        let ward = try await world.hospital("H2")
        var (first, second) = (Writer(1), Writer(2))
        func count() async throws -> UInt64? {
            try await world.fleet.devices(of: "H2").first?.twoPlacesCount
        }
        try first.write(world.newCase(), [20: (CBOR.name("a"), [])])
        try await ward.push(first.run())
        // The program was started again: what waited comes first, then the new opening's.
        try first.write(world.newCase(), [20: (CBOR.name("b"), [])])
        try second.write(world.newCase(), [20: (CBOR.name("c"), [])])
        try await ward.push(first.run(2), second.run())
        // Answers were lost: all of it comes again.
        try await ward.push(first.run(), second.run())
        #expect(try await count() == 0)
        // A repair brings things in any order.
        try first.write(world.newCase(), [20: (CBOR.name("d"), [])])
        var repair = ward.request([first.run(3)])
        repair.isRepair = true
        try await ward.exchange(repair)
        try second.write(world.newCase(), [20: (CBOR.name("e"), [])])
        try await ward.push(second.run(2))
        #expect(try await count() == 0)
        // Now the earlier one grows beside the later one.
        try first.write(world.newCase(), [20: (CBOR.name("f"), [])])
        try await ward.push(first.run(4))
        #expect(try await count() == 1)
        try second.write(world.newCase(), [20: (CBOR.name("g"), [])])
        try await ward.push(second.run(3))
        #expect(try await count() == 2)
        let alarms = try await world.store.read { transaction throws(CentralError) in
            try transaction.alarms(countMax: 10)
        }
        #expect(alarms.map(\.alarm) == [Alarm(kind: .twoPlaces, subject: ward.device.id.description)])
    }
}
