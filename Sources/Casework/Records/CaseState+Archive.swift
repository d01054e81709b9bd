package import SyncProtocol

extension CaseState {
    /// The day on which central archived the case; nil if it did not, or took it back. Only central's word counts.
    package func archivedOn(in dictionary: FieldDictionary) -> String? {
        guard let group = dictionary.group(named: "archived"),
            let latest = registers[group.id]?.standing.last(where: { $0.author.role == .central }),
            case .text(let day)? = latest.value.first
        else { return nil }
        return day
    }
}

extension CaseStage {
    /// Nothing is to be done any more, unless somebody reopens it.
    package var isOver: Bool { [.closed, .withdrawn, .merged].contains(self) }
}
