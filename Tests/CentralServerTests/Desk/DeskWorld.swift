import Casework
import SyncProtocol
import Testing

@testable import CentralServer

extension GroupID {
    static let childName = GroupID(rawValue: 20)
    static let motherPhone = GroupID(rawValue: 55)
}

extension World {
    /// A case of a hospital whose child has several names, the later the higher.
    @discardableResult
    func disputed(_ ward: Ward, names: [String] = ["a", "b"], base: String? = nil) async throws -> (
        caseID: CaseID, dots: [Dot]
    ) {
        let caseID = newCase()
        var seen: [Dot] = []
        if let base {
            var first = Writer(environment.randomNumber())
            seen = [try first.write(caseID, [20: (CBOR.name(base), [])], unit: ward.hospital.code).dot]
            try await ward.push(first.run())
        }
        var dots: [Dot] = []
        for (index, name) in names.enumerated() {
            var writer = Writer(environment.randomNumber())
            let change = try writer.write(
                caseID, [20: (CBOR.name(name), seen)], unit: ward.hospital.code,
                milliseconds: 1_790_000_000_000 + UInt64(index) * 1000)
            dots.append(change.dot)
            try await ward.push(writer.run())
        }
        return (caseID, dots)
    }

    func settle(
        _ caseID: CaseID, _ choice: DeskChoice, group: GroupID = .childName, isDryRun: Bool = false
    ) async throws -> MergeDesk.Settled {
        let seen = try await state(of: caseID).registers[group]?.dots ?? []
        return try await mergeDesk.settle(
            MergeDesk.Settlement(
                caseID: caseID, group: group, seen: seen, choice: choice, reason: "by paper", user: "s"),
            isDryRun: isDryRun)
    }

    func undo(_ caseID: CaseID, _ dot: Dot, group: GroupID = .childName) async throws -> MergeDesk.Settled {
        try await mergeDesk.undo(
            MergeDesk.Undo(caseID: caseID, group: group, dot: dot, reason: "wrong paper", user: "t"))
    }

    /// The values that stand, in the order of their bytes.
    func names(_ caseID: CaseID, group: GroupID = .childName) async throws -> [String] {
        (try await state(of: caseID).registers[group]?.standing ?? []).compactMap {
            if case .text(let text)? = $0.value.first { text } else { nil }
        }.sorted()
    }

    func changes(of caseID: CaseID) async throws -> [Change] {
        try await store.read { transaction throws(CentralError) in
            try transaction.changes(of: caseID).map(\.change)
        }
    }

    func losses(of unit: String, in caseID: CaseID) async throws -> [Loss] {
        let changes = try await changes(of: caseID)
        return Loss.all(of: unit, in: changes, CaseState(folding: changes), dictionary: .standard)
    }

    /// Every entry of the queue, page by page.
    func queue(_ query: DeskQueue.Query = DeskQueue.Query(countMax: 3)) async throws -> [DeskEntry] {
        var (query, entries) = (query, [DeskEntry]())
        while true {
            let page = try await deskQueue.page(query).map(\.entry)
            entries += page
            guard page.count == query.countMax, let last = page.last else { return entries }
            query.after = last
        }
    }

    /// What the queue must hold of conflicts, by the fold of every case.
    func conflictsOfLog() async throws -> Set<String> {
        let ids = try await store.read { transaction throws(CentralError) in
            try transaction.caseIDs(after: nil, countMax: 10_000)
        }
        var found: Set<String> = []
        for id in ids {
            let state = CaseState(folding: try await changes(of: id))
            for group in state.conflicts(by: books.casebook.rules) { found.insert("\(id) \(group)") }
        }
        return found
    }
}
