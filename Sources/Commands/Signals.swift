import Dispatch
import Foundation

/// The wish to stop, from the terminal or the system.
package enum Signals {
    /// Returns when SIGTERM or SIGINT arrives, or the task is cancelled.
    package static func wait() async {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let sources = [SIGTERM, SIGINT].map { number in
            // The default action would end the process before the source hears of it.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { continuation.yield() }
            source.resume()
            return source
        }
        for await _ in stream { break }
        for source in sources { source.cancel() }
    }
}

/// The wish to read files again: SIGHUP, from its making on. Without one, the signal would end the process.
struct Hangups {
    /// One element for each signal; several that come close together count once.
    let stream: AsyncStream<Void>
    private let source: any DispatchSourceSignal

    init() {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.stream = stream
        signal(SIGHUP, SIG_IGN)
        source = DispatchSource.makeSignalSource(signal: SIGHUP)
        source.setEventHandler { continuation.yield() }
        source.resume()
    }

    /// Hears no more.
    func cancel() { source.cancel() }
}
