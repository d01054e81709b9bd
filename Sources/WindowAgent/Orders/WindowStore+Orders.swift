package import Casework
import Persistence
import SyncProtocol

/// Carrying out what central ordered. What is under way is durable; what is done is in the hospital's record, as this window's
/// reports. Each step is one transaction, so that an order is begun, and ended, together with the report that says so.
extension WindowStore {
    /// An order that is being carried out, and what it came to so far.
    package struct OrderRun: Hashable, Sendable {
        package let order: ResyncOrder
        /// Milliseconds since 1970, by this machine's clock.
        package let begunAt: UInt64
        package var figures: ResyncFigures
    }

    /// The order to be carried out now: the one under way, or the next, which is begun by this. Those that have to wait are
    /// reported as seen. Nil if there is none.
    package func takeUpOrder() throws -> OrderRun? {
        guard let enrolment = try loadEnrolment() else { return nil }
        let run = try orderRun()
        let next = try rules().record.orders.next(for: enrolment.device, underWay: run?.order.id)
        guard !next.noted.isEmpty || next.begun != nil else { return run }
        return try write {
            for report in next.noted { try write(report, of: enrolment) }
            guard let order = next.begun else { return run }
            try begin(order, isAgain: next.isBegunAgain, enrolment)
            return try orderRun()
        }
    }

    private func begin(_ order: ResyncOrder, isAgain: Bool, _ enrolment: Enrolment) throws {
        try write(
            ResyncReport(
                order: order.id, window: enrolment.device, stage: .underWay,
                note: isAgain ? "begun again: an earlier run here did not report its end" : nil),
            of: enrolment)
        try database.execute(
            "INSERT OR REPLACE INTO order_run (id, order_id, begun_at) VALUES (1, ?, ?)", .text(order.id),
            .integer(Int64(environment.milliseconds())))
        if order.isDryRun { return }
        switch ResyncKind(rawValue: order.kind) {
        case .push: try beginRepair(.push, only: order.only)
        case .pull: try beginRepair(.pull, only: order.only)
        case .verify, .rebuild, nil: break
        }
    }

    /// Ends the order that is under way, with a report. Without effect if it was ended before.
    package func endOrder(
        _ id: String, _ stage: ResyncReport.Stage, _ figures: ResyncFigures = ResyncFigures(),
        note: String? = nil
    ) throws {
        guard let enrolment = try loadEnrolment() else { throw StoreError.notEnrolled }
        try write {
            let ended = try database.execute("DELETE FROM order_run WHERE order_id = ?", .text(id))
            guard ended > 0 else { return }
            let isAgain = try rules().record.orders.endCount(of: id, by: enrolment.device) > 0
            let again = isAgain ? "carried out once more, which did no harm" : nil
            try write(
                ResyncReport(
                    order: id, window: enrolment.device, stage: stage, figures: figures, note: note ?? again),
                of: enrolment)
        }
    }

    /// Writes a report into the hospital's record, inside the caller's transaction.
    private func write(_ report: ResyncReport, of enrolment: Enrolment) throws {
        guard let group = dictionary.group(named: "resyncReport")?.id else {
            throw EditError.unknownField(key: "resyncReport")
        }
        let id = enrolment.hospital.record
        let replaced = try rules().record.orders.replaced(by: report)
        let content = try content(
            [group: ChangeContent.Write(value: report.value, replaces: replaced)],
            on: CaseState(folding: try changes(of: id)),
            Saving(user: "agent", isDoubtful: try isClockDoubtful()), enrolment,
            at: environment.milliseconds())
        _ = try append(content, to: id, savedAt: environment.milliseconds())
        try refresh(id)
    }

    /// The order under way; nil if there is none.
    package func orderRun() throws -> OrderRun? {
        let row = try database.first("SELECT order_id, begun_at, differing, sent, received FROM order_run") {
            row throws(DatabaseError) in
            (
                id: try row.text(0), begunAt: UInt64(clamping: try row.integer(1)),
                figures: ResyncFigures(
                    differing: Int(try row.integer(2)), sent: Int(try row.integer(3)),
                    received: Int(try row.integer(4)))
            )
        }
        guard let row, let order = try rules().record.orders[row.id] else { return nil }
        return OrderRun(order: order, begunAt: row.begunAt, figures: row.figures)
    }

    /// Counts cases that central says differ, for the order under way, inside the transaction of `take`.
    func countDiffering(_ count: Int) throws {
        guard count > 0 else { return }
        try database.execute("UPDATE order_run SET differing = differing + ?", .integer(Int64(count)))
    }

    /// Counts what an exchange brought, for the order under way, inside the transaction of `take`.
    func countBrought(_ taken: Taken, _ outgoing: Outgoing) throws {
        let sent = outgoing.request.isRepair ? taken.confirmed + outgoing.offeredNumbers.count : 0
        guard sent > 0 || taken.received > 0 else { return }
        try database.execute(
            "UPDATE order_run SET sent = sent + ?, received = received + ?", .integer(Int64(sent)),
            .integer(Int64(taken.received)))
    }
}

/// How central's orders stand here, for `status`.
package struct OrderStatus: Hashable, Sendable, Codable {
    package let id: String
    package let kind: String
    package let caseID: String?
    package let isDryRun: Bool
    package let stage: ResyncReport.Stage
    /// Milliseconds since 1970 by this machine's clock: when it began, or ended.
    package let milliseconds: UInt64
    package let figures: ResyncFigures
    package let note: String?
}

extension WindowStore {
    /// The order that is being carried out, and the one that came to an end last.
    package func orderStatus() throws -> (underWay: OrderStatus?, last: OrderStatus?) {
        guard let enrolment = try loadEnrolment() else { return (nil, nil) }
        let book = try rules().record.orders
        let run = try orderRun()
        let underWay = run.map { run in
            OrderStatus(
                run.order, .underWay, run.figures, at: run.begunAt,
                note: book.report(of: run.order.id, by: enrolment.device)?.note)
        }
        let ended = book.reports.last { $0.window == enrolment.device && $0.stage.isFinal }
        let last = ended.flatMap { report in
            book[report.order].map {
                OrderStatus($0, report.stage, report.figures, at: report.milliseconds, note: report.note)
            }
        }
        return (underWay, last)
    }
}

extension OrderStatus {
    fileprivate init(
        _ order: ResyncOrder, _ stage: ResyncReport.Stage, _ figures: ResyncFigures, at milliseconds: UInt64,
        note: String?
    ) {
        (id, kind, caseID, isDryRun) = (order.id, order.kind, order.only?.description, order.isDryRun)
        (self.stage, self.figures, self.milliseconds, self.note) = (stage, figures, milliseconds, note)
    }
}
