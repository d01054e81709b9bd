import Casework
import SyncProtocol

/// What a department answers for one item of a case.
struct DepartmentResult: Sendable {
    static let idBytesMax = 128

    let department: String
    /// The department's own name of this answer: if it comes again, nothing happens.
    let id: String
    let caseID: CaseID
    let item: String
    let outcome: Outcome
    /// `YYYY-MM-DD`.
    let date: String
    let number: String?
    let artefact: String?
    let note: String?
    /// Further fields that the department owns, such as the citizen number that the police give, coded, by key.
    let values: [String: CBOR]
    /// The dots that the task showed, by group. What is left out was not seen.
    let asOf: [GroupID: [Dot]]
    let user: String

    /// The value of the result group, member by member as its keys end.
    func value(in group: FieldGroup) -> [CBOR] {
        group.members.map { member in
            let texts: [(suffix: String, text: String?)] = [
                ("Status", outcome.rawValue), ("Date", date), ("ID", id), ("Number", number),
                ("Artefact", artefact),
                ("Note", note),
            ]
            return texts.first { member.key.hasSuffix($0.suffix) }?.text.map(CBOR.text) ?? .null
        }
    }
}

extension DepartmentDesk {
    /// Takes a result: a change in the department's name on central's own replica.
    ///
    /// What it replaces is what the department had seen, so that a result that contradicts another shows as a conflict.
    /// - Returns: the change, and whether it was here before.
    @discardableResult
    func take(_ result: DepartmentResult) async throws(CentralError) -> (change: ContentID, isRepeated: Bool)
    {
        guard (1...DepartmentResult.idBytesMax).contains(result.id.utf8.count) else {
            throw CentralError.refused(.malformed("A result needs an ID of at most 128 bytes."))
        }
        let (books, milliseconds) = (books, environment.now())
        return try await store.write { transaction throws(CentralError) in
            var ledger = try Ledger(transaction, books, milliseconds: milliseconds)
            let state = try ledger.knownState(of: result.caseID)
            let own = try Self.change(for: result, state, books.casebook)
            if let known = try transaction.result(result.id, of: result.department) {
                try Self.checkSame(known, own, result.caseID, transaction)
                return (known, true)
            }
            let change = try ledger.write(own, on: result.caseID)
            try ledger.finish()
            return (change.id, false)
        }
    }

    private static func change(
        for result: DepartmentResult, _ state: CaseState, _ casebook: Casebook
    ) throws(CentralError) -> Ledger.OwnChange {
        guard let policy = casebook.policy(of: state), let item = policy.item(result.item),
            let target = casebook.resultGroups(of: item, by: result.department).first,
            let group = casebook.dictionary[target]
        else { throw CentralError.refused(.unknownTask) }
        var values = [target: result.value(in: group)]
        for (id, value) in Answers(result.values).groups(in: casebook.dictionary) {
            guard casebook.owns(result.department, id) else { throw CentralError.refused(.notOwner([id])) }
            guard id != target, case .array(let members) = value else {
                throw CentralError.refused(.malformedValue(id))
            }
            values[id] = members
        }
        guard result.asOf.values.allSatisfy({ $0.allSatisfy(state.seen.contains) }) else {
            throw CentralError.refused(.unseenDots)
        }
        var own = Ledger.OwnChange(
            author: Author(role: .department, unit: result.department, user: result.user))
        for (id, value) in values {
            own.writes[id] = ChangeContent.Write(value: value, replaces: result.asOf[id] ?? [])
        }
        own.basis = result.asOf.filter { own.writes[$0.key] == nil }
        return own
    }

    /// The same ID must mean the same answer.
    private static func checkSame(
        _ known: ContentID, _ own: Ledger.OwnChange, _ caseID: CaseID, _ transaction: any CentralTransaction
    ) throws(CentralError) {
        let change = try transaction.changes(of: caseID).first { $0.change.id == known }?.change
        guard let content = change?.content,
            content.writes.mapValues(\.value) == own.writes.mapValues(\.value)
        else {
            throw CentralError.refused(.differentResult)
        }
    }
}
