import Cryptography
import Foundation
import SyncProtocol
import Testing
import Web

@testable import WindowAgent

@Suite("The identity of this window", .timeLimit(.minutes(2)))
struct DeviceIdentityTests {
    /// A central over HTTP that believes everything but the clock, and notes what it was told.
    private final class Registrar: Handler {
        struct Seen: Sendable {
            var paths: [String] = []
            var announced: [[UInt8]] = []
            var isProven = true
            /// Answers to announcements that are lost: the request was understood, and the connection says nothing useful.
            var losses = 0
        }

        let seen = Guarded(Seen())

        func respond(to request: Request) async throws -> Response {
            seen.withLock { $0.paths.append(request.path) }
            if request.path == "/sync/v1/enrolment" {
                return try .json([
                    "hospital": DeviceIdentityTests.hospital, "code": "YF", "name": "n",
                    "device": DeviceIdentityTests.device,
                    "centralKey": Data(Ed25519.SigningKey.test.publicKey.bytes).base64EncodedString(),
                    "recoveryKey": Data(SealedBox.OpeningKey.test.publicKey.bytes).base64EncodedString(),
                ])
            }
            let signature = try MessageSignature(
                signatureInput: request.headers["Signature-Input"], signature: request.headers["Signature"])
            let now = Int64(Date().timeIntervalSince1970)
            guard abs(signature.parameters.created - now) < 900 else { return Response(status: 401) }
            return takeKey(try JSONDecoder().decode([String: Data].self, from: Data(request.body)))
        }

        private func takeKey(_ body: [String: Data]) -> Response {
            let publicKey = [UInt8](body["publicKey"] ?? Data())
            let message = DeviceKeyProof.message(device: DeviceIdentityTests.device, publicKey: publicKey)
            let isProven =
                Ed25519.PublicKey(bytes: publicKey)?.verifies([UInt8](body["proof"] ?? Data()), of: message)
                ?? false
            return seen.withLock { seen in
                seen.announced.append(publicKey)
                seen.isProven = seen.isProven && isProven
                seen.losses -= 1
                return seen.losses >= 0 ? Response(status: 502) : .noContent
            }
        }
    }

    private static let hospital = "01a1fdca-3ff3-7fde-b2a1-f0bce69303f1"
    private static let device = "01a1fdca-3ff3-7fde-b2a1-f0bce69303f2"

    private final class Place: Sendable {
        let folder: String
        let registrar = Registrar()
        let server: Server

        init() throws {
            folder =
                FileManager.default.temporaryDirectory.path
                + "/birthwindow-identity-\(UInt64.random(in: 0 ... .max))"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            server = try Server(configuration: Server.Configuration(), handler: registrar)
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }

        var key: String { folder + "/device.key" }
        var address: String { "http://127.0.0.1:\(server.port)" }
        var enroller: HTTPEnroller { HTTPEnroller(keyPath: key, authorityPath: folder + "/authority.pem") }

        func rotation(milliseconds: UInt64) throws -> DeviceKeyRotation {
            let (address, key) = (address, key)
            let link = HTTPCentralLink(
                address: { HTTPCentralLink.Address(central: address, device: DeviceIdentityTests.device) },
                key: { try DeviceKey.load(key) },
                dictionary: try ZstandardDictionary(ExchangeDictionary.bytes),
                environment: WindowStore.Environment(
                    milliseconds: { milliseconds }, random: { .random(in: 0 ... .max) }))
            return DeviceKeyRotation(keyPath: key, link: link)
        }
    }

    @Test(
        "A clock that is wrong by years hinders neither an enrolment nor what is signed",
        arguments: [0, 4_000_000_000_000])
    func wrongClock(milliseconds: UInt64) async throws {
        let place = try Place()
        let enrolment = try await place.enroller.enrol(
            EnrolmentOrder(central: place.address + "/", token: "t"))
        #expect(enrolment.code == "YF" && enrolment.central == place.address)
        let new = try await place.rotation(milliseconds: milliseconds).rotate()
        #expect(try DeviceKey.load(place.key).publicKey.bytes == new)
        #expect(place.registrar.seen.withLock { $0.isProven })
        await place.server.stop()
    }

    @Test(
        "A rotation whose answer is lost, or that is cut at any step, keeps a good key in place and goes on with the same next one"
    )
    func cutRotation() async throws {
        let place = try Place()
        let now = UInt64(Date().timeIntervalSince1970 * 1000)
        let old = try DeviceKey.loadOrMake(place.key).publicKey
        let rotation = try place.rotation(milliseconds: now)
        place.registrar.seen.withLock { $0.losses = 2 }
        for _ in 0..<2 {
            await #expect(throws: LinkError.self) { try await rotation.rotate() }
            #expect(try DeviceKey.load(place.key).publicKey == old)
        }
        // Cut before central heard of it, the next key is there as well.
        let next = try DeviceKey.load(place.key + ".next").publicKey
        #expect(try await rotation.rotate() == next.bytes)
        #expect(try DeviceKey.load(place.key).publicKey == next)
        #expect(!FileManager.default.fileExists(atPath: place.key + ".next"))
        #expect(place.registrar.seen.withLock { $0.announced } == [next.bytes, next.bytes, next.bytes])
        // Given again it is a change of its own.
        #expect(try await rotation.rotate() != next.bytes)
        await place.server.stop()
    }

    @Test("Commands at once share a rotation: the key that is in place was announced")
    func rotationsAtOnce() async throws {
        let place = try Place()
        let now = UInt64(Date().timeIntervalSince1970 * 1000)
        _ = try DeviceKey.loadOrMake(place.key)
        let rotation = try place.rotation(milliseconds: now)
        let keys = try await withThrowingTaskGroup { group in
            for _ in 0..<8 { group.addTask { try await rotation.rotate() } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let key = try DeviceKey.load(place.key).publicKey.bytes
        #expect(keys.contains(key))
        #expect(place.registrar.seen.withLock { $0.announced.contains(key) })
        #expect(!FileManager.default.fileExists(atPath: place.key + ".next"))
        await place.server.stop()
    }

    @Test("Whoever makes a key at once with others gets the one that is in the file")
    func keysAtOnce() async throws {
        let place = try Place()
        let path = place.key + ".shared"
        let keys = try await withThrowingTaskGroup { group in
            for _ in 0..<16 { group.addTask { try DeviceKey.loadOrMake(path).publicKey.bytes } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(keys == [try DeviceKey.load(path).publicKey.bytes])
    }

    @Test(
        "An address that is none, or not encrypted and not this machine, is refused before anything is sent or made",
        arguments: [
            "http://192.0.2.1:8730", "http://central.example", "http://127.evil.example",
            "http://localhost.example",
            "central.example:8730", "ftp://127.0.0.1", "https://", "https://user@central.example",
            "https://central.example/?a=b", "http://127.0.0.1/" + String(repeating: "a", count: 512), "",
        ])
    func badAddresses(address: String) async throws {
        let place = try Place()
        let error = await #expect(throws: EnrolmentError.self) {
            try await place.enroller.enrol(EnrolmentOrder(central: address, token: "t"))
        }
        if address.hasPrefix("http://"), address.utf8.count < 500 {
            #expect(error?.description.contains("--allow-plain-http") == true)
        }
        #expect(!FileManager.default.fileExists(atPath: place.key))
        await place.server.stop()
    }

    @Test("A token that names its authority asks for exactly that, and goes nowhere otherwise")
    func pinnedToken() async throws {
        let place = try Place()
        let pem = "-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n"
        let fingerprint = try #require(AuthorityFingerprint.of(pem: pem))
        #expect(fingerprint == "039058c6f2c0cb492c533b0a4d14ef77")
        var order = EnrolmentOrder(central: place.address, token: "t.\(fingerprint)")
        for wrong in [nil, pem.replacing("AQID", with: "AQIE"), "no certificate"] {
            order.authority = wrong
            await #expect(throws: EnrolmentError.self) { try await place.enroller.enrol(order) }
        }
        let large = EnrolmentOrder(central: place.address, token: "t")
        order = large
        order.authority = pem + String(repeating: "x", count: TLSIdentity.certificateBytesMax)
        await #expect(throws: EnrolmentError.self) { try await place.enroller.enrol(order) }
        #expect(place.registrar.seen.withLock { $0.paths } == [])
        order = EnrolmentOrder(central: place.address, token: "t.\(fingerprint)")
        order.authority = pem
        _ = try await place.enroller.enrol(order)
        // It is kept for the exchanges, and dropped by an enrolment without one.
        #expect(FileManager.default.fileExists(atPath: place.folder + "/authority.pem"))
        _ = try await place.enroller.enrol(EnrolmentOrder(central: place.address, token: "t"))
        #expect(!FileManager.default.fileExists(atPath: place.folder + "/authority.pem"))
        await place.server.stop()
    }
}
