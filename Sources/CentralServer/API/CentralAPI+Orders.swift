import Casework
import SyncProtocol
import Web

extension CentralAPI {
    private struct OrderBody: Decodable {
        let hospital: String
        let kind: String
        let `case`: String?
        let dryRun: Bool?
        let reason: String?

        var wish: OrderDesk.Wish {
            get throws(CentralError) {
                guard let kind = ResyncKind(rawValue: kind) else {
                    throw CentralError.refused(.malformed("The kind is not verify, push, pull or rebuild."))
                }
                guard reason.map({ $0.count <= FieldType.textLongest }) ?? true else {
                    throw CentralError.refused(
                        .malformed("The reason is longer than \(FieldType.textLongest) characters."))
                }
                var wish = OrderDesk.Wish(kind: kind, isDryRun: dryRun ?? false, reason: reason)
                if let text = `case` {
                    guard let id = CaseID(text) else { throw CentralError.refused(.unknownCase) }
                    wish.only = id
                }
                return wish
            }
        }
    }

    private struct OrderShape: Encodable {
        struct Window: Encodable {
            let device: String
            /// `ordered`, `seen`, `underWay`, `done` or `failed`.
            let stage: String
            let figures: ResyncFigures?
            let note: String?
            let atMilliseconds: UInt64?
            let endCount: Int
            let software: String?
            let isRevoked: Bool

            init(_ window: OrderDesk.Line.Window) {
                (device, isRevoked, software) = (window.device, window.isRevoked, window.software)
                stage = window.report?.stage.rawValue ?? "ordered"
                figures = window.report.flatMap { $0.stage == .done ? $0.figures : nil }
                (note, atMilliseconds) = (window.report?.note, window.report?.milliseconds)
                endCount = window.endCount
            }
        }

        let order: String
        let hospital: String
        let kind: String
        let caseID: String?
        let isDryRun: Bool
        let reason: String?
        let isWithdrawn: Bool
        let orderedMilliseconds: UInt64
        let orderedBy: String
        let isOver: Bool
        let waitsSeconds: UInt64?
        let windows: [Window]

        init(_ line: OrderDesk.Line) {
            let order = line.order
            (self.order, hospital, kind) = (order.id, line.hospital.code, order.kind)
            (caseID, isDryRun, reason) = (order.only?.description, order.isDryRun, order.reason)
            (isWithdrawn, orderedBy) = (order.isWithdrawn, order.user)
            orderedMilliseconds = order.milliseconds
            (isOver, waitsSeconds) = (line.isOver, line.waitsMilliseconds.map { $0 / 1000 })
            windows = line.windows.map(Window.init)
        }
    }

    private struct OrderedShape: Encodable {
        let order: String
        let isChanged: Bool
        let windows: Int
    }

    /// `POST /api/v1/resync-orders`: `{hospital, kind, case?, dryRun?, reason?}`
    func orderResync(_ request: Request) async throws(CentralError) -> Response {
        let body = try request.decoded(as: OrderBody.self)
        let (order, isNew) = try await orderDesk.order(
            try body.wish, for: body.hospital, by: request.operatorName)
        return try json(
            OrderedShape(order: order.id, isChanged: isNew, windows: order.windows.count),
            status: isNew ? 201 : 200)
    }

    /// `GET /api/v1/resync-orders?hospital=CODE`
    func listOrders(_ request: Request) async throws(CentralError) -> Response {
        try json(["orders": try await orderDesk.list(of: request.query["hospital"]).map(OrderShape.init)])
    }

    /// `DELETE /api/v1/resync-orders/{id}`: withdraws it.
    func withdrawOrder(_ request: Request) async throws(CentralError) -> Response {
        let (order, isNew) = try await orderDesk.withdraw(
            try request.parameter("id"), by: request.operatorName)
        return try json(OrderedShape(order: order.id, isChanged: isNew, windows: order.windows.count))
    }
}
