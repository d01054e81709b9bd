import Casework
import SyncProtocol

/// Where central's technicians order hospitals' windows to compare, push, pull or rebuild, and see what came of it.
///
/// Orders are values of the hospital's record, and travel like everything else: a window that comes back after months finds
/// them. Giving an order again that is not over yet changes nothing.
package struct OrderDesk: Sendable {
    /// Orders of one hospital that are not over, at a time.
    static let openMax = 32
    /// Orders that are over and still stand in a hospital's record. The oldest make room.
    static let overMax = 32

    let store: any CentralStore
    let books: Books
    let environment: Environment

    /// What a technician asks for.
    struct Wish: Hashable, Sendable {
        let kind: ResyncKind
        var only: CaseID?
        var isDryRun = false
        var reason: String?
    }

    /// - Returns: the order, and false if it was there already.
    /// - Throws: a refusal if the hospital has no computer, or ``openMax`` orders that are not over.
    func order(
        _ wish: Wish, for code: String, by user: String
    ) async throws(CentralError) -> (order: ResyncOrder, isNew: Bool) {
        let (books, milliseconds, number) = (books, environment.now(), environment.randomNumber())
        return try await store.write { transaction throws(CentralError) in
            let hospital = try transaction.known(code)
            let windows = try transaction.devices(of: hospital.id).filter { !$0.isRevoked }
            guard 1...ResyncOrder.windowsMax ~= windows.count else {
                throw CentralError.refused(.noWindows(count: windows.count))
            }
            var ledger = try Ledger(transaction, books, milliseconds: milliseconds)
            let book = try ledger.orders(of: hospital)
            let order = ResyncOrder(
                id: "\(code)-\(String(number.hexadecimal.suffix(8)))", kind: wish.kind.rawValue,
                only: wish.only, isDryRun: wish.isDryRun, reason: wish.reason,
                windows: windows.map(\.id.description).sorted())
            let present = Set(order.windows)
            let open = book.orders.filter { !book.isOver($0, for: present) }
            if let same = open.first(where: { $0.isSame(as: order) }) { return (same, false) }
            guard open.count < Self.openMax else { throw CentralError.refused(.tooManyOrders) }
            let over = book.orders.filter { book.isOver($0, for: present) }
            let old = over.dropLast(Self.overMax - 1)
            try ledger.write(order, replacing: old.flatMap(\.dots), of: hospital, by: user)
            return (order, true)
        }
    }

    /// Takes an order back: no window begins it any more. One that has begun ends it.
    ///
    /// - Returns: the order, and false if it was withdrawn before.
    func withdraw(
        _ id: String, by user: String
    ) async throws(CentralError) -> (order: ResyncOrder, isNew: Bool) {
        let (books, milliseconds) = (books, environment.now())
        let hospital = try await hospital(ofOrder: id)
        return try await store.write { transaction throws(CentralError) in
            var ledger = try Ledger(transaction, books, milliseconds: milliseconds)
            guard var order = try ledger.orders(of: hospital)[id] else {
                throw CentralError.refused(.unknownOrder)
            }
            if order.isWithdrawn { return (order, false) }
            order.isWithdrawn = true
            try ledger.write(order, replacing: order.dots, of: hospital, by: user)
            return (order, true)
        }
    }

    /// An order's ID begins with its hospital's code; one that was given another code since is searched for.
    private func hospital(ofOrder id: String) async throws(CentralError) -> HospitalRecord {
        let code = id.lastIndex(of: "-").map { String(id[..<$0]) }
        let hospitals = try await store.read { transaction throws(CentralError) in
            try transaction.hospitals()
        }
        for hospital in hospitals.filter({ $0.code == code }) + hospitals.filter({ $0.code != code })
        where try await book(of: hospital)[id] != nil { return hospital }
        throw CentralError.refused(.unknownOrder)
    }

    private func book(of hospital: HospitalRecord) async throws(CentralError) -> OrderBook {
        let dictionary = books.casebook.dictionary
        return try await store.read { transaction throws(CentralError) in
            let changes = try transaction.changes(of: hospital.id.record).map(\.change)
            return OrderBook(CaseState(folding: changes), dictionary: dictionary)
        }
    }
}

extension OrderDesk {
    /// An order, and how it stands.
    struct Line: Hashable, Sendable {
        /// How an order stands at one window.
        struct Window: Hashable, Sendable {
            let device: String
            /// Nil while nothing was heard: it is ordered.
            let report: ResyncReport?
            /// How often it came to an end of it.
            let endCount: Int
            /// What it last said that it runs; a window whose software knows no orders never reports any.
            let software: String?
            /// It takes part no more: its key was revoked.
            let isRevoked: Bool
        }

        let hospital: HospitalRecord
        let order: ResyncOrder
        let windows: [Window]
        let isOver: Bool
        /// Since it was given, milliseconds; nil if it is over.
        let waitsMilliseconds: UInt64?
    }

    /// The orders of one hospital, or of all, in the order in which they were given. Of all, every hospital's record is read.
    func list(of code: String?) async throws(CentralError) -> [Line] {
        let hospitals = try await store.read { transaction throws(CentralError) in
            guard let code else { return try transaction.hospitals() }
            return [try transaction.known(code)]
        }
        var lines: [Line] = []
        for hospital in hospitals { lines += try await self.lines(of: hospital) }
        return lines
    }

    private func lines(of hospital: HospitalRecord) async throws(CentralError) -> [Line] {
        let book = try await book(of: hospital)
        guard !book.orders.isEmpty else { return [] }
        let (devices, contacts) = try await store.read { transaction throws(CentralError) in
            (try transaction.devices(of: hospital.id), try transaction.contacts(of: hospital.id))
        }
        let now = environment.now()
        return book.orders.map { order in
            let windows = order.windows.map { name in
                let device = devices.first { $0.id.description == name }
                return Line.Window(
                    device: name, report: book.report(of: order.id, by: name),
                    endCount: book.endCount(of: order.id, by: name),
                    software: contacts.first { $0.device == device?.id }?.report?.softwareVersion,
                    isRevoked: device?.isRevoked ?? true)
            }
            let present = Set(windows.filter { !$0.isRevoked }.map(\.device))
            let isOver = book.isOver(order, for: present)
            return Line(
                hospital: hospital, order: order, windows: windows, isOver: isOver,
                waitsMilliseconds: isOver ? nil : now - min(now, order.milliseconds))
        }
    }
}

extension ResyncOrder {
    fileprivate func isSame(as other: ResyncOrder) -> Bool {
        (kind, only, isDryRun) == (other.kind, other.only, other.isDryRun)
            && Set(other.windows).isSubset(of: windows)
    }
}

extension Ledger {
    fileprivate mutating func orders(of hospital: HospitalRecord) throws(CentralError) -> OrderBook {
        OrderBook(try state(of: hospital.id.record), dictionary: books.casebook.dictionary)
    }

    /// Writes an order into its hospital's record, and finishes.
    fileprivate mutating func write(
        _ order: ResyncOrder, replacing dots: [Dot], of hospital: HospitalRecord, by user: String
    ) throws(CentralError) {
        let write = ChangeContent.Write(value: order.value, replaces: dots)
        let author = Author(role: .central, unit: "", user: user)
        let own = OwnChange(writes: [try books.casebook.group("resyncOrder"): write], author: author)
        try self.write(own, on: hospital.id.record, for: hospital.id)
        try finish()
    }
}

extension FleetTransaction {
    /// The hospital with a code.
    fileprivate func known(_ code: String) throws(CentralError) -> HospitalRecord {
        guard let hospital = try hospital(code: code) else { throw CentralError.refused(.unknownHospital) }
        return hospital
    }
}
