import Dispatch
import Foundation

/// Signals from the terminal or the system, heard from its making on: what they would do by default they do no more.
struct Signals {
    /// One element for each signal; several that come close together count once.
    let stream: AsyncStream<Void>
    private let sources: [any DispatchSourceSignal]

    init(_ numbers: [Int32]) {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.stream = stream
        sources = numbers.map { number in
            // The default action would end the process before the source hears of it.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { continuation.yield() }
            source.resume()
            return source
        }
    }

    /// Hears no more.
    func cancel() { for source in sources { source.cancel() } }
}
