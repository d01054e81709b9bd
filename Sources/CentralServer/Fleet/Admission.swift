/// A signed request that the gate let in: it counts once, and only together with what it brings about.
struct Admission: Sendable {
    let device: DeviceRecord
    let nonce: String
    /// The key that signed it: the device's, or the one that it announced.
    let publicKey: [UInt8]

    /// Notes within the transaction of what was asked that the request came, and answers the device as it stands there. Who
    /// signs with an announced key retires the old one.
    ///
    /// The note is on disk with the effect: neither a restart nor another process over the same store takes a request again.
    ///
    /// - Throws: a refusal if it came before, or the device was revoked or its key changed meanwhile.
    func take(
        in transaction: any CentralTransaction, milliseconds: UInt64
    ) throws(CentralError) -> DeviceRecord {
        guard var current = try transaction.device(device.id), !current.isRevoked else {
            throw CentralError.refused(.unauthorised)
        }
        try transaction.forgetNonces(before: milliseconds - min(milliseconds, DeviceGate.memoryMilliseconds))
        guard try transaction.note(nonce, of: device.id, milliseconds: milliseconds) else {
            throw CentralError.refused(.replayed)
        }
        if publicKey == current.publicKey { return current }
        guard publicKey == current.nextPublicKey else { throw CentralError.refused(.unauthorised) }
        current.publicKey = publicKey
        current.nextPublicKey = nil
        try transaction.put(current)
        return current
    }
}
