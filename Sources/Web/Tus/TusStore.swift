/// Where uploads are kept: on disk, or in a test's memory.
///
/// **Law**: an offset that was told is never lowered, whatever dies, until the upload ends: it is finished, expires, is
/// terminated, or its bytes turn out to be wrong.
package protocol TusStore<Grant>: Sendable {
    /// What a request may do, and to which upload.
    associatedtype Grant: Sendable

    /// Bytes of an upload at most.
    var lengthMax: UInt64 { get }

    /// Reads who asks, and for what.
    ///
    /// - Parameter name: the upload's, from its address; nil where uploads are made.
    func grant(for request: Request, name: String?) async throws(TusRefusal) -> Grant

    /// Makes the upload, or finds the one that is there; answers its name for its address.
    func create(_ grant: Grant, length: UInt64, metadata: String) async throws(TusRefusal) -> String

    /// How the upload stands. Bytes that came in a request that still runs are kept before they are counted.
    func upload(_ grant: Grant) async throws(TusRefusal) -> TusUpload

    /// Begins to write at an offset, which must be where the upload ends. Whoever wrote before is superseded, and what
    /// came of that is kept first.
    ///
    /// - Parameter isHeldBack: nothing is kept before the end says so.
    /// - Returns: the number by which the writer is known.
    func begin(_ grant: Grant, at offset: UInt64, isHeldBack: Bool) async throws(TusRefusal) -> UInt64

    func append(_ bytes: [UInt8], _ grant: Grant, writer: UInt64) async throws(TusRefusal)

    /// Ends the writing: keeps what came, or drops what was held back. A whole upload is finished.
    func end(_ grant: Grant, writer: UInt64, keeping: Bool) async throws(TusRefusal) -> TusUpload

    func terminate(_ grant: Grant) async throws(TusRefusal)
}
