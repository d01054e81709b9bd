package import SyncProtocol

/// By which version of which policy a case is judged (DESIGN section 7): the newest at hand until it is accepted, and from
/// then on the one that it was accepted under, also when newer ones come.
package enum CaseRules: Hashable, Sendable {
    /// The case names no policy, or several.
    case unnamed
    /// It is not accepted yet: the newest version at hand.
    case newest(Policy)
    /// It was accepted under this version.
    case pinned(Policy)
    /// The version that it was accepted under is not here yet, or no version at all: the case is shown, and nothing may be
    /// decided on it.
    case missing(id: String, version: Int?)

    package init(_ state: CaseState, policies: PolicyLibrary, dictionary: FieldDictionary) {
        guard let id = state.text("policyID", in: dictionary) else {
            self = .unnamed
            return
        }
        if let version = Self.pin(of: state, dictionary) {
            self = policies[id, version: version].map(Self.pinned) ?? .missing(id: id, version: version)
        } else {
            self = policies[id].map(Self.newest) ?? .missing(id: id, version: nil)
        }
    }

    /// The version under which a case was accepted. A version that stands there before is only what was newest then.
    private static func pin(of state: CaseState, _ dictionary: FieldDictionary) -> Int? {
        // Any of several values will do: whoever accepted it also wrote the version.
        let isAccepted =
            !state.texts("acceptanceDate", in: dictionary).isEmpty
            || state.texts("decisionKind", in: dictionary).contains("accept")
        guard isAccepted, case .unsigned(let version)? = state.answer("policyVersion", in: dictionary) else {
            return nil
        }
        return Int(clamping: version)
    }

    /// The policy to judge by; nil if there is none at hand.
    package var policy: Policy? {
        switch self {
        case .newest(let policy), .pinned(let policy): policy
        case .unnamed, .missing: nil
        }
    }

    /// Whether other policies at hand could make it another: what was made of it is then to be made anew.
    package var dependsOnLibrary: Bool {
        switch self {
        case .newest, .missing: true
        case .unnamed, .pinned: false
        }
    }

    /// What a clerk is told who would decide on a case that has no rules here; nil if it has.
    package var chinese: String? {
        switch self {
        case .newest, .pinned: nil
        case .unnamed: "该办件的政策包不明确或有不同记录，请先由中心核对处理，暂不能办理。"
        case .missing(let id, let version?):
            "本机尚未收到该办件受理时适用的政策包（\(id) 第 \(version) 版），请先与中心同步，暂不能作出决定。"
        case .missing(let id, nil): "本机没有该办件可用的政策包（\(id)），可能尚未收到或已停用，请先与中心同步，暂不能办理。"
        }
    }

    /// What a technician is told.
    package var english: String? {
        switch self {
        case .newest, .pinned: nil
        case .unnamed: "The case names no policy, or several."
        case .missing(let id, let version):
            "Policy \(id)\(version.map { " version \($0)" } ?? "") is not here; see: birthwindow policy list"
        }
    }
}
