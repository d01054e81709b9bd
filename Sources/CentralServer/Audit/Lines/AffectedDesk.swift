import Accounts
import Casework
import SyncProtocol

/// Whose data an account read, or a computer held, in a time: who has to be told after a breach (个人信息保护法 第五十七条).
///
/// What an account did at central is in central's audit log; what its clerks read at a window is in that window's. A computer holds all
/// cases that its hospital has, from its first exchange on; one that a case left holds it until it is wiped.
struct AffectedDesk: Sendable {
    /// Cases in one answer.
    static let countMax = 500
    /// Lines and cases that are read at a time.
    private static let pageCount = 1000

    let store: any CentralStore
    let books: Books

    /// Whom it is about, and when, milliseconds since 1970.
    struct Question: Hashable, Sendable {
        enum Subject: Hashable, Sendable {
            case account(String)
            case device(DeviceID)
            case hospital(code: String)
        }

        let subject: Subject
        let from: UInt64
        let until: UInt64
    }

    /// A case, and by whom somebody is to be told.
    struct Line: Hashable, Sendable {
        let caseID: CaseID
        /// `read`, `print`, `export`, `change`, `held`.
        let ways: [String]
        let number: String?
        let hospitals: [String]
        let motherName: String?
        let motherPhone: String?
        let isErased: Bool
    }

    struct Answer: Hashable, Sendable {
        let lines: [Line]
        let total: Int
        /// Cases that lines of the log count and do not name, in lists and exports.
        let unnamed: Int
        let hasMore: Bool
    }

    /// The cases after one, ascending.
    func affected(by question: Question, after last: CaseID?) async throws(CentralError) -> Answer {
        var (ways, unnamed): ([CaseID: Set<String>], Int)
        switch question.subject {
        case .account(let name): (ways, unnamed) = try await acts(of: name, question)
        case .device(let id): (ways, unnamed) = (try await held(by: id, question), 0)
        case .hospital(let code): (ways, unnamed) = (try await held(at: code, question), 0)
        }
        let found = ways
        let ids = found.keys.filter { id in last.map { $0 < id } ?? true }.sorted()
        let dictionary = books.casebook.dictionary
        let lines = try await store.read { transaction throws(CentralError) in
            try ids.prefix(Self.countMax).map { id throws(CentralError) in
                let state = CaseState(folding: try transaction.changes(of: id).map(\.change))
                return Line(
                    caseID: id, ways: (found[id] ?? []).sorted(),
                    number: state.text("caseNumber", in: dictionary),
                    hospitals: try MergeDesk.hospitals(of: id, in: transaction).map(\.code).sorted(),
                    motherName: state.text("motherName", in: dictionary),
                    motherPhone: state.text("motherPhone", in: dictionary), isErased: state.erasedCount > 0)
            }
        }
        for line in lines { AuditNote.current?.touch(line.caseID) }
        return Answer(
            lines: lines, total: found.count, unnamed: unnamed, hasMore: ids.count > lines.count)
    }

    private static let kinds: Set<AuditKind> = [.read, .print, .export, .change]

    private func acts(
        of name: String, _ question: Question
    ) async throws(CentralError) -> ([CaseID: Set<String>], Int) {
        var (ways, unnamed, last): ([CaseID: Set<String>], Int, UInt64) = ([:], 0, 0)
        while true {
            let place = last
            let page = try await store.read { transaction throws(CentralError) in
                try transaction.auditLines(after: place, countMax: Self.pageCount)
            }
            guard let end = page.last else { return (ways, unnamed) }
            for stored in page where (question.from...question.until).contains(stored.milliseconds) {
                // A line that does not open is for `audit verify` to tell.
                guard let line = stored.bytes.flatMap({ try? AuditLine(decoding: $0) }), line.who == name,
                    line.status == nil, Self.kinds.contains(line.kind)
                else { continue }
                for id in line.cases { ways[id, default: []].insert(line.kind.rawValue) }
                unnamed += Int(clamping: line.moreCases)
            }
            last = end.sequence
        }
    }

    private func held(by id: DeviceID, _ question: Question) async throws(CentralError) -> [CaseID: Set<
        String
    >] {
        let found = try await store.read { transaction throws(CentralError) in
            guard let device = try transaction.device(id) else { throw CentralError.refused(.unknownDevice) }
            return device
        }
        guard found.enrolledMilliseconds <= question.until else { return [:] }
        return try await held(of: found.hospital, question)
    }

    private func held(at code: String, _ question: Question) async throws(CentralError) -> [CaseID: Set<
        String
    >] {
        let hospital = try await store.read { transaction throws(CentralError) in
            guard let hospital = try transaction.hospital(code: code) else {
                throw CentralError.refused(.unknownHospital)
            }
            return hospital.id
        }
        return try await held(of: hospital, question)
    }

    /// Cases that the hospital has or had, and that central knew by the end of that time.
    private func held(of hospital: HospitalID, _ question: Question) async throws(CentralError) -> [CaseID:
        Set<String>]
    {
        var (ways, last): ([CaseID: Set<String>], CaseID?) = ([:], nil)
        while true {
            let place = last
            let page = try await store.read { transaction throws(CentralError) in
                let ids = try transaction.caseIDs(after: place, countMax: Self.pageCount)
                var held: [CaseID] = []
                for id in ids where id != .centralRecord && id != hospital.record {
                    guard try transaction.scope(of: id, in: hospital) != nil else { continue }
                    let log = try transaction.changes(of: id)
                    if log.contains(where: { $0.milliseconds <= question.until }) { held.append(id) }
                }
                return (ids.last, held)
            }
            for id in page.1 { ways[id] = ["held"] }
            guard let end = page.0 else { return ways }
            last = end
        }
    }
}
