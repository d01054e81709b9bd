import Cryptography

/// What a device's next key signs to show that whoever announces it holds it. PROTOCOL.md section 15 has the bytes.
package enum DeviceKeyProof {
    /// The message: three lines in ASCII, without an end of line after the last.
    ///
    /// - Parameters:
    ///   - device: the name that central gave the device, as its signatures carry it.
    ///   - publicKey: the next key, 32 bytes.
    package static func message(device: String, publicKey: [UInt8]) -> [UInt8] {
        Array("birthwindow device key 1\n\(device)\n\(publicKey.hexadecimal)".utf8)
    }
}
