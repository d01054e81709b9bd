import SyncProtocol
import Web

@testable import WindowAgent

/// A way to central that does what the test says, and tells each request as it comes.
actor FakeLink: CentralLink {
    enum Behaviour {
        /// Central answers, as the model has it.
        case answers
        case fails(LinkError)
        case talks([UInt8])
        /// Nothing comes until the exchange is broken off.
        case hangs
        /// Central acts, and the reply is lost.
        case losesReplies
    }

    let requests: AsyncStream<ExchangeRequest>
    let tell: AsyncStream<ExchangeRequest>.Continuation
    private var behaviour: Behaviour
    /// Waits that were broken off.
    private(set) var abandoned = 0
    /// Who breaks a wait off gets its answer all the same, late.
    var answersLate = false
    /// Waits die at once.
    var forgetsWaits = false
    var central = ModelCentral.with(.test)

    init(_ behaviour: Behaviour = .answers) {
        self.behaviour = behaviour
        (requests, tell) = AsyncStream.makeStream()
    }

    func behave(_ behaviour: Behaviour) { self.behaviour = behaviour }
    func answerLate() { answersLate = true }
    func forgetWaits() { forgetsWaits = true }

    /// Looks at central, or lets it write.
    func withCentral<Result: Sendable>(_ body: @Sendable (inout ModelCentral) throws -> Result) rethrows
        -> Result
    {
        try body(&central)
    }

    func exchange(_ request: [UInt8]) async throws(LinkError) -> LinkAnswer {
        let read: ExchangeRequest
        do { read = try ExchangeRequest(decoding: request) } catch { throw .malformed("\(error)") }
        tell.yield(read)
        switch behaviour {
        case .fails(let error): throw error
        case .talks(let bytes):
            return LinkAnswer(response: bytes, bytesUp: request.count, bytesDown: bytes.count)
        case .hangs:
            do { try await Task.sleep(for: .seconds(3600)) } catch { throw .network("broken off") }
            throw .network("nothing came")
        case .losesReplies:
            do { _ = try central.exchange(read, from: "device-1") } catch { throw .network("\(error)") }
            throw .network("the reply was lost")
        case .answers:
            do {
                let response = try central.exchange(read, from: "device-1").encoded
                return LinkAnswer(response: response, bytesUp: request.count, bytesDown: response.count)
            } catch { throw .network("\(error)") }
        }
    }
}

extension FakeLink {
    /// Holds the answer back until central's feed has grown, or the wait is broken off.
    func wait(_ request: [UInt8], seconds: UInt64) async throws(LinkError) -> LinkAnswer {
        guard let read = try? ExchangeRequest(decoding: request) else { throw .malformed("no request") }
        if forgetsWaits {
            tell.yield(read)
            throw .network("the connection broke")
        }
        tell.yield(read)
        while !Task.isCancelled, hasNothing(beyond: read.cursor) {
            // Other tasks go on meanwhile.
            try? await Task.sleep(for: .milliseconds(1))
        }
        if Task.isCancelled {
            abandoned += 1
            guard answersLate else { throw .network("broken off") }
        }
        do {
            let response = try central.exchange(read, from: "device-1").encoded
            return LinkAnswer(response: response, bytesUp: request.count, bytesDown: response.count)
        } catch { throw .network("\(error)") }
    }

    private func hasNothing(beyond cursor: UInt64) -> Bool {
        central.feeds[.test].map { $0.head.position <= cursor } ?? true
    }
}

/// Enrols at once, or refuses.
struct FakeEnroller: Enroller {
    var enrolment: Enrolment? = .test()

    func enrol(_ order: EnrolmentOrder) async throws -> Enrolment {
        guard let enrolment, order.token == "good" else {
            throw EnrolmentError("Central declined (HTTP 403): the token is spent")
        }
        return enrolment
    }
}
