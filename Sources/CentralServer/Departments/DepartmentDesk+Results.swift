import Casework
import SyncProtocol

/// Taking what departments answer: changes in their names on central's own replica.
extension DepartmentDesk {
    /// Results of one batch.
    static let batchCountMax = 200

    /// What became of a result.
    enum Receipt: Hashable, Sendable {
        case taken(ContentID)
        /// It was here before, under the same ID and with the same content.
        case repeated(ContentID)
        /// It is written and waits for a person, for these reasons.
        case kept(ContentID, reasons: [String])
        case refused(Refusal)
    }

    /// Takes results, in order and in one transaction: what is refused hinders none of the others.
    ///
    /// What a result replaces is what the department had seen, so that one that contradicts another shows as a conflict.
    func take(_ results: [DepartmentResult]) async throws(CentralError) -> [Receipt] {
        let (books, now) = (books, environment.now())
        return try await store.write { transaction throws(CentralError) in
            var taker = ResultTaker(try Ledger(transaction, books, milliseconds: now), books.casebook)
            var receipts: [Receipt] = []
            for result in results {
                do throws(CentralError) { receipts.append(try taker.take(result)) } catch {
                    guard case .refused(let refusal) = error else { throw error }
                    receipts.append(.refused(refusal))
                }
            }
            try taker.finish()
            return receipts
        }
    }

    /// Takes one result.
    ///
    /// - Throws: the refusal, if it is refused.
    @discardableResult
    func take(_ result: DepartmentResult) async throws(CentralError) -> Receipt {
        let receipt = try await take([result])[0]
        if case .refused(let refusal) = receipt { throw CentralError.refused(refusal) }
        return receipt
    }
}

/// Takes results one after the other inside one transaction.
private struct ResultTaker {
    private var ledger: Ledger
    private let casebook: Casebook
    /// What was written so far, which no cache knows yet, by the result's ID.
    private var written: [String: (change: ContentID, caseID: CaseID, writes: [GroupID: [CBOR]])] = [:]

    init(_ ledger: Ledger, _ casebook: Casebook) { (self.ledger, self.casebook) = (ledger, casebook) }

    mutating func finish() throws(CentralError) {
        if !written.isEmpty { try ledger.finish() }
    }

    mutating func take(_ result: DepartmentResult) throws(CentralError) -> DepartmentDesk.Receipt {
        guard (1...DepartmentResult.idBytesMax).contains(result.id.utf8.count) else {
            throw CentralError.refused(
                .malformed("A result needs an ID of at most \(DepartmentResult.idBytesMax) bytes."))
        }
        guard try ledger.transaction.isKnown(result.caseID) else { throw CentralError.refused(.unknownTask) }
        let state = try ledger.knownState(of: result.caseID)
        let tasks = CaseTasks(
            state, progress: casebook.progress(of: state), dictionary: casebook.dictionary)
        let known = try known(result)
        guard let item = tasks.item(result.item, of: result.department) else {
            // The rules of the case may be in conflict by now.
            if let known, known.caseID == result.caseID { return .repeated(known.change) }
            throw CentralError.refused(.unknownTask)
        }
        try checkOwner(result)
        if let known {
            guard known.caseID == result.caseID,
                known.writes == (try? tasks.writes(of: result, item))?.mapValues(\.value)
            else { throw CentralError.refused(.differentResult) }
            return .repeated(known.change)
        }
        guard result.asOf.values.allSatisfy({ $0.allSatisfy(state.seen.contains) }) else {
            throw CentralError.refused(.unseenDots)
        }
        let today = CalendarDate(milliseconds: ledger.milliseconds)
        return try write(result, tasks.judge(result, of: item, today: today), tasks, item)
    }

    private mutating func write(
        _ result: DepartmentResult, _ verdict: ResultVerdict, _ tasks: CaseTasks, _ item: Policy.Item
    ) throws(CentralError) -> DepartmentDesk.Receipt {
        if case .refuse(let reasons) = verdict { throw CentralError.refused(.wrongResult(reasons)) }
        var own = Ledger.OwnChange(
            author: Author(role: .department, unit: result.department, user: result.user))
        do throws(ValueError) { own.writes = try tasks.writes(of: result, item) } catch {
            throw CentralError.refused(.wrongResult(["办理结果的内容无法登记。"]))
        }
        own.basis = result.asOf.filter { own.writes[$0.key] == nil }
        let receipt: DepartmentDesk.Receipt
        let change: Change
        if case .keep(let reasons) = verdict {
            change = try ledger.keep(
                own, on: result.caseID, reason: "办理结果待核对：\(reasons.joined(separator: " "))")
            receipt = .kept(change.id, reasons: reasons)
        } else {
            change = try ledger.write(own, on: result.caseID)
            receipt = .taken(change.id)
        }
        try ledger.transaction.dropClaim(of: result.department, on: result.caseID, result.item)
        written[result.id] = (change.id, result.caseID, own.writes.mapValues(\.value))
        return receipt
    }

    /// A field of somebody else's is refused by the name of its group: the department may not even say it.
    private func checkOwner(_ result: DepartmentResult) throws(CentralError) {
        let foreign = result.values.keys.compactMap { casebook.dictionary.place(of: $0)?.group }.filter {
            $0.rule != .owner(.department(result.department))
        }
        guard foreign.isEmpty else { throw CentralError.refused(.notOwner(foreign.map(\.id).sorted())) }
    }

    /// What a result said that came before under the same ID.
    private func known(
        _ result: DepartmentResult
    ) throws(CentralError) -> (change: ContentID, caseID: CaseID, writes: [GroupID: [CBOR]])? {
        if let known = written[result.id] { return known }
        guard let id = try ledger.transaction.result(result.id, of: result.department) else { return nil }
        let change = try ledger.transaction.changes(of: result.caseID).first { $0.change.id == id }?.change
        guard let content = change?.content else { throw CentralError.refused(.differentResult) }
        return (id, result.caseID, content.writes.mapValues(\.value))
    }
}
