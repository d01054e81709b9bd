import Casework
import Cryptography
import Foundation
import SyncProtocol
import Web

extension CentralAPI {
    func addDuplicates(to router: inout Router) {
        addStaff(.get, "/api/v1/duplicates", .mergeDuplicates, .query, to: &router, listDuplicates)
        addStaff(
            .get, "/api/v1/duplicates/{first}/{second}", .mergeDuplicates, .pair, to: &router, showDuplicates)
        addStaff(
            .post, "/api/v1/duplicates/{first}/{second}/merge", .mergeDuplicates, .pair, to: &router,
            mergeDuplicates)
        addStaff(
            .post, "/api/v1/duplicates/{first}/{second}/dismissal", .mergeDuplicates, .pair, to: &router,
            dismissDuplicates)
        addStaff(
            .post, "/api/v1/duplicates/{first}/{second}/undo", .mergeDuplicates, .pair, to: &router,
            undoDuplicates)
    }

    /// `GET /api/v1/duplicates?state=&hospital=&rule=&score=&after=&limit=`: pairs, the oldest first; `next` is the place to go on after,
    /// absent at the end. State: `open` (unless given), `dismissed`, `merged`, `circular`.
    private func listDuplicates(_ request: Request) async throws(CentralError) -> Response {
        var filter = DuplicateFilter()
        let state = request.query["state"] ?? DuplicatePair.State.open.rawValue
        guard let state = DuplicatePair.State(rawValue: state) else {
            throw CentralError.refused(.malformed("A state is open, dismissed, merged or circular."))
        }
        (filter.state, filter.scoreMin) = (state, Int(request.query["score"] ?? "") ?? 0)
        if let code = request.query["rule"] {
            guard code.utf8.count == 5, DuplicateRules.standard.rule(code) != nil else {
                throw CentralError.refused(.malformed("There is no such rule."))
            }
            filter.code = code
        }
        let after = try request.query["after"].map { text throws(CentralError) in
            try DuplicatePlace(reading: text)
        }
        let listed = try await duplicateDesk.pairs(
            filter, in: request.query["hospital"], after: after, countMax: request.limit)
        var members: [String: JSON] = ["duplicates": .list(listed.map(json))]
        if listed.count == request.limit, let last = listed.last {
            members["next"] = .text(last.pair.place.text)
        }
        return try json(JSON.object(members))
    }

    private func json(_ listed: DuplicateDesk.Listed) -> JSON {
        var members = json(listed.pair)
        members["first"] = json(listed.first)
        members["second"] = json(listed.second)
        return .object(members)
    }

    private func json(_ pair: DuplicatePair) -> [String: JSON] {
        [
            "state": .text(pair.state.rawValue), "score": .number(Decimal(pair.score)),
            "reasons": .list(
                pair.codes.map {
                    .object(["code": .text($0), "text": .text(DuplicateRules.standard.text(of: $0))])
                }),
            "sinceMilliseconds": .number(Decimal(pair.sinceMilliseconds)),
        ]
    }

    private func json(_ side: DuplicateDesk.Side) -> JSON {
        let casebook = books.casebook
        let progress = casebook.progress(of: side.state)
        var members: [String: JSON] = [
            "id": .text(side.caseID.description), "stage": .text(progress.stage.rawValue),
            "word": .text(progress.stage.word), "fingerprint": .text(side.state.fingerprint.description),
            "hospitals": .list(
                side.hospitals.map { .object(["code": .text($0.code), "name": .text($0.name)]) }),
        ]
        for (name, key) in [
            ("number", "caseNumber"), ("childName", "childName"), ("motherName", "motherName"),
            ("birthDate", "birthDate"),
        ] { members[name] = side.state.text(key, in: casebook.dictionary).map(JSON.text) }
        if let merger = CaseMerger(side.state, dictionary: casebook.dictionary) {
            members["mergedInto"] = .text(merger.target.description)
        }
        return .object(members)
    }

    /// `GET /api/v1/duplicates/{first}/{second}`: both cases field by field, why they are taken for one child, and all changes of both.
    /// Any two cases may be compared.
    private func showDuplicates(_ request: Request) async throws(CentralError) -> Response {
        let comparison = try await duplicateDesk.comparison(try request.casePair())
        var members =
            comparison.pair.map(json) ?? ["state": .null, "score": .number(0), "reasons": .list([])]
        members["first"] = json(comparison.first)
        members["second"] = json(comparison.second)
        let dictionary = books.casebook.dictionary
        members["fields"] = .list(
            SideBySide(comparison.first.state, comparison.second.state, dictionary: dictionary).lines.map {
                line in
                var members = line.json.members ?? [:]
                members["mayBeTaken"] = .bool(DuplicateDesk.isTaken(line.group))
                return .object(members)
            })
        members["history"] = .list(
            comparison.history.compactMap { change in
                change.content.map { json(change, $0, comparison) }
            })
        return try json(JSON.object(members))
    }

    private func json(
        _ change: Change, _ content: ChangeContent, _ comparison: DuplicateDesk.Comparison
    ) -> JSON {
        let side = change.caseID == comparison.first.caseID ? comparison.first : comparison.second
        let labels = content.writes.keys.sorted().map { id in
            let members = books.casebook.dictionary[id]?.members.map(\.label) ?? [id.description]
            return JSON.text(members.joined(separator: "、"))
        }
        var members: [String: JSON] = [
            "caseID": .text(change.caseID.description), "change": .text(change.id.description),
            "role": .text(content.author.role.name), "unit": .text(content.author.unit),
            "user": .text(content.author.user), "milliseconds": .number(Decimal(content.time.milliseconds)),
            "isDoubtful": .bool(content.isDoubtful), "wrote": .list(labels),
            "isAside": .bool(side.state.isAside(change.id)),
        ]
        members["reason"] = content.reason.map(JSON.text)
        return .object(members)
    }

    private struct MergeBody: Decodable {
        let into: String
        let reason: String
        let take: [String]?
        let seen: [String: String]?
    }

    /// `POST /api/v1/duplicates/{first}/{second}/merge`: `{into: ID, reason, take: [group], seen: {ID: fingerprint}}`. A group is
    /// named by its name or number.
    private func mergeDuplicates(_ request: Request) async throws(CentralError) -> Response {
        let (cases, body) = (try request.casePair(), try request.decoded(as: MergeBody.self))
        guard let into = CaseID(body.into), into == cases.first || into == cases.second else {
            throw CentralError.refused(.malformed("“into” is one of the two cases."))
        }
        guard (body.take?.count ?? 0) <= books.casebook.dictionary.groups.count, (body.seen?.count ?? 0) <= 2
        else { throw CentralError.refused(.malformed("Too many groups or cases.")) }
        var merge = DuplicateDesk.Merge(
            from: cases.other(than: into), into: into, reason: try Self.reason(body.reason),
            user: request.operatorName)
        for name in body.take ?? [] {
            let named = books.casebook.dictionary.group(named: name)?.id
            guard let group = named ?? UInt32(name).map(GroupID.init(rawValue:)) else {
                throw CentralError.refused(.malformed("A group that is to be taken does not exist."))
            }
            merge.takes.append(group)
        }
        for (id, fingerprint) in body.seen ?? [:] {
            guard let id = CaseID(id), let bytes = [UInt8](hexadecimal: fingerprint),
                let digest = Digest(bytes: bytes)
            else { throw CentralError.refused(.malformed("“seen” holds a fingerprint for each case.")) }
            merge.seen[id] = Fingerprint(rawValue: digest)
        }
        try await duplicateDesk.merge(merge)
        return try await showDuplicates(request)
    }

    private struct ReasonBody: Decodable { let reason: String }

    /// `POST /api/v1/duplicates/{first}/{second}/dismissal`: `{reason}`: they are two children.
    private func dismissDuplicates(_ request: Request) async throws(CentralError) -> Response {
        let body = try request.decoded(as: ReasonBody.self)
        try await duplicateDesk.dismiss(
            try request.casePair(), reason: try Self.reason(body.reason), user: request.operatorName)
        return try await showDuplicates(request)
    }

    /// `POST /api/v1/duplicates/{first}/{second}/undo`: `{reason}`: takes back a merge or a dismissal.
    private func undoDuplicates(_ request: Request) async throws(CentralError) -> Response {
        let body = try request.decoded(as: ReasonBody.self)
        try await duplicateDesk.undo(
            try request.casePair(), reason: try Self.reason(body.reason), user: request.operatorName)
        return try await showDuplicates(request)
    }

    /// The protocol's limit holds for the reason of a change, too.
    private static func reason(_ text: String) throws(CentralError) -> String {
        guard !text.allSatisfy(\.isWhitespace), text.utf8.count <= SyncProtocol.Limits.reasonBytesMax else {
            throw CentralError.refused(
                .malformed("A reason has 1 to \(SyncProtocol.Limits.reasonBytesMax) bytes."))
        }
        return text
    }
}

extension Request {
    func casePair() throws(CentralError) -> CasePair {
        let (first, second) = (try caseID("first"), try caseID("second"))
        guard first != second else { throw CentralError.refused(.duplicates(.sameCase)) }
        return CasePair(first, second)
    }
}

extension DuplicatePlace {
    /// As the list hands it out.
    var text: String { "\(sinceMilliseconds)_\(cases.first)_\(cases.second)" }

    init(reading text: String) throws(CentralError) {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let since = UInt64(parts[0]), let first = CaseID(parts[1]),
            let second = CaseID(parts[2])
        else { throw CentralError.refused(.malformed("“after” is what an earlier list gave as “next”.")) }
        self.init(sinceMilliseconds: since, cases: CasePair(first, second))
    }
}
