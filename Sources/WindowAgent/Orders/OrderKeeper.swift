import Casework
import SyncProtocol

/// Carries out central's orders, one after the other, whenever the exchanges have come to rest.
///
/// It may be cut at any instant: what is under way is durable, and goes on at the next start.
package actor OrderKeeper {
    private let store: WindowStore
    private let exchanger: Exchanger
    private let verifier: Verifier
    private let environment: WindowStore.Environment
    /// Before this nothing is tried, milliseconds since 1970.
    private var retryAt: UInt64?

    /// How long an order that could not be ended is left alone, in milliseconds. Each try exchanges at once, and a window without
    /// a network must not be made to do that for ever.
    static let retryMilliseconds: UInt64 = 60_000

    package init(
        store: WindowStore, exchanger: Exchanger, verifier: Verifier, environment: WindowStore.Environment
    ) {
        (self.store, self.exchanger, self.verifier) = (store, exchanger, verifier)
        self.environment = environment
    }

    /// Runs until the task is cancelled.
    package func run() async {
        for await _ in exchanger.rests where isDue { await carryOut() }
    }

    /// Whether the last try is long enough ago.
    var isDue: Bool {
        guard let retryAt else { return true }
        let now = environment.milliseconds()
        // A clock that was set back makes nobody wait longer.
        return now >= retryAt || retryAt - now > Self.retryMilliseconds
    }

    /// Carries out every order that is here, until none is left or one cannot be ended now.
    func carryOut() async {
        retryAt = nil
        do {
            while !Task.isCancelled, let run = try await store.takeUpOrder() {
                try await carryOut(run)
                await exchanger.noteSaved()
            }
        } catch {
            // Whatever it was, the order is still under way and is tried again; exchanges tell their errors themselves.
            retryAt = environment.milliseconds() + Self.retryMilliseconds
        }
    }

    private func carryOut(_ run: WindowStore.OrderRun) async throws {
        let (id, only) = (run.order.id, run.order.only)
        do {
            let figures =
                switch ResyncKind(rawValue: run.order.kind) {
                case .verify: try await verify(run)
                case .rebuild: try await rebuild(run)
                case .push, .pull, nil: try await exchange(run)
                }
            try await store.endOrder(id, .done, figures)
        } catch StoreError.unknownCase where only != nil {
            try await store.endOrder(id, .failed, note: "this window has no such case")
        }
    }

    private func rebuild(_ run: WindowStore.OrderRun) async throws -> ResyncFigures {
        if run.order.isDryRun { return ResyncFigures(cases: try await caseCount(run)) }
        return ResyncFigures(cases: try await store.rebuild(only: run.order.only))
    }

    /// The repair began with the order; it goes on by itself, and is waited for.
    private func exchange(_ run: WindowStore.OrderRun) async throws -> ResyncFigures {
        if run.order.isDryRun { return ResyncFigures(cases: try await caseCount(run)) }
        let report = await exchanger.exchangeNow()
        guard report.error == nil, try await store.figures().sync.repair == nil else {
            throw VerifyFailure(report.error ?? "The repair is still under way.")
        }
        return try await brought(cases: try await caseCount(run))
    }

    private func verify(_ run: WindowStore.OrderRun) async throws -> ResyncFigures {
        let report = try await verifier.run(only: run.order.only, isDryRun: run.order.isDryRun)
        var figures = try await brought(cases: report.cases)
        let found = report.onlyHere.count + report.onlyThere.count + report.differing.count
        figures.differing = max(figures.differing, found)
        figures.remaining = report.isDryRun ? found : report.remaining.count
        return figures
    }

    private func brought(cases: Int) async throws -> ResyncFigures {
        var figures = try await store.orderRun()?.figures ?? ResyncFigures()
        figures.cases = cases
        return figures
    }

    private func caseCount(_ run: WindowStore.OrderRun) async throws -> Int {
        guard let only = run.order.only else { return try await store.figures().cases }
        // A pull may be for a case that this window lacks.
        if run.order.kind != ResyncKind.pull.rawValue { _ = try await store.state(of: only) }
        return 1
    }
}
