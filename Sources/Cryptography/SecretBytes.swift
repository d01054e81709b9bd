import CSodium

/// A secret in memory that is locked, fenced by guard pages, never written to disk, and wiped at its end.
///
/// Reading it through ``copy()`` makes an ordinary array, which is not wiped: for writing key files only.
// Unchecked, because of the pointer: the memory is written in init only, and read-only from then on.
package final class SecretBytes: @unchecked Sendable {
    /// The number of bytes.
    package let count: Int
    private let start: UnsafeMutableRawPointer

    /// Random bytes: a new secret.
    package convenience init(randomCount: Int) {
        self.init(count: randomCount) { randombytes_buf($0, randomCount) }
    }

    /// A copy of these bytes, which stay where they are.
    package convenience init(_ bytes: [UInt8]) {
        self.init(count: bytes.count) { $0.copyMemory(from: bytes, byteCount: bytes.count) }
    }

    init(count: Int, fill: (UnsafeMutableRawPointer) -> Void) {
        Sodium.prepare()
        guard let start = sodium_malloc(count) else { preconditionFailure("no memory for a secret") }
        fill(start)
        sodium_mprotect_readonly(start)
        self.count = count
        self.start = start
    }

    /// "Before freeing the memory, sodium_free() … overwrites it using sodium_memzero()."
    deinit { sodium_free(start) }

    /// Lends the bytes for the time of a call.
    func withBytes<R>(_ body: (UnsafePointer<UInt8>) -> R) -> R {
        body(UnsafePointer(start.assumingMemoryBound(to: UInt8.self)))
    }

    /// The bytes in ordinary memory.
    package func copy() -> [UInt8] {
        withBytes { Array(UnsafeBufferPointer(start: $0, count: count)) }
    }

    /// Whether both hold the same bytes, in a time that does not depend on where they differ.
    package func equals(_ other: SecretBytes) -> Bool {
        count == other.count && sodium_memcmp(start, other.start, count) == 0
    }
}
