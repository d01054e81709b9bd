package import Cryptography
import Foundation
package import SyncProtocol

/// Reads one bundle from a file, frame by frame.
///
/// The order is the law: the header tells whether it is for this receiver, ``verify(_:)`` that nobody changed or cut it,
/// ``open(with:)`` that the receiver's key fits; only then items come. A reader that was not verified gives none.
package final class BundleReader {
    package let header: BundleHeader
    private let file: FileHandle
    private let start: [UInt8]
    /// Where the signature begins.
    private let end: Int
    private var isVerified = false
    private var sealing: FrameSealing?
    private var frame = 0
    private var plain: [UInt8] = []
    private var at = 0
    private var messageCount = 0

    /// Opens the file and reads the header.
    package init(path: String) throws(BundleError) {
        guard let file = FileHandle(forReadingAtPath: path) else { throw .absent }
        let size: Int
        do { size = Int(clamping: try file.seekToEnd()) } catch { throw .disk }
        guard size <= Limits.bundleBytesMax else { throw .tooLarge }
        do { try file.seek(toOffset: 0) } catch { throw .disk }
        let prefix = try BundleFile.read(file, count: BundleHeader.prefixByteCount)
        guard let count = BundleHeader.byteCount(prefix: prefix) else { throw .notABundle }
        let bytes = try BundleFile.read(file, count: count)
        header = try Self.header(bytes)
        start = prefix + bytes
        end = size - Ed25519.signatureByteCount
        self.file = file
        guard end - start.count >= FrameSealing.overheadByteCount else { throw .damaged }
    }

    private static func header(_ bytes: [UInt8]) throws(BundleError) -> BundleHeader {
        let version: UInt64
        do throws(CBORError) {
            version = try BundleHeader.version(of: bytes)
            if version == BundleHeader.version { return try BundleHeader(decoding: bytes) }
        } catch { throw .notABundle }
        throw .laterVersion
    }

    /// Refuses a bundle that no key of these signed as it is now. It reads the whole file once.
    package func verify(_ signers: [Ed25519.PublicKey]) throws(BundleError) {
        var hasher = SHA256()
        var left = end
        try seek(0)
        while left > 0 {
            let bytes = try BundleFile.read(file, count: min(left, FrameSealing.frameByteCount))
            guard !bytes.isEmpty else { throw .damaged }
            hasher.update(bytes)
            left -= bytes.count
        }
        let signature = try BundleFile.read(file, count: Ed25519.signatureByteCount)
        let message = BundleHeader.signed(hasher.finish())
        guard signers.contains(where: { $0.verifies(signature, of: message) }) else { throw .damaged }
        isVerified = true
    }

    /// Opens the content's key.
    package func open(with key: SealedBox.OpeningKey) throws(BundleError) {
        guard let content = key.open(header.sealedKey), content.count == FrameSealing.keyByteCount else {
            throw .otherKey
        }
        sealing = FrameSealing(key: content)
    }

    /// Begins again with the first item.
    package func rewind() {
        (frame, plain, at, messageCount) = (0, [], 0, 0)
    }

    /// The next item; nil at the end. Those of later kinds are passed over.
    package func next() throws(BundleError) -> BundleItem? {
        while true {
            let first = try take(BundleItem.headByteCount)
            if first.isEmpty { return nil }
            guard let head = BundleItem.head(first) else { throw .malformed }
            let bytes = try take(head.byteCount)
            guard bytes.count == head.byteCount else { throw .malformed }
            let item: BundleItem
            do throws(CBORError) { item = try BundleItem(kind: head.kind, decoding: bytes) } catch {
                throw .malformed
            }
            if case .unknown = item { continue }
            messageCount += 1
            if case .attachment = item { messageCount -= 1 }
            guard messageCount <= Limits.bundleMessagesMax else { throw .tooLarge }
            return item
        }
    }

    /// The first item.
    package func opening() throws(BundleError) -> BundleOpening {
        rewind()
        guard case .opening(let opening)? = try next() else { throw .malformed }
        return opening
    }

    /// As many bytes of the content; fewer at its end.
    private func take(_ count: Int) throws(BundleError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            if at == plain.count {
                guard try readFrame() else { break }
                continue
            }
            let more = plain[at..<min(at + count - bytes.count, plain.count)]
            bytes += more
            at += more.count
        }
        return bytes
    }

    private var frameCount: Int { (end - start.count - 1) / FrameSealing.frameByteCount + 1 }

    /// Opens the next frame; false after the last.
    private func readFrame() throws(BundleError) -> Bool {
        guard isVerified, let sealing else { throw .damaged }
        guard frame < frameCount else { return false }
        let offset = start.count + frame * FrameSealing.frameByteCount
        try seek(offset)
        let sealed = try BundleFile.read(file, count: min(FrameSealing.frameByteCount, end - offset))
        do throws(FrameError) {
            plain = try sealing.open(
                sealed, of: SHA256.hash(start), index: frame, isLast: frame == frameCount - 1)
        } catch { throw .damaged }
        at = 0
        frame += 1
        return true
    }

    private func seek(_ offset: Int) throws(BundleError) {
        do { try file.seek(toOffset: UInt64(offset)) } catch { throw .disk }
    }
}
