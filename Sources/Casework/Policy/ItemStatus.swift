package import SyncProtocol

/// How a department answered for an item. The words are the codes of the list `resultStatus`.
package enum Outcome: String, Hashable, Sendable, CaseIterable { case done, failed, returned }

/// Where one item of a case stands, and why it does not go on.
package struct ItemStatus: Hashable, Sendable {
    package let item: Policy.Item
    package let state: State
    /// What keeps it, in sentences for the clerk; empty when nothing does.
    package let reasons: [String]

    package enum State: Hashable, Sendable {
        /// These items are not done yet.
        case waiting(for: [String])
        /// These groups, which its department needs, are in conflict.
        case held(by: [GroupID])
        /// The department has its task.
        case ready
        /// The department has answered.
        case answered(Outcome)
    }
}

extension Policy {
    /// Where each item that was applied for stands, in the policy's order; codes that it does not offer are
    /// left out.
    ///
    /// An answer stands, unless its own groups are in conflict. Otherwise an item waits for its
    /// prerequisites, also for those that were not applied for, and is then held while something that its
    /// department needs is in conflict.
    /// - Parameter outcomes: what is answered, by item; also for items not applied for, whose paper was
    ///   shown.
    package func tasks(
        applied: Set<String>, outcomes: [String: Outcome], conflicts: Set<GroupID>,
        dictionary: FieldDictionary = .standard
    ) -> [ItemStatus] {
        items.filter { applied.contains($0.code) }.map { item in
            let contradictory = item.results.compactMap { dictionary.group(named: $0)?.id }.filter(
                conflicts.contains)
            let missing = item.after.filter { outcomes[$0] != .done }
            let disputed = Self.groups(of: needs + item.needs, in: dictionary).filter(conflicts.contains)
            return if !contradictory.isEmpty {
                held(item, by: contradictory, dictionary)
            } else if let outcome = outcomes[item.code] {
                ItemStatus(item: item, state: .answered(outcome), reasons: [])
            } else if !missing.isEmpty {
                waiting(item, for: missing, applied: applied)
            } else if !disputed.isEmpty {
                held(item, by: disputed, dictionary)
            } else {
                ItemStatus(item: item, state: .ready, reasons: [])
            }
        }
    }

    private func waiting(_ item: Item, for missing: [String], applied: Set<String>) -> ItemStatus {
        let reasons = missing.map { code in
            "等待“\(self.item(code)?.name ?? code)”办结\(applied.contains(code) ? "" : "（本件未申请该事项）")。"
        }
        return ItemStatus(item: item, state: .waiting(for: missing), reasons: reasons)
    }

    private func held(_ item: Item, by groups: [GroupID], _ dictionary: FieldDictionary) -> ItemStatus {
        let reasons = groups.compactMap { dictionary[$0] }.map { group in
            "“\(group.members.map(\.label).joined(separator: "、"))”有不一致的记录，须先处理。"
        }
        return ItemStatus(item: item, state: .held(by: groups), reasons: reasons)
    }

    /// The groups of the keys, each once, in the order of the keys.
    private static func groups(of keys: [String], in dictionary: FieldDictionary) -> [GroupID] {
        var seen: Set<GroupID> = []
        return keys.compactMap { dictionary.place(of: $0)?.group.id }.filter { seen.insert($0).inserted }
    }
}
