import Dispatch
import Glibc
import Programs

extension Stage {
    /// Clears everything away and ends the demo if it takes longer than it may.
    func clear(afterSeconds seconds: Int) {
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(seconds)) { [self] in
            clear()
            Narrator().complain("after \(seconds) s the story is not at its end: something hangs")
            exit(1)
        }
    }

    /// Clears everything away when the demo is told to stop, and ends it.
    func clearOnSignals() -> [any DispatchSourceSignal] {
        // A reader that left must not keep the demo from clearing away.
        signal(SIGPIPE, SIG_IGN)
        return [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { [self] in
                clear()
                Narrator().say("\nStopped. No process and no file is left.")
                exit(128 + number)
            }
            source.resume()
            return source
        }
    }
}
