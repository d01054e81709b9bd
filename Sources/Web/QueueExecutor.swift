import Dispatch

/// Runs an actor on a queue of its own, so that what blocks never holds a cooperative thread.
package final class QueueExecutor: SerialExecutor {
    private let queue: DispatchQueue

    /// Makes a queue with this label, as debuggers show it.
    package init(label: String) { queue = DispatchQueue(label: label) }

    /// Runs a job of the actor after all that came before it.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
