package import SyncProtocol

/// Why a change is left out or waits, and what a person at central can do about it.
package enum AsideReason: Hashable, Sendable {
    /// Its author may not write these groups.
    case ownership([GroupID])
    /// Its case is another hospital's.
    case foreignCase
    /// What it says cannot be read.
    case malformed
    /// It came without a valid receipt, so nobody knows whether central ever took it.
    case receipt
    case tooLarge
    /// A window's computer wrote in the name of a department or of central.
    case role
    /// Not even its case can be read.
    case unreadable
    /// Its case was erased before it came.
    case erased
    /// In a person's words, or in those of a later version.
    case words(String)

    /// Reads what a verdict, or a refusal to a device, says.
    package init(_ text: String) {
        switch text {
        case "foreign-case": self = .foreignCase
        case "malformed": self = .malformed
        case "receipt": self = .receipt
        case "too-large": self = .tooLarge
        case "role": self = .role
        case "unreadable-head": self = .unreadable
        case Erasure.reason: self = .erased
        default:
            let groups = text.hasPrefix("owner:") ? text.dropFirst(6).split(separator: ",") : []
            let ids = groups.compactMap { UInt32($0) }.map(GroupID.init)
            self = ids.isEmpty || ids.count != groups.count ? .words(text) : .ownership(ids)
        }
    }

    /// For staff and clerk.
    package func chinese(_ dictionary: FieldDictionary) -> String {
        switch self {
        case .ownership(let groups):
            let labels = groups.map { "“\(dictionary[$0]?.label ?? $0.description)”" }.joined(separator: "，")
            return "\(labels)不由该单位填写。"
        case .foreignCase: return "该办件属于其他医院，来件医院无权填写。"
        case .malformed: return "变更内容不符合格式，不能读取。"
        case .receipt: return "变更没有有效回执，不能确认是否曾由中心收下。"
        case .tooLarge: return "变更内容过大。"
        case .role: return "窗口电脑以部门或中心的名义填写。"
        case .unreadable: return "变更不能读取，无法判断属于哪个办件。"
        case .erased: return "办件已依申请删除，窗口得知前又作了填写。"
        case .words(let text): return text
        }
    }

    /// What can be done, the most likely first.
    package var remedies: [Remedy] {
        switch self {
        case .ownership: [.leaveAside, .takeUp, .askHospital]
        case .foreignCase: [.moveCase, .leaveAside, .takeUp, .askHospital]
        case .malformed, .unreadable, .tooLarge: [.upgrade, .askHospital, .leaveAside]
        case .receipt: [.askHospital, .takeUp, .leaveAside]
        case .role: [.leaveAside, .revoke]
        case .erased: [.erase, .askHospital]
        case .words: [.leaveAside, .takeUp]
        }
    }

    /// One thing that a person can do.
    package enum Remedy: String, Hashable, Sendable, CaseIterable {
        case takeUp = "take-up"
        case leaveAside = "set-aside"
        case moveCase = "move-case"
        case askHospital = "ask-hospital"
        case upgrade
        case revoke
        case erase

        /// For staff.
        package var chinese: String {
            switch self {
            case .takeUp: "核实无误后恢复采用。"
            case .leaveAside: "核实后维持搁置，并说明理由。"
            case .moveCase: "办件确由该院办理的，将办件转回该院，再恢复采用。"
            case .askHospital: "与医院联系核实，请其重新填写并保存。"
            case .upgrade: "请医院升级程序后重新填写；旧变更保留备查。"
            case .erase: "核实后再次删除；确需重新办理的，请医院新建办件。"
            case .revoke: "检查该院电脑；密钥可能泄露的，注销后重新登记。"
            }
        }
    }
}
