import Cryptography
import SyncProtocol

/// What a recovered window needs beside its changes: who it is, and how far it had read central's feed. Sealed; the latest replaces
/// the one before.
///
///     state     = [1, enrolment / null, device key: bstr .size 32 / null, authority: tstr / null, witness]
///     enrolment = [hospital: bstr .size 16, code: tstr, name: tstr, device: tstr, central: tstr, central key: bstr .size 32,
///                  recovery key: bstr .size 32]
///     witness   = [position: uint, chain: bstr .size 32]
struct JournalState: Sendable {
    var enrolment: Enrolment?
    /// The seed of the device key. With it the recovered window is the same computer to central, which takes its replicas' changes.
    var deviceKey: SecretBytes?
    /// The certificate (PEM) of the authority that vouches for central.
    var authority: String?
    var witness = FeedPoint.start

    private static let version: UInt64 = 1
    private static let (textBytesMax, authorityBytesMax) = (1024, 1 << 20)

    init() {}

    var encoded: [UInt8] {
        var writer = CBORWriter()
        writer.writeArray(5)
        writer.write(Self.version)
        if let enrolment {
            writer.writeArray(7)
            writer.write(enrolment.hospital.bytes)
            for text in [enrolment.code, enrolment.name, enrolment.device, enrolment.central] {
                writer.write(text)
            }
            writer.write(enrolment.centralKey.bytes)
            writer.write(enrolment.recoveryKey.bytes)
        } else {
            writer.writeNull()
        }
        if let deviceKey { writer.write(deviceKey.copy()) } else { writer.writeNull() }
        if let authority { writer.write(authority) } else { writer.writeNull() }
        writer.writeArray(2)
        writer.write(witness.position)
        writer.write(witness.chain.bytes)
        return writer.bytes
    }

    init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        try reader.readArray(count: 5)
        guard try reader.readUnsigned() == Self.version else { throw reader.failure(.unexpectedType) }
        if !reader.readNullIfPresent() { enrolment = try Self.enrolment(&reader) }
        if !reader.readNullIfPresent() {
            deviceKey = SecretBytes(try reader.readBytes(count: Ed25519.seedByteCount))
        }
        if !reader.readNullIfPresent() { authority = try reader.readText(bytesMax: Self.authorityBytesMax) }
        try reader.readArray(count: 2)
        let position = try reader.readUnsigned(max: Limits.counterMax)
        guard let chain = Digest(bytes: try reader.readBytes(count: Digest.byteCount)) else {
            throw reader.failure(.unexpectedType)
        }
        witness = FeedPoint(position: position, chain: Chain(rawValue: chain))
        try reader.finish()
    }

    private static func enrolment(_ reader: inout CBORReader) throws(CBORError) -> Enrolment {
        try reader.readArray(count: 7)
        let hospital = HospitalID(record: try reader.readCaseID())
        var texts: [String] = []
        for _ in 0..<4 { texts.append(try reader.readText(bytesMax: textBytesMax)) }
        guard
            let centralKey = Ed25519.PublicKey(
                bytes: try reader.readBytes(count: Ed25519.publicKeyByteCount)),
            let recoveryKey = SealedBox.PublicKey(bytes: try reader.readBytes(count: SealedBox.keyByteCount))
        else { throw reader.failure(.unexpectedType) }
        return Enrolment(
            hospital: hospital, code: texts[0], name: texts[1], device: texts[2], central: texts[3],
            centralKey: centralKey, recoveryKey: recoveryKey)
    }
}
