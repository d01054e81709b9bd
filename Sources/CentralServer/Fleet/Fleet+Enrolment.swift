import Cryptography
import SyncProtocol

/// Enrolling computers: a token is made here, told by telephone or on paper, and used once.
extension Fleet {
    /// Makes a token for one computer. Only its hash is kept.
    func issueToken(for code: String) async throws(CentralError) -> (
        token: Token, expiresMilliseconds: UInt64
    ) {
        let token = Token(environment)
        let expires = environment.now() + Self.tokenMilliseconds
        let books = books
        try await store.write { transaction throws(CentralError) in
            guard let hospital = try transaction.hospital(code: code) else {
                throw CentralError.refused(.unknownHospital)
            }
            guard try Self.closedOn(hospital, in: transaction, books) == nil else {
                throw CentralError.refused(.closed(code))
            }
            try transaction.put(
                EnrolmentToken(hash: token.hash, hospital: hospital.id, expiresMilliseconds: expires))
        }
        return (token, expires)
    }

    /// Registers a computer's public key. The same key with the same token again gets the same answer, because the first
    /// may have been lost; anything else that a used, expired or unknown token brings is refused alike.
    func enrol(
        token: String, publicKey: [UInt8]
    ) async throws(CentralError) -> (device: DeviceRecord, hospital: HospitalRecord) {
        guard let token = Token(presented: token), publicKey.count == Ed25519.publicKeyByteCount else {
            throw CentralError.refused(.unauthorised)
        }
        let milliseconds = environment.now()
        let random = (environment.randomNumber(), environment.randomNumber())
        let id = DeviceID(rawValue: CaseID(milliseconds: milliseconds, random: random))
        return try await store.write { transaction throws(CentralError) in
            guard var right = try transaction.enrolmentToken(hash: token.hash),
                right.expiresMilliseconds > milliseconds,
                let hospital = try transaction.hospital(right.hospital)
            else { throw CentralError.refused(.unauthorised) }
            if let used = right.device {
                guard let device = try transaction.device(used), device.publicKey == publicKey,
                    !device.isRevoked
                else {
                    throw CentralError.refused(.unauthorised)
                }
                return (device, hospital)
            }
            guard try !transaction.isPublicKeyKnown(publicKey) else { throw CentralError.refused(.taken) }
            let device = DeviceRecord(
                id: id, hospital: right.hospital, publicKey: publicKey, enrolledMilliseconds: milliseconds)
            try transaction.put(device)
            right.device = id
            try transaction.put(right)
            return (device, hospital)
        }
    }
}
