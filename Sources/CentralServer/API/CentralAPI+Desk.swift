import Casework
import Foundation
import SyncProtocol
import Web

/// The desk: what waits for a person, and deciding on it.
extension CentralAPI {
    func addDesk(to router: inout Router) {
        addStaff(.get, "/api/v1/desk/queue", .settle, .query, to: &router, listQueue)
        addStaff(.get, "/api/v1/desk/counts", .settle, to: &router, countQueue)
        addStaff(.get, "/api/v1/desk/cases/{id}", .settle, .case, to: &router, showQueued)
        addStaff(.post, "/api/v1/desk/settlements", .settle, .body, to: &router, settle)
        addStaff(.post, "/api/v1/desk/undos", .settle, .body, to: &router, undo)
        addStaff(.post, "/api/v1/desk/verdicts", .setAside, .body, to: &router, giveVerdicts)
        addStaff(.post, "/api/v1/desk/assignments", .settle, .body, to: &router, assign)
        addStaff(.get, "/api/v1/cases/{id}/history", .readCase, .case, to: &router, showHistory)
    }

    private var queue: DeskQueue { DeskQueue(store: store, books: books, now: environment.now) }

    /// `GET /api/v1/desk/queue?kind=&hospital=&group=&assignee=&policy=&hours=&order=waiting&after=&limit=`: `assignee=` for what nobody
    /// works on, `hours` for what is that old or older, `after` the `next` of the page before.
    private func listQueue(_ request: Request) async throws(CentralError) -> Response {
        let query = try request.deskQuery(now: environment.now(), books.casebook.dictionary)
        let items = try await queue.page(query)
        let last = items.count == query.countMax ? items.last.map { JSON.text($0.entry.place) } : nil
        return try json(
            JSON.object([
                "entries": .list(items.map { shape($0).masked(by: books.casebook.dictionary) }),
                "next": last ?? .null,
            ]))
    }

    /// `GET /api/v1/desk/cases/{id}`: all that waits in a case, and the case as it stands.
    private func showQueued(_ request: Request) async throws(CentralError) -> Response {
        let caseID = try request.caseID()
        let items = try await queue.items(of: caseID)
        let view = try await caseDesk.view(caseID)
        let shown = CaseView(id: caseID, state: view.state, dictionary: books.casebook.dictionary)
        return try json(
            JSON.object([
                "entries": .list(items.map(shape)), "case": shown.json,
                "assignee": view.state.text("deskAssignee", in: books.casebook.dictionary).map { .text($0) }
                    ?? .null,
            ]))
    }

    private func shape(_ item: DeskQueue.Item) -> JSON { item.json(books.casebook, now: environment.now()) }

    /// `GET /api/v1/desk/counts`: `{total, kinds, hospitals, assignees, ages}`.
    private func countQueue(_ request: Request) async throws(CentralError) -> Response {
        var counts: [String: [String: Int]] = ["kinds": [:], "hospitals": [:], "assignees": [:], "ages": [:]]
        var total = 0
        for (entry, hospital) in try await queue.counts() {
            total += entry.count
            counts["kinds"]?[entry.kind.rawValue, default: 0] += entry.count
            counts["hospitals"]?[hospital, default: 0] += entry.count
            counts["assignees"]?[entry.assignee, default: 0] += entry.count
            counts["ages"]?[DeskQueue.bandNames[entry.band], default: 0] += entry.count
        }
        var members = counts.mapValues { JSON.object($0.mapValues { .number(Decimal($0)) }) }
        members["total"] = .number(Decimal(total))
        return try json(JSON.object(members))
    }

    /// `GET /api/v1/cases/{id}/history`: every change with what became of it.
    private func showHistory(_ request: Request) async throws(CentralError) -> Response {
        let caseID = try request.caseID()
        let changes = try await store.read { transaction throws(CentralError) in
            try transaction.changes(of: caseID).map(\.change)
        }
        if changes.isEmpty { throw CentralError.refused(.unknownCase) }
        let history = CaseHistory(changes, dictionary: books.casebook.dictionary)
        return try json(JSON.object(["id": .text(caseID.description), "history": history.json]))
    }

    // MARK: Deciding

    private struct SettlementsBody: Decodable {
        let reason: String
        let choice: String?
        let dryRun: Bool?
        let settlements: [Entry]

        struct Entry: Decodable {
            let caseID: String
            let group: UInt32
            let seen: [String]
            let choice: String?
            let dot: String?
            let value: [String: JSONValue]?
        }
    }

    /// `POST /api/v1/desk/settlements`: `{reason, choice?, dryRun?, settlements: [{caseID, group, seen: [dot], choice | dot | value}]}`.
    ///
    /// Each is a change of its own, or is refused on its own: the answer says so for each, in their order.
    private func settle(_ request: Request) async throws(CentralError) -> Response {
        let body = try request.decoded(as: SettlementsBody.self)
        let (user, desk, isDryRun) = (request.operatorName, mergeDesk, body.dryRun ?? false)
        try checkCount(body.settlements)
        try MergeDesk.check(reason: body.reason)
        var outcomes: [JSON] = []
        for entry in body.settlements {
            let place = (caseID: CaseID(entry.caseID), group: GroupID(rawValue: entry.group))
            outcomes.append(
                try await outcome(of: place.caseID, place.group, done: isDryRun ? "would-settle" : "settled")
                {
                    caseID throws(CentralError) in
                    try await desk.settle(
                        MergeDesk.Settlement(
                            caseID: caseID, group: place.group, seen: try Dot.list(entry.seen),
                            choice: try choice(entry, body.choice), reason: body.reason, user: user),
                        isDryRun: isDryRun)
                })
        }
        return try json(JSON.object(["outcomes": .list(outcomes)]))
    }

    private func choice(
        _ entry: SettlementsBody.Entry, _ common: String?
    ) throws(CentralError) -> DeskChoice {
        if let dot = entry.dot { return .standing(try Dot(reading: dot)) }
        if let value = entry.value {
            return .value(
                try books.casebook.value(value.mapValues(\.json), of: GroupID(rawValue: entry.group)))
        }
        guard let choice = (entry.choice ?? common).flatMap({ DeskChoice($0) }) else {
            throw CentralError.refused(
                .malformed(
                    "Give dot, value, or a choice: later, window, central, department, hospital:CODE, department:CODE."
                ))
        }
        return choice
    }

    private struct UndosBody: Decodable {
        let reason: String
        let dryRun: Bool?
        let undos: [Entry]

        struct Entry: Decodable {
            let caseID: String
            let group: UInt32
            let dot: String
        }
    }

    /// `POST /api/v1/desk/undos`: `{reason, dryRun?, undos: [{caseID, group, dot}]}`; the dot of what central wrote.
    private func undo(_ request: Request) async throws(CentralError) -> Response {
        let body = try request.decoded(as: UndosBody.self)
        let (user, desk, isDryRun) = (request.operatorName, mergeDesk, body.dryRun ?? false)
        try checkCount(body.undos)
        try MergeDesk.check(reason: body.reason)
        var outcomes: [JSON] = []
        for entry in body.undos {
            let place = (caseID: CaseID(entry.caseID), group: GroupID(rawValue: entry.group))
            outcomes.append(
                try await outcome(of: place.caseID, place.group, done: isDryRun ? "would-undo" : "undone") {
                    caseID throws(CentralError) in
                    try await desk.undo(
                        MergeDesk.Undo(
                            caseID: caseID, group: place.group, dot: try Dot(reading: entry.dot),
                            reason: body.reason, user: user), isDryRun: isDryRun)
                })
        }
        return try json(JSON.object(["outcomes": .list(outcomes)]))
    }

    /// What came of one entry; a refusal with what stands now and who works on it, so that the person can decide again at once. A
    /// store that fails ends the whole order.
    private func outcome(
        of caseID: CaseID?, _ group: GroupID, done: String,
        _ body: (CaseID) async throws(CentralError) -> MergeDesk.Settled
    ) async throws(CentralError) -> JSON {
        let known = books.casebook.dictionary[group]
        var members: [String: JSON] = [
            "caseID": caseID.map { .text($0.description) } ?? .null,
            "group": .number(Decimal(group.rawValue)),
        ]
        do throws(CentralError) {
            guard let caseID else { throw CentralError.refused(.unknownCase) }
            let settled = try await body(caseID)
            members["outcome"] = .text(done)
            members["changes"] = .list(settled.changes.map { .text($0.id.description) })
            members["dots"] = .list(settled.changes.map { .text($0.dot.description) })
            members["values"] = .list(settled.values.map { .object(known?.json(of: $0) ?? [:]) })
        } catch {
            members.merge(try await refusal(error, caseID, group)) { $1 }
        }
        return .object(members)
    }

    private func refusal(
        _ error: CentralError, _ caseID: CaseID?, _ group: GroupID
    ) async throws(CentralError) -> [String: JSON] {
        if case .store = error { throw error }
        let problem = CentralProblem(error)
        let code = problem.type.split(separator: ":").last.map(String.init) ?? "refused"
        var members: [String: JSON] = [
            "outcome": .text(code), "sentence": .text(error.deskSentence ?? problem.title),
        ]
        guard let caseID, case .refused(let refusal) = error, refusal != .unknownCase else { return members }
        let changes = try await store.read { transaction throws(CentralError) in
            try transaction.changes(of: caseID).map(\.change)
        }
        let view = CaseView(
            id: caseID, state: CaseState(folding: changes), dictionary: books.casebook.dictionary)
        members["standing"] = .list(view.standing(in: group))
        members["assignee"] = view.text("deskAssignee").map { .text($0) } ?? .null
        return members
    }

    private struct VerdictsBody: Decodable {
        let reason: String
        let verdicts: [Entry]

        struct Entry: Decodable {
            let caseID: String?
            let change: String
            let verdict: String
            let seen: [String]?
        }
    }

    /// `POST /api/v1/desk/verdicts`: `{reason, verdicts: [{caseID?, change, verdict: "take-up" | "set-aside", seen: [dot]}]}`; without `caseID`
    /// for what entered no case.
    private func giveVerdicts(_ request: Request) async throws(CentralError) -> Response {
        let body = try request.decoded(as: VerdictsBody.self)
        try checkCount(body.verdicts)
        try MergeDesk.check(reason: body.reason)
        var outcomes: [JSON] = []
        for entry in body.verdicts {
            var members: [String: JSON] = ["change": .text(entry.change)]
            do throws(CentralError) {
                let change = try await mergeDesk.give(
                    try verdict(entry, body.reason, by: request.operatorName))
                members["outcome"] = .text("done")
                members["verdict"] = .text(change.id.description)
            } catch {
                members.merge(try await refusal(error, nil, GroupID(rawValue: 0))) { $1 }
            }
            outcomes.append(.object(members))
        }
        return try json(JSON.object(["outcomes": .list(outcomes)]))
    }

    private func verdict(
        _ entry: VerdictsBody.Entry, _ reason: String, by user: String
    ) throws(CentralError) -> MergeDesk.Verdict {
        guard ["take-up", "set-aside"].contains(entry.verdict) else {
            throw CentralError.refused(.malformed("A verdict is take-up or set-aside."))
        }
        let caseID = entry.caseID.flatMap { CaseID($0) }
        guard entry.caseID == nil || caseID != nil else { throw CentralError.refused(.unknownCase) }
        return MergeDesk.Verdict(
            caseID: caseID, target: try ContentID(reading: entry.change),
            isTakenUp: entry.verdict == "take-up", seen: try Dot.list(entry.seen ?? []), reason: reason,
            user: user)
    }

    private struct AssignmentBody: Decodable {
        let assignee: String?
        let cases: [String]
    }

    /// `POST /api/v1/desk/assignments`: `{assignee: name | null, cases: [ID]}`.
    private func assign(_ request: Request) async throws(CentralError) -> Response {
        let body = try request.decoded(as: AssignmentBody.self)
        try checkCount(body.cases)
        var outcomes: [JSON] = []
        for text in body.cases {
            var members: [String: JSON] = ["caseID": .text(text)]
            do throws(CentralError) {
                guard let caseID = CaseID(text) else { throw CentralError.refused(.unknownCase) }
                let change = try await mergeDesk.assign(
                    caseID, to: body.assignee, by: request.operatorName)
                members["outcome"] = .text(change == nil ? "unchanged" : "assigned")
            } catch {
                members.merge(try await refusal(error, nil, GroupID(rawValue: 0))) { $1 }
            }
            outcomes.append(.object(members))
        }
        return try json(JSON.object(["outcomes": .list(outcomes)]))
    }

    private func checkCount(_ entries: [some Any]) throws(CentralError) {
        guard 1...MergeDesk.entriesMax ~= entries.count else {
            throw CentralError.refused(.malformed("Name 1 to \(MergeDesk.entriesMax) entries at once."))
        }
    }
}

extension CentralError {
    /// Why an entry of an order was not carried out, for staff; nil for what is in the program's own title.
    var deskSentence: String? {
        guard case .refused(let refusal) = self else { return nil }
        switch refusal {
        case .stale: return "其他人员已先行处理或填写，请核对现有内容后再决定。"
        case .staleVerdict: return "其他人员已先行处理该变更，请刷新后再决定。"
        case .noConflict: return "该栏目已无不一致的内容，无须处理。"
        case .unseenDots: return "所选内容已不存在，请核对现有内容后再决定。"
        case .malformedValue: return "填写内容不符合该栏目的格式。"
        case .unknownCase: return "没有这个办件。"
        case .unknownChange: return "该变更不存在，或不能这样处理。"
        default: return nil
        }
    }
}
