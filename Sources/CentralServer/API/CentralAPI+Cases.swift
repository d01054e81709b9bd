import SyncProtocol
import Web

extension CentralAPI {
    /// `GET /api/v1/cases?hospital=&before=&count=`: newest first.
    func listCases(_ request: Request) async throws(CentralError) -> Response {
        let summaries = try await caseDesk.cases(
            before: request.query["before"].flatMap { CaseID($0) }, in: request.query["hospital"],
            countMax: request.pageCount)
        return try json(["cases": summaries.map(SummaryShape.init)])
    }

    /// `GET /api/v1/cases/{id}`
    func showCase(_ request: Request) async throws(CentralError) -> Response {
        try json(CaseShape(try await caseDesk.view(try request.caseID()), books.casebook))
    }

    private struct EditBody: Decodable {
        struct Write: Decodable {
            let group: UInt32
            let value: [String: JSONValue]
            let replaces: [String]
        }

        let user: String
        let reason: String?
        let writes: [Write]
    }

    private struct ChangeShape: Encodable {
        let change: String
        let dot: String

        init(_ change: Change) {
            self.change = change.id.description
            dot = change.dot.description
        }
    }

    /// `PATCH /api/v1/cases/{id}`: `{user, reason?, writes: [{group, value: {key: …}, replaces: [dot]}]}`
    func editCase(_ request: Request) async throws(CentralError) -> Response {
        let body = try request.decoded(as: EditBody.self)
        var writes: [GroupID: ChangeContent.Write] = [:]
        for write in body.writes {
            let group = GroupID(rawValue: write.group)
            writes[group] = ChangeContent.Write(
                value: try books.casebook.value(write.value.mapValues(\.json), of: group),
                replaces: try Dot.list(write.replaces))
        }
        let change = try await caseDesk.edit(
            CaseDesk.Edit(caseID: try request.caseID(), writes: writes, reason: body.reason, user: body.user))
        return try json(ChangeShape(change))
    }

    private struct SettlementBody: Decodable {
        let user: String
        let reason: String
        let group: UInt32
        let seen: [String]
        let dot: String?
        let value: [String: JSONValue]?
    }

    /// `POST /api/v1/cases/{id}/settlements`: `{user, reason, group, seen: [dot], dot | value}`
    func settle(_ request: Request) async throws(CentralError) -> Response {
        let body = try request.decoded(as: SettlementBody.self)
        let (caseID, group) = (try request.caseID(), GroupID(rawValue: body.group))
        let choice: MergeDesk.Settlement.Choice
        switch (body.dot, body.value) {
        case (let dot?, nil): choice = .standing(try Dot(reading: dot))
        case (nil, let value?): choice = .value(try books.casebook.value(value.mapValues(\.json), of: group))
        default: throw CentralError.refused(.malformed("Give either dot or value."))
        }
        let settlement = MergeDesk.Settlement(
            caseID: caseID, group: group, seen: try Dot.list(body.seen), choice: choice, reason: body.reason,
            user: body.user)
        do throws(CentralError) {
            return try json(ChangeShape(try await mergeDesk.settle(settlement)), status: 201)
        } catch {
            guard case .refused(.stale) = error else { throw error }
            return try await staleAnswer(error, caseID, group)
        }
    }

    /// The refusal with what stands now, so that the person can decide again at once.
    private func staleAnswer(
        _ error: CentralError, _ caseID: CaseID, _ group: GroupID
    ) async throws(CentralError) -> Response {
        var problem = CentralProblem(error)
        let state = try await caseDesk.view(caseID).state
        problem.standing = GroupShape(group, state, books.casebook).standing
        return problem.response
    }

    private struct ConflictShape: Encodable {
        let caseID: String
        let group: UInt32
        let name: String?
        let hospitals: [String]
        let standing: [StandingShape]
    }

    /// `GET /api/v1/conflicts?case=&group=&count=`: those after the place named.
    func listConflicts(_ request: Request) async throws(CentralError) -> Response {
        var place: (CaseID, GroupID)?
        if let caseID = request.query["case"].flatMap({ CaseID($0) }) {
            place = (caseID, GroupID(rawValue: UInt32(request.query["group"] ?? "") ?? .max))
        }
        let dictionary = books.casebook.dictionary
        let conflicts = try await mergeDesk.conflicts(after: place, countMax: request.pageCount)
        let shapes = conflicts.map { conflict in
            ConflictShape(
                caseID: conflict.caseID.description, group: conflict.group.rawValue,
                name: dictionary[conflict.group]?.name, hospitals: conflict.hospitals.map(\.code),
                standing: conflict.standing.map { StandingShape($0, of: conflict.group, dictionary) })
        }
        return try json(["conflicts": shapes])
    }
}
