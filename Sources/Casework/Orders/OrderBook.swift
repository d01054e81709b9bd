package import SyncProtocol

/// The orders of a hospital's record, and what its windows report: from these it follows what a window does next.
///
/// The reports are the memory of what was done. They are changes like any other, so they come back to a window that was
/// restored from a backup. Laws: an order is begun only by a window that it is for, in the order in which they were given, never
/// while it is withdrawn, and never after that window reported its end; one that is under way goes on, whatever else is said.
package struct OrderBook: Hashable, Sendable {
    /// In the order in which they were given; each ID once.
    package let orders: [ResyncOrder]
    /// In the order in which they were written.
    package let reports: [ResyncReport]

    package init(orders: [ResyncOrder], reports: [ResyncReport]) {
        (self.orders, self.reports) = (orders, reports)
    }

    package init(_ state: CaseState, dictionary: FieldDictionary = .standard) {
        func standing(_ group: String) -> [Standing] {
            dictionary.group(named: group).flatMap { state.registers[$0.id]?.standing } ?? []
        }
        var orders: [ResyncOrder] = []
        for order in standing("resyncOrder").compactMap({ ResyncOrder($0) }) {
            guard let index = orders.firstIndex(where: { $0.id == order.id }) else {
                orders.append(order)
                continue
            }
            // Withdrawn by one of central's people while another did, too.
            orders[index].isWithdrawn = orders[index].isWithdrawn || order.isWithdrawn
            orders[index].dots += order.dots
        }
        self.init(orders: orders, reports: standing("resyncReport").compactMap { ResyncReport($0) })
    }

    package subscript(id: String) -> ResyncOrder? { orders.first { $0.id == id } }

    /// What a window said last of an order; nil if nothing. An end is not taken back by what was said beside it.
    package func report(of order: String, by window: String) -> ResyncReport? {
        let own = reports.filter { $0.order == order && $0.window == window }
        return own.last { $0.stage.isFinal } ?? own.last
    }

    /// How often a window came to an end of an order: more than once if it was put back to an earlier state meanwhile.
    package func endCount(of order: String, by window: String) -> Int {
        reports.count { $0.order == order && $0.window == window && $0.stage.isFinal }
    }

    /// Whether nothing more is to come of an order: from those of its windows that still take part.
    package func isOver(_ order: ResyncOrder, for windows: Set<String>) -> Bool {
        order.isWithdrawn
            || windows.intersection(order.windows).allSatisfy {
                report(of: order.id, by: $0)?.stage.isFinal ?? false
            }
    }

    /// What a window is to do now.
    package struct Next: Hashable, Sendable {
        /// Orders of which it is to be said that they are here, each with a note.
        package var noted: [ResyncReport] = []
        /// The order to be begun; nil while one is under way, and if none is left.
        package var begun: ResyncOrder?
        /// A run of it here did not report its end.
        package var isBegunAgain = false
    }

    /// - Parameters:
    ///   - underWay: the ID of the order that the window is carrying out.
    package func next(for window: String, underWay: String?) -> Next {
        var next = Next()
        for order in orders where order.windows.contains(window) && !order.isWithdrawn {
            let report = report(of: order.id, by: window)
            if order.id == underWay || report?.stage.isFinal ?? false { continue }
            let isKnown = ResyncKind(rawValue: order.kind) != nil
            if isKnown, underWay == nil, next.begun == nil {
                (next.begun, next.isBegunAgain) = (order, report?.stage == .underWay)
            } else if report == nil {
                next.noted.append(
                    ResyncReport(
                        order: order.id, window: window, stage: .seen,
                        note: isKnown ? nil : "the window's software is too old for it"))
            }
        }
        return next
    }

    /// What a new report of a window replaces: what it said of the order before its end, and what it ever said of orders that
    /// are not in the record any more.
    package func replaced(by report: ResyncReport) -> [Dot] {
        reports.filter { earlier in
            guard earlier.window == report.window else { return false }
            if self[earlier.order] == nil { return true }
            return earlier.order == report.order && !earlier.stage.isFinal
        }.compactMap(\.dot)
    }
}
