import Foundation

/// A value that several threads may use, one at a time.
///
/// It stands on `NSLock` and not on `Mutex`, which the thread sanitizer reports falsely on Linux.
/// Beside the wrappers of C handles this is the one place where the compiler takes our word: `value` is touched only under `lock`.
package final class Guarded<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    /// Takes over the value; whoever made it may not keep a way to change it.
    package init(_ value: sending Value) { self.value = value }

    /// Runs the body while no other thread is in one, and returns what it returns.
    ///
    /// The body must be short and must not use the same box again, which would wait for ever.
    package func withLock<Result: Sendable, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}
