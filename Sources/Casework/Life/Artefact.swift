import SyncProtocol

/// A paper that is handed out at the end of an item.
package enum Artefact: String, Hashable, Sendable, CaseIterable {
    case birthCert, vaccCert, hukouBook, ssCard

    /// The item that it comes from.
    package var item: String { self == .hukouBook ? "hukou" : rawValue }

    package var name: String {
        switch self {
        case .birthCert: "出生医学证明"
        case .vaccCert: "预防接种证"
        case .hukouBook: "居民户口簿"
        case .ssCard: "社会保障卡"
        }
    }

    /// Its fields in the dictionary.
    var collectedBy: String { "\(rawValue)CollectedBy" }
    var collectedDate: String { "\(rawValue)CollectedDate" }
    var originalsShown: String { "\(rawValue)OriginalsShown" }
    var handover: String { "\(item)Handover" }
}

/// Where one paper of a case is.
package struct ArtefactStatus: Hashable, Sendable {
    package let artefact: Artefact
    package let state: State

    package enum State: String, Hashable, Sendable {
        /// Its item is not done.
        case awaited
        /// It can be handed out.
        case ready
        /// The post has it.
        case underWay
        case delivered
        /// Two records tell differently who has it.
        case disputed

        package var word: String {
            switch self {
            case .awaited: "未办结"
            case .ready: "可领取"
            case .underWay: "邮寄中"
            case .delivered: "已送达"
            case .disputed: "送达记录不一致"
            }
        }
    }

    /// - Parameter outcome: how its item was answered.
    init(_ artefact: Artefact, outcome: Outcome?, _ state: CaseState, _ dictionary: FieldDictionary) {
        self.artefact = artefact
        let disputed = [artefact.collectedBy, artefact.handover].contains { key in
            guard let group = dictionary.place(of: key)?.group else { return false }
            return state.reading(of: group.id, by: dictionary.mergeRules).isConflict
        }
        let progress = state.text(artefact.handover, in: dictionary)
        let isCollected = state.answer(artefact.collectedBy, in: dictionary) != nil
        self.state =
            if disputed {
                .disputed
            } else if isCollected || progress == "delivered" {
                .delivered
            } else if progress == "delivering" {
                .underWay
            } else {
                outcome == .done ? .ready : .awaited
            }
    }
}
