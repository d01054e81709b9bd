import Cryptography
import SyncProtocol
import Web

/// Lets in requests that an enrolled computer signed, lately, and once.
struct DeviceGate: Sendable {
    /// How far a signature's time may be from central's clock.
    static let toleranceSeconds: Int64 = 15 * 60

    /// How long the store remembers a nonce: a request is refused by its time alone afterwards, also by another process whose clock
    /// is as wrong as a computer's may be.
    static let memoryMilliseconds = 3 * UInt64(toleranceSeconds) * 1000

    private let store: any CentralStore
    private let environment: Environment
    private let restraint = Restraint(Restraint.deviceRates)
    private let nonces = Guarded(NonceMemory(windowMilliseconds: UInt64(toleranceSeconds) * 1000))

    init(store: any CentralStore, environment: Environment) {
        self.store = store
        self.environment = environment
    }

    /// Lets a request in that a computer signed. It counts only with ``Admission/take(in:milliseconds:)``.
    ///
    /// The nonces that this remembers keep floods of repeats from the store; the store's own, that repeats have no effect.
    ///
    /// - Throws: refusals only, and a store's failure. An unknown key, a revoked one and a bad signature look alike.
    func admit(_ request: Request) async throws(CentralError) -> Admission {
        let signature: MessageSignature
        let components: MessageSignature.Components
        do throws(MessageSignatureError) {
            signature = try MessageSignature(
                signatureInput: request.headers["Signature-Input"], signature: request.headers["Signature"])
            components = try MessageSignature.Components(
                method: request.method.rawValue, path: request.target,
                contentDigest: request.headers["Content-Digest"])
        } catch {
            throw CentralError.refused(.unauthorised)
        }
        try checkBody(of: request)
        let keyID = signature.parameters.keyID
        guard let device = try await device(named: keyID) else { throw CentralError.refused(.unauthorised) }
        let publicKey = try signer(of: signature, components, device)
        guard !device.isRevoked else {
            environment.log(
                LogEvent(
                    .warning, "device.refused", "device \(device.id) was refused: it is revoked",
                    ["device": "\(device.id)", "reason": "revoked"]))
            throw CentralError.refused(.unauthorised)
        }
        let nonce = signature.parameters.nonce
        let now = environment.now()
        // Who has proved nothing counts against nobody.
        try restraint.check(device.id.description, now: now)
        guard nonces.withLock({ $0.take(nonce, of: device.id, now: now) }) else {
            throw CentralError.refused(.replayed)
        }
        return Admission(device: device, nonce: nonce, publicKey: publicKey)
    }

    /// The device that signed a request which brings nothing about: the request is noted in a transaction of its own, and
    /// counts once.
    func device(of request: Request) async throws(CentralError) -> DeviceRecord {
        let admission = try await admit(request)
        let now = environment.now()
        return try await store.write { transaction throws(CentralError) in
            try admission.take(in: transaction, milliseconds: now)
        }
    }

    /// Which of the device's keys signed.
    private func signer(
        of signature: MessageSignature, _ components: MessageSignature.Components, _ device: DeviceRecord
    ) throws(CentralError) -> [UInt8] {
        var refusal = CentralError.refused(.unauthorised)
        for bytes in [device.publicKey, device.nextPublicKey].compactMap({ $0 }) {
            guard let key = Ed25519.PublicKey(bytes: bytes) else { continue }
            do throws(CentralError) {
                try verify(signature, components, key, device.id.description)
                return bytes
            } catch {
                refusal = error
            }
        }
        throw refusal
    }

    private func device(named keyID: String) async throws(CentralError) -> DeviceRecord? {
        guard let id = DeviceID(keyID) else { return nil }
        return try await store.read { transaction throws(CentralError) in try transaction.device(id) }
    }

    private func verify(
        _ signature: MessageSignature, _ components: MessageSignature.Components, _ key: Ed25519.PublicKey,
        _ keyID: String
    ) throws(CentralError) {
        let milliseconds = environment.now()
        let now = Int64(clamping: milliseconds / 1000)
        do throws(MessageSignatureError) {
            try signature.verify(
                components, with: key, keyID: keyID, now: now, toleranceSeconds: Self.toleranceSeconds)
        } catch {
            guard case .tooFarInTime = error else { throw CentralError.refused(.unauthorised) }
            throw CentralError.refused(.wrongTime(centralMilliseconds: milliseconds))
        }
    }

    /// A body must be vouched for by the digest that the signature covers.
    private func checkBody(of request: Request) throws(CentralError) {
        if request.body.isEmpty, request.headers["Content-Digest"] == nil { return }
        guard let digest = request.headers["Content-Digest"] else {
            throw CentralError.refused(.unauthorised)
        }
        do throws(ContentDigestError) {
            try ContentDigest.verify(digest, for: request.body)
        } catch {
            throw CentralError.refused(.unauthorised)
        }
    }
}
