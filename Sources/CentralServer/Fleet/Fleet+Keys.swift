import Cryptography
import SyncProtocol
import Web

/// Changing and taking away computers' keys.
extension Fleet {
    /// Takes a computer's next key. The present one is good until the first request that is signed with the next.
    ///
    /// Announcing a key again is harmless; announcing another replaces the one that waits.
    /// - Parameter proof: the next key's signature of ``SyncProtocol/DeviceKeyProof``.
    func announce(
        _ publicKey: [UInt8], proof: [UInt8], by admission: Admission
    ) async throws(CentralError) {
        let milliseconds = environment.now()
        let message = DeviceKeyProof.message(
            device: admission.device.id.description, publicKey: publicKey)
        guard let key = Ed25519.PublicKey(bytes: publicKey), key.verifies(proof, of: message) else {
            throw CentralError.refused(.malformed("The key does not vouch for itself."))
        }
        try await store.write { transaction throws(CentralError) in
            var device = try admission.take(in: transaction, milliseconds: milliseconds)
            if publicKey == device.publicKey || publicKey == device.nextPublicKey { return }
            guard try !transaction.isPublicKeyKnown(publicKey) else { throw CentralError.refused(.taken) }
            device.nextPublicKey = publicKey
            try transaction.put(device)
        }
        environment.log(
            LogEvent(
                .info, "device.key-announced", "device \(admission.device.id) announced a new key",
                ["device": "\(admission.device.id)"]))
    }

    /// Takes away a computer's right to take part, its announced key included.
    func revoke(_ id: DeviceID) async throws(CentralError) {
        try await store.write { transaction throws(CentralError) in
            guard var device = try transaction.device(id) else { throw CentralError.refused(.unknownDevice) }
            device.isRevoked = true
            try transaction.put(device)
        }
        environment.log(
            LogEvent(.warning, "device.revoked", "device \(id) was revoked", ["device": "\(id)"]))
    }

    /// A computer in the list of a hospital's, or of all.
    struct ListedDevice: Sendable {
        let device: DeviceRecord
        let hospitalCode: String
        /// Nil if it never came.
        let lastContactMilliseconds: UInt64?
        /// How often its key was seen in two places at once.
        let twoPlacesCount: UInt64
    }

    /// All enrolled computers, or those of the hospital with this code.
    func devices(of code: String?) async throws(CentralError) -> [ListedDevice] {
        try await store.read { transaction throws(CentralError) in
            var hospitals = try transaction.hospitals()
            if let code {
                hospitals.removeAll { $0.code != code }
                if hospitals.isEmpty { throw CentralError.refused(.unknownHospital) }
            }
            var listed: [ListedDevice] = []
            for hospital in hospitals {
                var contacts: [DeviceID: UInt64] = [:]
                for contact in try transaction.contacts(of: hospital.id) {
                    contacts[contact.device] = contact.milliseconds
                }
                for device in try transaction.devices(of: hospital.id) {
                    let alarm = Alarm(kind: .twoPlaces, subject: device.id.description)
                    listed.append(
                        ListedDevice(
                            device: device, hospitalCode: hospital.code,
                            lastContactMilliseconds: contacts[device.id],
                            twoPlacesCount: try transaction.alarm(alarm)?.count ?? 0))
                }
            }
            return listed
        }
    }
}
