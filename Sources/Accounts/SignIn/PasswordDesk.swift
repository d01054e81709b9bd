package import Cryptography
import Dispatch

/// Compares passwords: slowly, as Argon2id wants it, and only a few at a time, so that a flood of attempts takes neither the memory nor
/// the threads of everything else.
package actor PasswordDesk {
    /// Comparisons at once; each takes ``Cryptography/PasswordHash/memoryBytes``.
    package static let runningMax = 2
    /// Those that wait for their turn; a further one is turned away.
    package static let waitingMax = 16

    package enum Verdict: Hashable, Sendable {
        case right
        case wrong
        /// Too many wrong ones: the next is looked at after so many milliseconds.
        case pause(UInt64)
        /// Too many at once.
        case busy
    }

    private var lockout = Lockout()
    private var running = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private let queue = DispatchQueue(label: "birthwindow.passwords", attributes: .concurrent)
    /// Who gives a name that does not exist waits as long as who gives a wrong password.
    private var decoy: PasswordHash?

    package init() {}

    /// - Parameters:
    ///   - password: as it is kept; nil if there is no such account, or it may not sign in.
    ///   - browser: the name of a browser that is known for this account; nil for any other.
    package func check(
        _ given: String, of account: String, against password: PasswordHash?, browser: String?, now: UInt64
    ) async -> Verdict {
        let pause = lockout.pause(for: account, browser: browser, now: now)
        guard pause == 0 else { return .pause(pause) }
        // Counted before it is known: attempts that run at the same time are attempts all the same.
        lockout.noteFailure(of: account, browser: browser, now: now)
        guard let decoyed = await runs({ [decoy] in decoy ?? PasswordHash(of: "nobody") }) else {
            return .busy
        }
        decoy = decoyed
        guard let hash = password ?? decoyed,
            let isRight = await runs({ hash.matches(given) })
        else { return .busy }
        guard isRight, password != nil else { return .wrong }
        lockout.noteSuccess(of: account, browser: browser)
        return .right
    }

    /// The hash of a new password; nil if too many wait, or there is no memory.
    package func hash(_ password: String) async -> PasswordHash? {
        await runs { PasswordHash(of: password) } ?? nil
    }

    /// A supervisor has looked: what was counted for an account is forgotten.
    package func forget(_ account: String) { lockout.forget(account) }

    /// Runs what takes long, in its turn and on a thread of its own; nil if too many wait already.
    private func runs<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result? {
        if running >= Self.runningMax {
            guard waiting.count < Self.waitingMax else { return nil }
            // Whoever ends hands its turn on.
            await withCheckedContinuation { waiting.append($0) }
        } else {
            running += 1
        }
        let queue = queue
        let result = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: body()) }
        }
        if waiting.isEmpty { running -= 1 } else { waiting.removeFirst().resume() }
        return result
    }
}
