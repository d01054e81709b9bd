package import Cryptography
import Foundation
package import SyncProtocol

/// Writes one bundle to a file, item by item; it holds one frame in memory, and one item.
package final class BundleWriter {
    /// Whom a bundle is from and for.
    package struct Parties: Sendable {
        let kind: BundleHeader.Kind
        let device: [UInt8]
        let signer: Ed25519.SigningKey
        let receiver: Ed25519.PublicKey

        /// - Parameter device: the name of the window's key at central, 16 bytes, whichever way the bundle goes.
        package init(
            _ kind: BundleHeader.Kind, device: [UInt8], signer: Ed25519.SigningKey,
            receiver: Ed25519.PublicKey
        ) {
            (self.kind, self.device, self.signer, self.receiver) = (kind, device, signer, receiver)
        }
    }

    package let id: BundleID
    /// Bytes of the file so far; less than a frame is not in it yet.
    package private(set) var byteCount = 0
    private let file: FileHandle
    private let sealing: FrameSealing
    private let name: Digest
    private let signer: Ed25519.SigningKey
    private var hasher = SHA256()
    private var pending: [UInt8] = []
    private var frameCount = 0

    /// Makes the file, which must not be there, and writes the header.
    package init(path: String, id: BundleID, _ parties: Parties) throws(BundleError) {
        let key = SecretBytes(randomCount: FrameSealing.keyByteCount)
        guard let sealedKey = parties.receiver.sealingKey?.seal(key.copy()) else { throw .otherKey }
        let header = BundleHeader(
            kind: parties.kind, id: id, device: parties.device,
            addressee: BundleHeader.addressee(parties.receiver), sealedKey: sealedKey)
        self.id = id
        sealing = FrameSealing(key: key)
        name = SHA256.hash(header.start)
        signer = parties.signer
        file = try BundleFile.make(path)
        try write(header.start)
    }

    /// Adds an item.
    package func append(_ item: BundleItem) throws(BundleError) {
        pending += item.encoded
        let size = FrameSealing.plainByteCount
        var at = 0
        // The last frame is known only at the end: one is kept back, however full.
        while pending.count - at > size {
            try seal(Array(pending[at..<at + size]), isLast: false)
            at += size
        }
        pending.removeFirst(at)
        guard byteCount + pending.count < Limits.bundleBytesMax else { throw .tooLarge }
    }

    /// Ends the bundle with its signature. When this returns, it is on the disk.
    package func finish() throws(BundleError) {
        try seal(pending, isLast: true)
        let signature = signer.sign(BundleHeader.signed(hasher.finish()))
        do {
            try file.write(contentsOf: signature)
            try file.synchronize()
            try file.close()
        } catch { throw BundleError(file: error) }
        byteCount += signature.count
    }

    private func seal(_ plain: [UInt8], isLast: Bool) throws(BundleError) {
        try write(sealing.seal(plain, of: name, index: frameCount, isLast: isLast))
        frameCount += 1
    }

    private func write(_ bytes: [UInt8]) throws(BundleError) {
        do { try file.write(contentsOf: bytes) } catch { throw BundleError(file: error) }
        hasher.update(bytes)
        byteCount += bytes.count
    }
}
