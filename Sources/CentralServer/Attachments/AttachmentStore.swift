package import Cryptography
package import Persistence
import SyncProtocol
package import Web

/// Central's attachments: whole ones, and those that are being uploaded.
///
/// All files are touched on this actor's queue, one operation at a time; an operation is one frame or a few.
package actor AttachmentStore {
    /// Bytes of an attachment at most: a photo at full size, or a scan of several pages.
    package static let byteCountMax: UInt64 = 20 << 20
    /// Uploads that one computer may have open.
    package static let uploadsPerDeviceMax = 16
    /// How long an upload is kept after its last byte.
    package static let uploadMilliseconds: UInt64 = 24 * 60 * 60 * 1000
    /// Bytes that a running request may have sent without being synced.
    static let unsyncedByteCountMax = 1 << 20
    /// How often expired uploads are looked for, at most.
    static let sweepMilliseconds: UInt64 = 10 * 60 * 1000

    /// After how long without a change a file that nobody knows is no other process's work.
    static let strayAgeSeconds = 3_600

    private let files: AttachmentFiles
    private let strayAge: Int
    private let codes: MessageAuthentication
    private let environment: Environment
    private let isRevoked: @Sendable (DeviceID) async throws(CentralError) -> Bool
    private let executor = QueueExecutor(label: "birthwindow.central.attachments")
    private var running: [Key: Running] = [:]
    private var lastWriter: UInt64 = 0
    private var swept: UInt64 = 0

    private struct Key: Hashable {
        let device: DeviceID
        let hash: Digest
    }

    /// A request that writes.
    private struct Running {
        let number: UInt64
        let writer: UploadWriter
        let isHeldBack: Bool
    }

    nonisolated package var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// Opens the directory, and makes it if there is none.
    ///
    /// - Parameters:
    ///   - isShared: whether other processes work in the directory as well.
    ///   - isRevoked: whether a computer's right has ended since it got its token; an unknown one has none.
    package init(
        directory: String, key: SecretBytes, isShared: Bool = false, environment: Environment,
        isRevoked: @escaping @Sendable (DeviceID) async throws(CentralError) -> Bool
    ) throws(AttachmentError) {
        files = try AttachmentFiles(directory: directory, key: key)
        codes = UploadToken.codes(key: key)
        (self.environment, self.isRevoked) = (environment, isRevoked)
        strayAge = isShared ? Self.strayAgeSeconds : 0
        _ = try files.sweep(now: environment.now(), strayAgeSeconds: strayAge)
    }
}

/// What an exchange and a download ask.
extension AttachmentStore {
    /// Answers what a computer has to send: for each that central lacks a token, and the names of those that it has. One
    /// that is too large, or empty, is left out.
    func grants(for offers: [AttachmentOffer], device: DeviceID) -> (
        grants: [AttachmentGrant], held: [Digest]
    ) {
        var (grants, held): ([AttachmentGrant], [Digest]) = ([], [])
        let expires = environment.now() + UploadToken.milliseconds
        for offer in offers where (1...Self.byteCountMax).contains(offer.byteCount) {
            // A file that cannot be read is asked for again: what comes replaces it.
            if let count = try? files.byteCount(of: offer.hash), count == offer.byteCount {
                held.append(offer.hash)
                continue
            }
            let token = UploadToken(
                device: device, hash: offer.hash, byteCount: offer.byteCount, expires: expires)
            grants.append(AttachmentGrant(hash: offer.hash, token: token.text(codes), expires: expires))
        }
        return (grants, held)
    }

    /// Keeps an attachment that came whole, under the name that it must bear.
    func put(_ content: [UInt8], as hash: Digest) throws(AttachmentError) {
        guard (1...Self.byteCountMax).contains(UInt64(content.count)) else { throw .tooLong }
        if let count = try? files.byteCount(of: hash), count == content.count { return }
        guard SHA256.hash(content) == hash else { throw .wrongContent }
        // No device's: an upload of it that is under way finds it whole.
        let owner = [UInt8](repeating: 0, count: AttachmentFiles.ownerByteCount)
        try files.removeUpload(of: hash, owner: owner)
        let writer = try files.begin(hash, owner: owner, byteCount: content.count, expires: .max)
        try writer.append(content)
        try writer.commit()
        try writer.finish()
    }

    /// The bytes of an attachment; nil if it is not here whole.
    package func byteCount(of hash: Digest) throws(AttachmentError) -> Int? { try files.byteCount(of: hash) }

    /// Bytes of an attachment. A damaged one is put aside: then central lacks it, and asks for it again.
    package func read(_ hash: Digest, _ range: Range<Int>) throws(AttachmentError) -> [UInt8] {
        do throws(AttachmentError) { return try files.read(hash, range) } catch {
            if error == .damaged { try setAside(hash) }
            throw error
        }
    }

    /// Removes an attachment whose case was erased; harmless if it is not here.
    func erase(_ hash: Digest) throws(AttachmentError) { try files.remove(hash) }

    /// The keyed name under which the file of an attachment lies, here and in a backup.
    nonisolated func name(of hash: Digest) -> Digest { files.name(of: hash) }

    /// Of some attachments, those that are not here whole. No content is read.
    func lacking(among hashes: [Digest]) -> [Digest] {
        // What cannot be looked at is as if it were not there.
        hashes.filter { ((try? files.byteCount(of: $0)) ?? nil) == nil }
    }

    /// Checks an attachment against its name; a damaged one is put aside. Nil if it is not here.
    func check(_ hash: Digest) throws(AttachmentError) -> (byteCount: Int, isSound: Bool)? {
        let count: Int
        do throws(AttachmentError) {
            guard let found = try files.byteCount(of: hash) else { return nil }
            count = found
        } catch .damaged {
            try setAside(hash)
            return (0, false)
        }
        if try files.isSound(hash) { return (count, true) }
        try setAside(hash)
        return (count, false)
    }

    private func setAside(_ hash: Digest) throws(AttachmentError) {
        try files.setAside(hash)
        environment.log(
            LogEvent(
                .error, "attachment.damaged",
                "an attachment is damaged and was put aside; it will be asked for again"))
    }
}

extension AttachmentStore: TusStore {
    nonisolated package var lengthMax: UInt64 { Self.byteCountMax }

    /// What the request's token allows. A token of a revoked computer, or for another name, is worth nothing.
    package func grant(for request: Request, name: String?) async throws(TusRefusal) -> UploadToken {
        guard let text = request.bearer,
            let token = UploadToken(presented: text, now: environment.now(), codes)
        else { throw .unauthorised }
        let isRevoked: Bool
        do throws(CentralError) { isRevoked = try await self.isRevoked(token.device) } catch { throw .failed }
        if isRevoked { throw .unauthorised }
        guard name == nil || name == token.hash.bytes.hexadecimal else { throw .forbidden }
        return token
    }

    package func create(
        _ grant: UploadToken, length: UInt64, metadata: String
    ) throws(TusRefusal) -> String {
        guard length == grant.byteCount else { throw .forbidden }
        let owner = grant.device.rawValue.bytes
        let isAllowed = try tus { () throws(AttachmentError) in
            try sweepNowAndThen()
            if try isWhole(grant) { return true }
            if try writer(of: grant) != nil { return true }
            guard try files.uploadCount(of: owner) < Self.uploadsPerDeviceMax else { return false }
            _ = try files.begin(
                grant.hash, owner: owner, byteCount: Int(length), expires: nextExpiry, remark: metadata)
            return true
        }
        guard isAllowed else { throw .tooMany }
        return grant.hash.bytes.hexadecimal
    }

    package func upload(_ grant: UploadToken) throws(TusRefusal) -> TusUpload {
        try tus { () throws(AttachmentError) in
            if let running = running[key(grant)], !running.isHeldBack {
                do throws(AttachmentError) { try running.writer.commit() } catch {
                    guard error == .overtaken else { throw error }
                    self.running[key(grant)] = nil
                }
            }
            if try isWhole(grant) {
                return TusUpload(length: grant.byteCount, offset: grant.byteCount, expires: nil)
            }
            guard let writer = try writer(of: grant) else { throw .absent }
            // All was here when the process died that would have finished it. A request that runs will.
            let isWhole = writer.upload.offset == writer.upload.byteCount
            if isWhole, running[key(grant)] == nil { try writer.finish() }
            return stand(of: writer)
        }.unlessExpired(now: environment.now())
    }

    package func begin(
        _ grant: UploadToken, at offset: UInt64, isHeldBack: Bool
    ) throws(TusRefusal) -> UInt64 {
        let upload = try upload(grant)
        running[key(grant)] = nil
        guard upload.offset == offset else { throw .offset }
        lastWriter += 1
        let number = lastWriter
        try tus { () throws(AttachmentError) in
            guard let writer = try writer(of: grant) else { throw .absent }
            running[key(grant)] = Running(number: number, writer: writer, isHeldBack: isHeldBack)
        }
        return number
    }

    package func append(_ bytes: [UInt8], _ grant: UploadToken, writer: UInt64) throws(TusRefusal) {
        let running = try running(grant, writer)
        try tus { () throws(AttachmentError) in
            try running.writer.append(bytes)
            let unsynced = running.writer.offset - running.writer.upload.offset
            if !running.isHeldBack, unsynced >= Self.unsyncedByteCountMax { try running.writer.commit() }
        }
    }

    package func end(
        _ grant: UploadToken, writer: UInt64, keeping: Bool
    ) throws(TusRefusal) -> TusUpload {
        let running = try running(grant, writer)
        self.running[key(grant)] = nil
        return try tus { () throws(AttachmentError) in
            guard keeping else { return stand(of: running.writer) }
            running.writer.keep(until: nextExpiry)
            try running.writer.commit()
            if running.writer.upload.offset == running.writer.upload.byteCount { try running.writer.finish() }
            return stand(of: running.writer)
        }
    }

    /// Drops an upload. What is whole is an attachment and no upload any more.
    package func terminate(_ grant: UploadToken) throws(TusRefusal) {
        running[key(grant)] = nil
        let isThere = try tus { () throws(AttachmentError) in
            if try isWhole(grant) { return false }
            guard try writer(of: grant) != nil else { throw .absent }
            try files.removeUpload(of: grant.hash, owner: grant.device.rawValue.bytes)
            return true
        }
        if !isThere { throw .forbidden }
    }
}

extension AttachmentStore {
    private var nextExpiry: UInt64 { environment.now() + Self.uploadMilliseconds }

    private func key(_ grant: UploadToken) -> Key { Key(device: grant.device, hash: grant.hash) }

    /// A file that was cut is not whole: what comes replaces it.
    private func isWhole(_ grant: UploadToken) throws(AttachmentError) -> Bool {
        do throws(AttachmentError) {
            return try files.byteCount(of: grant.hash) == Int(grant.byteCount)
        } catch {
            if error == .damaged { return false }
            throw error
        }
    }

    /// Who writes the upload, or may; nil if it was not made.
    private func writer(of grant: UploadToken) throws(AttachmentError) -> UploadWriter? {
        if let running = running[key(grant)] { return running.writer }
        guard let writer = try files.upload(of: grant.hash, owner: grant.device.rawValue.bytes) else {
            return nil
        }
        return writer.upload.byteCount == Int(grant.byteCount) ? writer : nil
    }

    private func running(_ grant: UploadToken, _ writer: UInt64) throws(TusRefusal) -> Running {
        guard let running = running[key(grant)], running.number == writer else { throw .superseded }
        return running
    }

    private func stand(of writer: UploadWriter) -> TusUpload {
        let upload = writer.upload
        let isWhole = upload.offset == upload.byteCount
        return TusUpload(
            length: UInt64(upload.byteCount), offset: UInt64(upload.offset),
            expires: isWhole ? nil : upload.expires, metadata: upload.remark)
    }

    private func sweepNowAndThen() throws(AttachmentError) {
        let now = environment.now()
        guard now < swept || now - swept >= Self.sweepMilliseconds else { return }
        swept = now
        _ = try files.sweep(now: now, strayAgeSeconds: strayAge)
    }

    /// What an error of the files means to a client.
    private func tus<T>(_ body: () throws(AttachmentError) -> T) throws(TusRefusal) -> T {
        do throws(AttachmentError) { return try body() } catch {
            switch error {
            case .absent: throw .absent
            case .full, .readOnly: throw .noRoom
            case .wrongContent: throw .content
            case .tooLong: throw .malformed("More bytes came than were announced.")
            // Another process serves the same upload now.
            case .overtaken: throw .superseded
            case .damaged, .system: throw .failed
            }
        }
    }
}

extension TusUpload {
    fileprivate func unlessExpired(now: UInt64) throws(TusRefusal) -> TusUpload {
        if let expires, expires <= now { throw .gone }
        return self
    }
}
