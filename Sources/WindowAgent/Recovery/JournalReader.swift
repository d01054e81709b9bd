import Cryptography
package import Persistence
package import SyncProtocol

/// Reads a journal on a medium. It writes nothing.
package struct JournalReader: Sendable {
    /// Why a journal cannot be read.
    package enum Fault: Error, Hashable, Sendable {
        /// No journal is there.
        case none
        /// These are there, by the names of their folders: choose one.
        case several([String])
        /// Neither copy of its header can be read.
        case noHeader
        /// It opens with another key than this.
        case wrongKey
        case medium(MediumError)
    }

    private let medium: any Medium
    /// In front of every name.
    private let folder: String
    /// Who can open it.
    package let header: RecoveryHeader

    /// Finds the journal in a directory: itself, or the one that it holds.
    ///
    /// - Parameter header: instead of those that are there, as central gave it back.
    package init(_ medium: any Medium, header: RecoveryHeader? = nil) throws(Fault) {
        self.medium = medium
        let names = try Self.asked { () throws(MediumError) in try medium.names(in: "") }
        let journals = names.filter { JournalFolder.journal(ofName: $0) != nil }.sorted()
        if names.contains(JournalFolder.log) {
            folder = ""
        } else if let only = journals.first {
            guard journals.count == 1 else { throw .several(journals) }
            folder = only + "/"
        } else {
            throw .none
        }
        if let header {
            self.header = header
            return
        }
        for name in [JournalFolder.header, JournalFolder.headerCopy] {
            let path = folder + name
            let bytes = try Self.asked { () throws(MediumError) in
                try medium.read(path, at: 0, count: RecoveryHeader.byteCountMax + 1)
            }
            // The other copy is whole.
            guard let bytes, let header = try? RecoveryHeader(decoding: bytes) else { continue }
            self.header = header
            return
        }
        throw .noHeader
    }

    /// Where the header is, for who has to take it to central.
    package var headerPath: String { folder + JournalFolder.header }

    /// A segment of the log.
    package struct Segment: Hashable, Sendable {
        package let number: Int
        package let id: [UInt8]
        fileprivate let path: String
    }

    /// The segments, in the order in which they were begun.
    package func segments() throws(Fault) -> [Segment] {
        let log = folder + JournalFolder.log
        return try names(log).compactMap { name in
            JournalFolder.segment(ofName: name).map {
                Segment(number: $0.number, id: $0.id, path: log + "/" + name)
            }
        }.sorted { ($0.number, $0.path) < ($1.number, $1.path) }
    }

    package func content(of segment: Segment, _ key: StoreKey) throws(Fault) -> JournalSegment.Content {
        let file = try bytes(segment.path) ?? []
        let sealing = JournalKeys(key).sealing
        return JournalSegment(journal: header.journal, id: segment.id, sealing: sealing).content(of: file)
    }

    /// Who the window was; nil if that is not there or damaged.
    func state(_ key: StoreKey) throws(Fault) -> JournalState? {
        let keys = JournalKeys(key)
        guard let bytes = try bytes(folder + JournalFolder.state),
            let plain = try? keys.sealing.open(record: bytes, of: keys.stateName(of: header.journal))
        else { return nil }  // a window without it is enrolled anew
        return try? JournalState(decoding: plain)
    }

    /// A draft; nil if it is damaged.
    package func draft(_ name: String, _ key: StoreKey) throws(Fault) -> (id: String, content: [UInt8])? {
        guard let digest = [UInt8](hexadecimal: name).flatMap({ Digest(bytes: $0) }),
            let bytes = try bytes(folder + JournalFolder.drafts + "/" + name),
            let plain = try? JournalKeys(key).sealing.open(record: bytes, of: digest)
        else { return nil }  // told as damaged by the caller
        var reader = CBORReader(plain)
        do throws(CBORError) {
            try reader.readArray(count: 2)
            let id = try reader.readText(bytesMax: Saving.saveIDBytesMax)
            let content = try reader.readBytes(countMax: WindowStore.draftBytesMax)
            try reader.finish()
            return (id, content)
        } catch { return nil }
    }

    package func draftNames() throws(Fault) -> [String] {
        JournalDisk.whole(try names(folder + JournalFolder.drafts)).sorted()
    }

    /// The files of photos: `whole/NAME` and `waiting/NAME`.
    package func attachmentPaths() throws(Fault) -> [String] {
        var paths: [String] = []
        for place in JournalFolder.attachmentFolders {
            let names = try names(folder + JournalFolder.attachments + "/" + place)
            paths += JournalDisk.whole(names).sorted().map { place + "/" + $0 }
        }
        return paths
    }

    package func attachment(_ path: String) throws(Fault) -> [UInt8] {
        try bytes(folder + JournalFolder.attachments + "/" + path) ?? []
    }

    private func names(_ path: String) throws(Fault) -> [String] {
        try Self.asked { () throws(MediumError) in try medium.names(in: path) }
    }

    private func bytes(_ path: String) throws(Fault) -> [UInt8]? {
        try Self.asked { () throws(MediumError) in
            guard let count = try medium.byteCount(of: path) else { return nil }
            return try medium.read(path, at: 0, count: count)
        }
    }

    private static func asked<Value>(_ body: () throws(MediumError) -> Value) throws(Fault) -> Value {
        do throws(MediumError) { return try body() } catch { throw .medium(error) }
    }
}
