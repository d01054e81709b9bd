import Casework
import SyncProtocol

/// The materials of one case as slots for pages: what the policy asks for, what is there, and what lacks. Pure.
struct MaterialSlots: Hashable, Sendable {
    /// One material.
    struct Slot: Hashable, Sendable {
        /// Whether and when it is wanted, as things stand.
        enum Need: String, Hashable, Sendable {
            /// With the application.
            case now
            /// When something is handed out.
            case pickup
            /// It travels by post.
            case post
            /// Shared data has verified it.
            case verified
            /// The procedure makes it.
            case produced
            /// Not in this case.
            case none

            /// For the clerk.
            var chinese: String {
                switch self {
                case .now: "申请时提交"
                case .pickup: "领证时出示"
                case .post: "随原件寄递"
                case .verified: "已通过数据共享核验，免提交"
                case .produced: "办理中产生，无须提交"
                case .none: "本件不需要"
                }
            }
        }

        let material: Policy.Material
        let need: Need
        let parts: [Part]
        /// The sentences that ask for what lacks.
        let gaps: [String]

        var isComplete: Bool { need != .now || gaps.isEmpty }
        /// Whether it is enough to have seen the original.
        var mayBeSeen: Bool { material.form.contains("original") && need != .none && need != .produced }
    }

    /// One page of a material.
    struct Part: Hashable, Sendable {
        /// As the policy calls it; empty for a material that has no pages of its own.
        let name: String
        let pages: [CasePage]
        /// Somebody has noted that the original was shown.
        let isSeen: Bool
    }

    let slots: [Slot]
    /// Pages of materials that the policy does not know: of an earlier version, or of another region.
    let others: [CasePage]

    init(_ policy: Policy, _ answers: Answers) {
        let facts = policy.facts(of: answers)
        var papers = answers
        papers["attachments"] = .null
        let seen = policy.facts(of: papers).materials
        let verified = Set(facts.texts("sharedVerified"))
        let pages = Dictionary(grouping: CasePage.all(of: answers), by: \.material)
        slots = policy.materials.map { material in
            let names = material.parts.isEmpty ? [""] : material.parts
            let own = pages[material.code] ?? []
            return Slot(
                material: material, need: Self.need(material, facts, verified),
                parts: names.map { name in
                    Part(
                        name: name,
                        pages: own.filter { $0.part == name || !names.contains($0.part) && name == names[0] },
                        isSeen: seen[material.code]?.parts.contains(name) ?? false)
                }, gaps: material.gaps(facts, verified: verified))
        }
        let known = Set(policy.materials.map(\.code))
        others = CasePage.all(of: answers).filter { !known.contains($0.material) }
    }

    private static func need(_ material: Policy.Material, _ facts: Facts, _ verified: Set<String>)
        -> Slot.Need
    {
        guard material.when?.holds(facts) ?? true else { return .none }
        switch material.at {
        case .application: return material.shared && verified.contains(material.code) ? .verified : .now
        case .pickup: return .pickup
        case .post: return .post
        case .produced: return .produced
        }
    }

    /// Everything that lacks, in the policy's order.
    var gaps: [String] { slots.flatMap(\.gaps) }

    /// All pages, in the order in which they are shown, each file once.
    var pages: [CasePage] {
        var known: Set<[UInt8]> = []
        return (slots.flatMap { $0.parts.flatMap(\.pages) } + others).filter {
            known.insert($0.hash).inserted
        }
    }

    subscript(code: String) -> Slot? { slots.first { $0.material.code == code } }
}

extension Policy.Material {
    /// The endings that a file may have, as the policy and this program take them.
    var endings: [String] {
        let taken = PageFormat.allCases.map(\.rawValue)
        guard let formats else { return taken }
        return taken.filter(formats.contains)
    }
}
