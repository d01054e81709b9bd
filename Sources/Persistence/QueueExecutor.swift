import Dispatch

/// Runs an actor on a queue of its own, so that waiting for the disk never holds a cooperative thread.
package final class QueueExecutor: SerialExecutor {
    private let queue: DispatchQueue

    /// - Parameter label: shows in debuggers and crash reports.
    package init(label: String) { queue = DispatchQueue(label: label) }

    /// Runs the job after those before it.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    /// Traps unless the caller runs on this queue; makes `assumeIsolated` work in callbacks of C.
    package func checkIsolated() { dispatchPrecondition(condition: .onQueue(queue)) }
}
