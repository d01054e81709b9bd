package import SyncProtocol

/// Compares this window's scope with central's, and has mended what differs.
///
/// A verify only reads. Mending is a durable repair of the store, which goes on by itself after an interruption.
package struct Verifier: Sendable {
    private let store: WindowStore
    private let exchanger: Exchanger
    private let link: any VerifyLink

    /// How often the comparison is begun anew because something was written at central meanwhile.
    static let attemptsMax = 5

    package init(store: WindowStore, exchanger: Exchanger, link: any VerifyLink) {
        (self.store, self.exchanger, self.link) = (store, exchanger, link)
    }

    /// Compares, mends, and compares once more.
    ///
    /// - Parameters:
    ///   - only: compares this case alone.
    ///   - isDryRun: compares and tells, and mends nothing.
    package func run(only: CaseID? = nil, isDryRun: Bool = false) async throws -> VerifyReport {
        var report = VerifyReport(isDryRun: isDryRun)
        let found = try await compare(only: only, &report)
        report.tell(found)
        if only == nil { try await store.noteVerified() }
        guard !found.isEqual, !isDryRun else { return report }
        if found.isComplete {
            try await store.orderRepair(of: found.cases)
        } else {
            try await store.orderRepair(.pull)
        }
        report.exchange = await exchanger.exchangeNow()
        if let error = report.exchange?.error { throw VerifyFailure(error) }
        let rest = try await compare(only: only, &report)
        report.remaining = rest.cases.map(\.description)
        report.isMended = rest.isEqual
        return report
    }

    /// Verifies by itself whenever the sums of a scope differ, until the task is cancelled.
    package func watch() async {
        for await _ in exchanger.mismatches {
            // What fails is told by the exchanges themselves, and is tried again after the next one.
            _ = try? await run()
        }
    }

    private func compare(only: CaseID?, _ report: inout VerifyReport) async throws -> VerifyResult {
        for _ in 0..<Self.attemptsMax {
            if let error = await exchanger.exchangeNow().error { throw VerifyFailure(error) }
            guard let scope = try await store.scopeSums() else { continue }
            report.recached += scope.recached
            guard scope.isCurrent else { continue }
            if let only, scope.places[only] == nil { return try await absent(only, scope) }
            if let result = try await ask(scope, only: only.flatMap { scope.places[$0] }, &report) {
                if only == nil, result.isEqual { try await store.adoptSum(of: scope) }
                return result
            }
        }
        throw VerifyFailure("Something is written or repaired all the time: try again in a while.")
    }

    /// A case that left the scope, or is on its way into it: there is nothing to compare.
    private func absent(_ only: CaseID, _ scope: ScopeSums) async throws -> VerifyResult {
        guard try await store.isInLog(only) else { throw StoreError.unknownCase(only) }
        return VerifyResult(count: scope.sums.count, rounds: 0, isComplete: true)
    }

    /// Nil if the two are not at the same place of the feed.
    private func ask(
        _ scope: ScopeSums, only: ScopePlace?, _ report: inout VerifyReport
    ) async throws -> VerifyResult? {
        var initiator =
            if let only {
                VerifyInitiator(only: only, in: scope.sums, of: scope.hospital, at: scope.point)
            } else {
                VerifyInitiator(scope.sums, of: scope.hospital, at: scope.point)
            }
        var request = initiator.first
        while true {
            let asked = request
            let answer = try await exchanger.talk.carry { version in
                var request = asked
                request.version = version
                return try await link.verify(request.encoded)
            }
            report.count(answer)
            await exchanger.noteExchanged(answer.bytesUp + answer.bytesDown)
            switch try initiator.receive(try Self.decode(answer.response)) {
            case .send(let next): request = next
            case .elsewhere: return nil
            case .finished(let result): return result
            }
        }
    }

    private static func decode(_ bytes: [UInt8]) throws(LinkError) -> VerifyResponse {
        do throws(CBORError) { return try VerifyResponse(decoding: bytes) } catch {
            throw .malformed(error.description)
        }
    }
}

/// Why a verify could not be carried out. Nothing is lost by it.
package struct VerifyFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// What a verify found, and what was done about it. Cases are UUIDs.
package struct VerifyReport: Hashable, Sendable, Codable {
    package let isDryRun: Bool
    /// Cases of this window's scope.
    package var cases = 0
    package var isEqual = false
    /// Nothing was left undecided; if not, more differs than a verify can name, and everything is compared.
    package var isComplete = false
    package var onlyHere: [String] = []
    package var onlyThere: [String] = []
    package var differing: [String] = []
    /// Caches of this window that did not fit its log and were made anew.
    package var recached = 0
    /// Round trips of the comparison, the second one after a repair included; exchanges are not counted.
    package var roundTrips = 0
    package var bytesUp = 0
    package var bytesDown = 0
    /// The repair; nil if there was none.
    package var exchange: SyncReport?
    /// After the repair nothing differs any more; nil if there was none.
    package var isMended: Bool?
    /// Cases that differ after the repair.
    package var remaining: [String] = []

    init(isDryRun: Bool) { self.isDryRun = isDryRun }

    mutating func count(_ answer: LinkAnswer) {
        roundTrips += 1
        bytesUp += answer.bytesUp
        bytesDown += answer.bytesDown
    }

    mutating func tell(_ result: VerifyResult) {
        (cases, isEqual, isComplete) = (result.count, result.isEqual, result.isComplete)
        onlyHere = result.onlyHere.map(\.description)
        onlyThere = result.onlyThere.map(\.description)
        differing = result.differing.map(\.description)
    }
}
