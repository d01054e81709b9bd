package import SyncProtocol

/// Why two cases are not merged, told apart or parted again.
package enum DuplicateRefusal: Error, Hashable, Sendable {
    case sameCase
    /// One of them is a hospital's record, or central's.
    case record
    /// The case that is to be merged goes on as another one already.
    case alreadyMerged(into: CaseID)
    /// The case that is to go on goes on as another one itself: merge into that one.
    case targetMerged(into: CaseID)
    /// The case that is to go on would come back to itself.
    case circle
    /// Others have changed one of the cases since the person looked.
    case changedSince(CaseID)
    /// What a department has answered, or the course of a case, is not taken over.
    case notTaken(GroupID)
    /// The case that is merged shows no single value there.
    case nothingToTake(GroupID)
    /// There is neither a merge nor a word of a person on these two that could be taken back.
    case nothingToUndo
    /// The pair was told apart already, or merged.
    case alreadyDecided

    package var chinese: String {
        switch self {
        case .sameCase: "两个编号是同一个办件。"
        case .record: "医院的记录不是办件。"
        case .alreadyMerged(let id): "该办件已并入其他办件（\(id)），请先撤销合并。"
        case .targetMerged(let id): "保留的办件已并入其他办件，请并入 \(id)。"
        case .circle: "保留的办件已（经由其他办件）并入该办件，不能互相并入。"
        case .changedSince: "核对期间办件有新的变更，请重新核对。"
        case .notTaken(let group): "第 \(group) 组是办理过程或部门办理结果，不能从另一办件取用。"
        case .nothingToTake(let group): "被合并的办件在第 \(group) 组没有唯一的内容。"
        case .nothingToUndo: "这两个办件没有可以撤销的处理。"
        case .alreadyDecided: "这两个办件已经处理过，请先撤销。"
        }
    }

    package var english: String {
        switch self {
        case .sameCase: "Name two cases."
        case .record: "See: birthcentral duplicates list"
        case .alreadyMerged, .alreadyDecided: "Take it back first: birthcentral duplicates undo CASE CASE"
        case .targetMerged(let id): "Merge into \(id)."
        case .circle: "Merge the other way round, or take the other merge back."
        case .changedSince: "Look again: birthcentral duplicates show CASE CASE"
        case .notTaken: "Merge the other way round, so that the case with these results goes on."
        case .nothingToTake: "Settle the conflict there first, or leave the group out."
        case .nothingToUndo: "See: birthcentral duplicates show CASE CASE"
        }
    }
}
