import Cryptography
import Foundation
import SyncProtocol
import Web

/// Binds this window's device key to a hospital at central, with a token that works once.
package protocol Enroller: Sendable {
    func enrol(at central: String, token: String) async throws -> Enrolment
}

/// Why an enrolment failed.
package struct EnrolmentError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// `POST /sync/v1/enrolment` at central. The key is made at the first enrolment, in a file of its own.
struct HTTPEnroller: Enroller {
    let keyPath: String

    private struct Order: Encodable {
        let token: String
        let publicKey: String
        let software: String
    }

    private struct Answer: Decodable {
        let hospital: String
        let code: String
        let name: String
        let device: String
    }

    func enrol(at central: String, token: String) async throws -> Enrolment {
        let central = central.hasSuffix("/") ? String(central.dropLast()) : central
        let key = try DeviceKey.loadOrMake(keyPath)
        let order = Order(
            token: token, publicKey: Data(key.publicKey.bytes).base64EncodedString(),
            software: "birthwindow \(Agent.version)")
        let client = HTTPClient(configuration: HTTPClient.Configuration(baseURL: central))
        let answer: ClientResponse
        do {
            answer = try await client.send(
                ClientRequest(
                    .post, "/sync/v1/enrolment", headers: ["Content-Type": "application/json"],
                    body: Array(try JSONEncoder().encode(order))))
        } catch {
            throw EnrolmentError("Central cannot be reached: \(error) Check the address and the network.")
        }
        guard answer.status == 200 || answer.status == 201 else {
            // What is no problem of central's is somebody else's page: the status has to do.
            let problem = try? JSONDecoder().decode(Problem.self, from: Data(answer.body))
            throw EnrolmentError(
                "Central declined (HTTP \(answer.status)): \(problem?.detail ?? problem?.title ?? "no reason given")"
            )
        }
        guard let read = try? JSONDecoder().decode(Answer.self, from: Data(answer.body)),
            let record = CaseID(read.hospital)
        else { throw EnrolmentError("What answered is not central: check the address.") }
        return Enrolment(
            hospital: HospitalID(record: record), code: read.code, name: read.name, device: read.device,
            central: central)
    }
}

/// The Ed25519 key of this window, apart from the database.
enum DeviceKey {
    static func load(_ path: String) throws -> Ed25519.SigningKey {
        guard let key = Ed25519.SigningKey(seed: try KeyFile.read(path, byteCount: Ed25519.seedByteCount))
        else {
            throw EnrolmentError("The device key cannot be read.")
        }
        return key
    }

    static func loadOrMake(_ path: String) throws -> Ed25519.SigningKey {
        if FileManager.default.fileExists(atPath: path) { return try load(path) }
        let key = Ed25519.SigningKey()
        try KeyFile.write(key.seed, to: path)
        return key
    }
}
