import Casework
import SyncProtocol

/// Which value a settlement takes. The words are the same for one case and for many.
enum DeskChoice: Hashable, Sendable {
    /// The value that stands under this dot.
    case standing(Dot)
    /// A value of the person's own.
    case value([CBOR])
    /// The value that was written last; a doubtful time never wins over a sound one, and all doubtful is no choice.
    case later
    /// The value of this role, or of this hospital or department, if it is one.
    case author(Role, unit: String?)

    /// Reads `later`, `window`, `central`, `department`, `hospital:CODE` or `department:CODE`.
    init?(_ word: String) {
        let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init)
        switch (parts[0], parts.count) {
        case ("later", 1): self = .later
        case ("window", 1): self = .author(.window, unit: nil)
        case ("central", 1): self = .author(.central, unit: nil)
        case ("department", 1): self = .author(.department, unit: nil)
        case ("hospital", 2): self = .author(.window, unit: parts[1])
        case ("department", 2): self = .author(.department, unit: parts[1])
        default: return nil
        }
    }

    /// The value that is taken of those that stand. A value that an undo brought back is its first author's.
    ///
    /// - Throws: ``Refusal/noSuchValue(_:)`` if no value, or several, are meant; ``Refusal/unseenDots`` for a dot that does not
    ///   stand; ``Refusal/malformedValue(_:)`` for a value that is not of the group's shape.
    func value(
        of register: Register, _ history: GroupHistory, _ casebook: Casebook
    ) throws(CentralError) -> [CBOR] {
        let standing = history.writes.filter { write in register.standing.contains { $0.id == write.id } }
        switch self {
        case .value(let value):
            guard casebook.isWellFormed(value, in: history.group) else {
                throw CentralError.refused(.malformedValue(history.group))
            }
            return value
        case .standing(let dot):
            // Of a forked dot nobody can tell which of its values is meant.
            let named = standing.filter { $0.dot == dot }
            guard named.count == 1 else { throw CentralError.refused(.unseenDots) }
            return named[0].value
        case .later:
            let sound = standing.map { history.origin(of: $0) }.filter { !$0.isDoubtful }
            guard let last = sound.max(by: { ($0.time, $0.dot, $0.id) < ($1.time, $1.dot, $1.id) }) else {
                throw CentralError.refused(.noSuchValue(history.group))
            }
            return last.value
        case .author(let role, let unit):
            let named = standing.map { history.origin(of: $0) }.filter {
                $0.author.role == role && (unit == nil || $0.author.unit == unit)
            }
            guard let value = named.first?.value, named.allSatisfy({ $0.value == value }) else {
                throw CentralError.refused(.noSuchValue(history.group))
            }
            return value
        }
    }
}
