/// Another medium: a second disk, a stick, a share. What is written there survives this machine's disk.
///
/// Every call may take as long as the medium likes, and fail; nothing of what it did before is lost by that. Paths are relative to
/// the medium's directory, which is never made: if it is not there, the medium is not there.
package protocol Medium: Sendable {
    /// The names of files and folders in a folder, in no order; none if there is no such folder. Throws ``MediumError/absent`` only if
    /// the medium itself is not there.
    func names(in folder: String) throws(MediumError) -> [String]
    /// The bytes of a file; nil if there is none.
    func byteCount(of path: String) throws(MediumError) -> Int?
    /// Bytes of a file from a place, fewer at its end; nil if there is no such file.
    func read(_ path: String, at place: Int, count: Int) throws(MediumError) -> [UInt8]?
    /// Makes a folder, unless it is there.
    func make(_ folder: String) throws(MediumError)
    /// Makes a file that must not be there yet, whole and synced with its name, or not at all.
    func create(_ path: String, _ bytes: [UInt8]) throws(MediumError)
    /// Writes at a place of a file that is there, and syncs. If it throws, some of the bytes may be there.
    func write(_ bytes: [UInt8], to path: String, at place: Int) throws(MediumError)
    /// Puts a whole synced file in place of what bears the name.
    func replace(_ path: String, with bytes: [UInt8]) throws(MediumError)
    /// Removes a file; one that is not there is no error.
    func remove(_ path: String) throws(MediumError)
}

/// Why a medium did not do what was asked.
package enum MediumError: Error, Hashable, Sendable {
    /// It is not there.
    case absent
    /// Its directory lies on the disk that it is to be the second copy of.
    case sameDisk
    case full
    case readOnly
    /// The file is there already.
    case exists
    /// It failed; the system's error number.
    case system(Int32)
}
