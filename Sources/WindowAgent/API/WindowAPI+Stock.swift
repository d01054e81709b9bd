import Casework
import SyncProtocol
import Web

extension WindowAPI {
    private struct StockShape: Encodable {
        struct Range: Encodable {
            let first: String
            let last: String
            let count: Int
            let date: String?
        }

        struct Trouble: Encodable {
            let number: String
            let cases: [String]

            init(_ trouble: CertificateStock.Trouble) {
                number = trouble.number.description
                cases = trouble.uses.map { $0.caseNumber ?? $0.caseID.description }
            }
        }

        let ranges: [Range]
        let assigned: Int
        let used: Int
        let voided: Int
        let remaining: Int
        let next: String?
        let isLow: Bool
        let usedTwice: [Trouble]
        let usedOutside: [Trouble]
        let voidedAndUsed: [Trouble]
        let warnings: [String]

        init(_ stock: CertificateStock, lowCount: Int) {
            ranges = stock.ranges.map {
                Range(
                    first: $0.first.description, last: $0.last.description, count: $0.count,
                    date: $0.date?.description)
            }
            (assigned, used, voided) = (stock.assignedCount, stock.usedCount, stock.voidedCount)
            (remaining, next) = (stock.remainingCount, stock.next?.description)
            isLow = stock.isLow(at: lowCount)
            usedTwice = stock.usedTwice.map(Trouble.init)
            usedOutside = stock.usedOutside.map(Trouble.init)
            voidedAndUsed = stock.voidedAndUsed.map(Trouble.init)
            warnings = isLow ? ["出生医学证明仅剩 \(stock.remainingCount) 份，请及时向中心申领。"] : []
        }
    }

    /// `GET /api/v1/stock`
    @Sendable func listStock(_ request: Request) async throws -> Response {
        let stock = try await store.stock()
        let settings = try await store.settingSources().merged
        return try .json(StockShape(stock, lowCount: settings.lowStockCount))
    }

    private struct CheckShape: Encodable {
        let number: String
        let isUsable: Bool
        /// Why not, or what to look at.
        let sentence: String?
        /// Numbers of the cases that hold it.
        let cases: [String]
        let voidedReason: String?
    }

    /// `GET /api/v1/stock/{number}`: whether a new case may use it.
    @Sendable func checkStock(_ request: Request) async throws -> Response {
        let number = try certificate(request.parameters["number"] ?? "")
        let stock = try await store.stock(of: number)
        let refusal = stock.refusal(of: number)
        let warning = stock.isAssigned ? nil : CertificateRefusal.unassignedWarning
        return try .json(
            CheckShape(
                number: number.description, isUsable: refusal == nil, sentence: refusal?.chinese ?? warning,
                cases: stock.uses(of: number).map { $0.caseNumber ?? $0.caseID.description },
                voidedReason: stock.void(of: number)?.reason))
    }

    private struct VoidOrder: Decodable {
        let number: String
        let reason: String
    }

    private struct VoidAnswer: Encodable {
        let number: String
        let isChanged: Bool
        let warnings: [String]
    }

    /// Characters of the reason why a certificate was voided.
    private static var voidReasonMax: Int { 200 }

    /// `POST /api/v1/stock/voids`: `{"number": number, "reason": text}`. A number that a case holds is voided all the same,
    /// because the paper is what it is; the clerk is told to give the case another.
    @Sendable func voidCertificate(_ request: Request) async throws -> Response {
        let order = try decode(VoidOrder.self, request)
        let (number, isChanged, warnings) = try await void(
            order.number, reason: order.reason, try await saving(request))
        return try .json(
            VoidAnswer(number: number.description, isChanged: isChanged, warnings: warnings))
    }

    /// Voids a certificate as somebody typed it, and tells what else is to be done.
    func void(
        _ text: String, reason: String, _ saving: Saving
    ) async throws -> (number: CertificateNumber, isChanged: Bool, warnings: [String]) {
        let number = try certificate(text)
        let reason = reason.precomposedStringWithCanonicalMapping
        guard 1...Self.voidReasonMax ~= reason.count,
            reason.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else {
            throw Web.Problem(
                status: 422, title: "作废原因有误，未保存", detail: "作废原因须为 1 至 \(Self.voidReasonMax) 个字。",
                remedy: "Give a reason: --reason TEXT")
        }
        let saved = try await store.void(number, reason: reason, saving)
        await exchanger.noteSaved()
        let uses = try await store.stock(of: number).uses(of: number)
        let warnings = uses.map { "该编号仍用于办件 \($0.caseNumber ?? $0.caseID.description)，请改填新证件的编号。" }
        return (number, saved.cases.contains(where: \.isChanged), warnings)
    }

    private func certificate(_ text: String) throws -> CertificateNumber {
        guard let number = CertificateNumber(text) else {
            throw Web.Problem(
                status: 422, title: "出生医学证明编号有误", detail: "编号须为 1 个大写字母和 9 位数字。",
                remedy: "One capital letter and nine digits.")
        }
        return number
    }
}
