import Casework
import SyncProtocol

/// Withdrawing a version of a policy: from then on no new case goes by it, and a case that was accepted under it keeps it. It is
/// undone by publishing the version again.
extension RecordDesk {
    /// Characters of the reason, which clerks are shown.
    static let withdrawalReasonMax = 200

    struct Withdrawal: Hashable, Sendable {
        let policy: PolicyName
        let reason: String
        /// Whether hospitals may be left without any version.
        var isForced = false
    }

    /// - Throws: ``Refusal/onlyPolicy(hospitals:)`` if a hospital would have no other version, unless it is forced.
    func withdraw(
        _ withdrawal: Withdrawal, from addressees: Addressees, by user: String
    ) async throws(CentralError) -> Publication {
        let (policy, reason) = (withdrawal.policy, withdrawal.reason)
        guard 1...Self.withdrawalReasonMax ~= reason.count else {
            throw CentralError.refused(
                .malformed("A withdrawal needs a reason of at most \(Self.withdrawalReasonMax) characters."))
        }
        guard books.casebook.policies[policy.id, version: policy.version] != nil else {
            throw CentralError.refused(.unknownPolicy)
        }
        let value = try standing(of: policy, isWithdrawn: true, reason)
        if !withdrawal.isForced {
            let bare = try await hospitals(leftWithout: policy, of: addressees)
            guard bare.isEmpty else { throw CentralError.refused(.onlyPolicy(hospitals: bare)) }
        }
        return try await hand([value], of: "policyStanding", to: addressees, by: user)
    }

    /// Takes back a withdrawal, where there is one.
    func reinstate(
        _ policy: PolicyName, at addressees: Addressees, by user: String
    ) async throws(CentralError) -> Publication {
        let value = try standing(of: policy, isWithdrawn: false, nil)
        return try await hand([value], of: "policyStanding", to: addressees, by: user) { $0 != nil }
    }

    private func standing(
        of policy: PolicyName, isWithdrawn: Bool, _ reason: String?
    ) throws(CentralError) -> [CBOR] {
        try books.casebook.value(
            [
                "policyStandingID": .text(policy.id),
                "policyStandingVersion": .number(.init(policy.version)),
                "policyStandingWithdrawn": .bool(isWithdrawn),
                "policyStandingReason": reason.map { .text($0) } ?? .null,
            ], of: books.casebook.group("policyStanding"))
    }

    /// The codes of the hospitals that offer the policy and have no other version of it.
    private func hospitals(
        leftWithout name: PolicyName, of addressees: Addressees
    ) async throws(CentralError) -> [String] {
        let (books, hospitals) = (books, try await hospitals(addressees))
        return try await store.read { transaction throws(CentralError) in
            try books.settle(transaction)
            let shelf = books.casebook.shelf
            let versions = shelf.library.policies.filter { $0.id == name.id && $0.name != name }
            var holders: [PolicyName: Set<CaseID>] = [:]
            for version in versions {
                holders[version.name] = Set(try transaction.records(holding: version.name))
            }
            var bare: [String] = []
            for hospital in hospitals {
                let withdrawn = Set(try transaction.withdrawals(in: hospital.id.record))
                let isServed = versions.contains { version in
                    !withdrawn.contains(version.name)
                        && (shelf.isShipped(version)
                            || holders[version.name]?.contains(hospital.id.record) == true
                            || holders[version.name]?.contains(.centralRecord) == true)
                }
                if isServed { continue }
                let view = HospitalRecordView(
                    CaseState(folding: try transaction.changes(of: hospital.id.record).map(\.change)),
                    dictionary: books.casebook.dictionary)
                if view.offered.isEmpty || view.offered.contains(name.id) { bare.append(hospital.code) }
            }
            return bare.sorted()
        }
    }
}

extension RecordDesk.Publication {
    /// What came of two steps of one publication.
    func joined(with other: Self) -> Self {
        let written = Set(written + other.written)
        return Self(
            written: written.sorted(),
            unchanged: Set(unchanged + other.unchanged).subtracting(written).sorted())
    }
}
