import Casework
import SyncProtocol
import Web

extension CentralAPI {
    private struct RangeBody: Decodable {
        let hospital: String
        let first: String
        let last: String
        let date: String?

        /// - Throws: what is wrong with the numbers.
        func range(today: CalendarDate) throws(CentralError) -> CertificateRange {
            guard let first = CertificateNumber(first), let last = CertificateNumber(last) else {
                throw CentralError.refused(.malformed("A number is not one capital letter and nine digits."))
            }
            var day = today
            if let date {
                guard let given = CalendarDate(date) else {
                    throw CentralError.refused(.malformed("The date is not YYYY-MM-DD."))
                }
                day = given
            }
            do throws(CertificateRangeError) {
                return try CertificateRange(first: first, last: last, date: day)
            } catch {
                throw CentralError.refused(.malformed(error.description))
            }
        }
    }

    private struct AssignmentShape: Encodable {
        let hospital: String
        let first: String
        let last: String
        let count: Int
        let isChanged: Bool
    }

    /// `POST /api/v1/ranges`: `{hospital, first, last, date?}`
    func assignRange(_ request: Request) async throws(CentralError) -> Response {
        let body = try request.decoded(as: RangeBody.self)
        let range = try body.range(today: CalendarDate(milliseconds: environment.now()))
        let isChanged = try await stockDesk.assign(range, to: body.hospital, by: request.operatorName)
        return try json(
            AssignmentShape(
                hospital: body.hospital, first: range.first.description, last: range.last.description,
                count: range.count, isChanged: isChanged), status: isChanged ? 201 : 200)
    }

    private struct StockShape: Encodable {
        struct Range: Encodable {
            let first: String
            let last: String
            let count: Int
            let date: String?
        }

        let hospital: String
        let name: String
        let ranges: [Range]
        let assigned: Int
        let used: Int
        let voided: Int
        let remaining: Int
        let next: String?
        let isLow: Bool

        init(_ line: StockDesk.Line) {
            (hospital, name) = (line.hospital.code, line.hospital.name)
            let stock = line.stock
            ranges = stock.ranges.map {
                Range(
                    first: $0.first.description, last: $0.last.description, count: $0.count,
                    date: $0.date?.description)
            }
            (assigned, used, voided) = (stock.assignedCount, stock.usedCount, stock.voidedCount)
            (remaining, next) = (stock.remainingCount, stock.next?.description)
            isLow = line.isLow
        }
    }

    /// `GET /api/v1/stock?hospital=CODE`
    func listStock(_ request: Request) async throws(CentralError) -> Response {
        let lines = try await stockDesk.lines(of: request.query["hospital"])
        return try json(["stock": lines.map(StockShape.init)])
    }

    private struct CollisionShape: Encodable {
        struct Holder: Encodable {
            let caseID: String
            let caseNumber: String?
            let hospitals: [String]
        }

        let kind: String
        let number: String
        let cases: [Holder]
    }

    /// `GET /api/v1/collisions?limit=`: up to so many of each kind.
    func listCollisions(_ request: Request) async throws(CentralError) -> Response {
        let collisions = try await stockDesk.collisions(countMax: request.limit)
        return try json([
            "collisions": collisions.map { collision in
                CollisionShape(
                    kind: collision.kind.rawValue, number: collision.number,
                    cases: collision.holders.map {
                        CollisionShape.Holder(
                            caseID: $0.caseID.description, caseNumber: $0.caseNumber, hospitals: $0.hospitals)
                    })
            }
        ])
    }
}
