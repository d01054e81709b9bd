import CentralServer
import SyncProtocol
import WindowAgent

/// Whose a case is, and what becomes of it where it was before.
extension World {
    func openScopes(of id: CaseID) async throws -> [HospitalID] {
        try await central.read { transaction throws(CentralError) in
            try transaction.scopes(of: id).filter { $0.left == nil }.map(\.hospital)
        }
    }

    /// A case is the hospital's that the log names, and nobody else's.
    func judgeScope(_ id: CaseID, _ plain: PlainFold) async throws {
        let open = try await openScopes(of: id)
        let codes = hospitals.filter { open.contains($0.id) }.map(\.code)
        guard open.count == 1 else { return violate("\(id) is \(codes)'s at once") }
        if let holder = plain.holder {
            if open != [holder] { violate("\(id) is \(codes)'s, and the log says otherwise") }
        } else if !plain.hasMoved, !plain.registrants.isSubset(of: open) {
            violate("\(id) is \(codes)'s, which did not register it")
        }
    }

    /// A computer keeps cases that left, hidden: what its hospital was told of them, and nothing that central does not have.
    func judgeDeparted(_ index: Int) async throws {
        let machine = machines[index]
        let hospital = machine.hospital.id
        let told = try await told(hospital)
        let listed = Set(try await machine.store.cases(limit: 10_000).map(\.id))
        let departed = Set(try await machine.store.departedCases(limit: 10_000).map(\.id))
        for id in try await casesAtCentral() where try await !openScopes(of: id).contains(hospital) {
            if listed.contains(id) { violate("\(machine.name) shows \(id), which left") }
            let here = departed.contains(id) ? try await machine.store.changes(of: id) : []
            try await judgeDeparted(id, Set(here.map(\.id)), told, "\(id), which left, at \(machine.name)")
            let untold = try await sentByAuthor(here, of: machine.hospital)
                .filter { !told.changes.contains($0.id) }
            if !untold.isEmpty {
                violate("\(id), which left, at \(machine.name): \(untold.count) are not told")
            }
        }
    }

    /// What a hospital's people wrote and their computers sent by themselves. What others bring back of a computer that is gone, its
    /// hospital need not be told: who brings it has it.
    private func sentByAuthor(_ changes: [Change], of hospital: Hospital) async throws -> [Change] {
        let own = changes.filter { change in
            change.content.map { $0.author.role == .window && $0.author.unit == hospital.code } ?? false
        }
        return try await central.read { transaction throws(CentralError) in
            var sent: [Change] = []
            for change in own {
                let length = try transaction.replica(change.replica)?.length ?? 0
                if change.sequence <= length { sent.append(change) }
            }
            return sent
        }
    }

    private func judgeDeparted(_ id: CaseID, _ here: Set<ContentID>, _ told: Told, _ place: String)
        async throws
    {
        let there = try await changesAtCentral(of: id)
        let ids = Set(there.map(\.id))
        if !here.isSubset(of: ids) { violate("\(place): central lacks \(here.subtracting(ids).count)") }
        let missing = told.changes.intersection(ids).subtracting(here)
        if !missing.isEmpty { violate("\(place): \(missing.count) are told and not here") }
        for change in there where change.content?.author.role == .central && !here.contains(change.id) {
            let targets = change.content?.asides.keys.filter(told.late.contains) ?? []
            if !targets.isEmpty { violate("\(place): a verdict on a late change is not here") }
        }
    }

    /// The changes of a hospital's feed.
    private struct Told {
        var changes: Set<ContentID> = []
        /// Those of them that came after their case had left.
        var late: Set<ContentID> = []
    }

    private func told(_ hospital: HospitalID) async throws -> Told {
        let items = try await central.read { transaction throws(CentralError) in
            try transaction.feed(of: hospital, after: 0, countMax: 100_000)
        }
        return items.reduce(into: Told()) { told, item in
            switch item.subject {
            case .change(let replica, let sequence, let body, _, _):
                told.changes.insert(ContentID(replica: replica, sequence: sequence, body: body))
            case .late(let replica, let sequence, let body, _):
                let id = ContentID(replica: replica, sequence: sequence, body: body)
                told.changes.insert(id)
                told.late.insert(id)
            case .enters, .leaves: break
            }
        }
    }
}

extension PlainFold {
    /// The group that says whose a case is (PROTOCOL section 9).
    private static let hospital = GroupID(rawValue: 2)

    /// The hospital that the last standing value of central's names; nil without one.
    fileprivate var holder: HospitalID? {
        let standing = standing(in: Self.hospital)
        let last = changes.filter { standing.contains($0.id) && $0.content?.author.role == .central }
            .max { one, other in
                guard let (first, second) = both(one.content?.time, other.content?.time) else { return false }
                return (first, one.dot, one.id) < (second, other.dot, other.id)
            }
        return last.flatMap(Self.named)
    }

    private func both<T>(_ one: T?, _ other: T?) -> (T, T)? {
        guard let one, let other else { return nil }
        return (one, other)
    }

    /// Whether central ever gave it to somebody, also if that was undone.
    fileprivate var hasMoved: Bool {
        changes.contains { $0.content?.author.role == .central && $0.content?.writes[Self.hospital] != nil }
    }

    /// The hospitals that its windows say registered it: one, if any did.
    fileprivate var registrants: Set<HospitalID> {
        Set(changes.filter { $0.content?.author.role == .window }.compactMap(Self.named))
    }

    private static func named(by change: Change) -> HospitalID? {
        guard case .bytes(let bytes)? = change.content?.writes[hospital]?.value.first else { return nil }
        return CaseID(bytes: bytes).map(HospitalID.init(record:))
    }
}
