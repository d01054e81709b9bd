package import SyncProtocol

/// Gathers exchanges that arrive while one commit is under way, and carries them out in one transaction.
///
/// Whoever finds nobody at work leads: it commits its own exchange and all that wait, tells the others, and hands over.
/// An answer is given only after the commit. A failing exchange fails alone.
package actor Intake {
    /// Exchanges that share one commit at most.
    package static let exchangesPerCommitMax = 128
    /// Exchanges that may wait; more are told to come back.
    package static let waitingMax = 4096

    /// An exchange that has come in, from whom, and when by central's clock.
    package struct Arrival: Sendable {
        let request: ExchangeRequest
        let device: DeviceRecord
        let milliseconds: UInt64
        /// What the gate let in; nil for an exchange that came in no signed request.
        var admission: Admission?
        /// It was carried out when it came, and is composed anew for what came into the feed since.
        var hasWaited = false
        /// Which message of a bundle it is; nil for one that came over the network.
        package var bundle: BundlePlace?

        package init(request: ExchangeRequest, device: DeviceRecord, milliseconds: UInt64) {
            self.request = request
            self.device = device
            self.milliseconds = milliseconds
        }
    }

    typealias Outcome = Result<ExchangeResponse, CentralError>

    private enum Turn: Sendable {
        case lead
        case done(Outcome)
    }

    private struct Waiting {
        let arrival: Arrival
        let turn: CheckedContinuation<Turn, Never>
    }

    private let store: any CentralStore
    private let books: Books
    private var isCommitting = false
    private var waiting: [Waiting] = []

    package init(store: any CentralStore, books: Books) {
        self.store = store
        self.books = books
    }

    /// How many wait for the commit under way to end.
    var waitingCount: Int { waiting.count }

    /// Carries out an exchange. Its answer may be given away: what it says is committed and synced.
    package func exchange(_ arrival: Arrival) async throws(CentralError) -> ExchangeResponse {
        if isCommitting {
            guard waiting.count < Self.waitingMax else { throw CentralError.refused(.busy) }
            let turn = await withCheckedContinuation { waiting.append(Waiting(arrival: arrival, turn: $0)) }
            if case .done(let outcome) = turn { return try outcome.get() }
        }
        isCommitting = true
        let others = Array(waiting.prefix(Self.exchangesPerCommitMax - 1))
        waiting.removeFirst(others.count)
        let outcomes = await Self.commit([arrival] + others.map(\.arrival), to: store, books)
        for (other, outcome) in zip(others, outcomes.dropFirst()) {
            other.turn.resume(returning: .done(outcome))
        }
        if waiting.isEmpty {
            isCommitting = false
        } else {
            waiting.removeFirst().turn.resume(returning: .lead)
        }
        return try outcomes[0].get()
    }

    /// Carries out some exchanges in one transaction, each in a savepoint of its own.
    static func commit(_ arrivals: [Arrival], to store: any CentralStore, _ books: Books) async -> [Outcome] {
        do throws(CentralError) {
            return try await store.write { transaction throws(CentralError) in
                arrivals.map { perform($0, in: transaction, books) }
            }
        } catch {
            // Nothing of it has happened, a published policy neither.
            books.casebook.shelf.unsettle()
            return arrivals.map { _ in .failure(error) }
        }
    }

    private static func perform(_ arrival: Arrival, in transaction: any CentralTransaction, _ books: Books)
        -> Outcome
    {
        do throws(CentralError) {
            return .success(
                try transaction.savepoint { () throws(CentralError) in
                    let (device, milliseconds) = (arrival.device, arrival.milliseconds)
                    let standing = try arrival.standing(in: transaction)
                    let ledger = try Ledger(transaction, books, milliseconds: milliseconds)
                    var reception = try Reception(arrival.request, from: standing ?? device, ledger: ledger)
                    if let bundle = arrival.bundle { return try reception.perform(bundle) }
                    if !arrival.hasWaited { try reception.noteContact() }
                    return try reception.perform()
                })
        } catch {
            return .failure(error)
        }
    }
}

extension Intake.Arrival {
    /// The device as it stands in this transaction, its request noted; nil if nobody let it in.
    ///
    /// - Throws: a refusal, also if the device was revoked while it waited.
    fileprivate func standing(in transaction: any CentralTransaction) throws(CentralError) -> DeviceRecord? {
        guard hasWaited else { return try admission?.take(in: transaction, milliseconds: milliseconds) }
        guard let standing = try transaction.device(device.id), !standing.isRevoked else {
            throw CentralError.refused(.unauthorised)
        }
        return standing
    }
}
