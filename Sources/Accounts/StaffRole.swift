/// What somebody is employed for. A person may have several roles; what they may do is the union.
package enum StaffRole: String, Hashable, Sendable, CaseIterable, Codable {
    // At a window.
    /// Registers, corrects, decides, prints.
    case clerk
    /// Also issues birth certificates from the stock in hand.
    case issuer
    /// Also answers for stock and handover, exports, and adds or disables clerks.
    case supervisor
    /// Keeps the machine and its link running; sees no case.
    case technician
    // At central.
    /// Settles conflicts and duplicates.
    case merger
    /// Answers for one department.
    case officer
    /// Hospitals, accounts, policies, stock, departments.
    case administrator
    /// Reads what was done by whom; sees no more of a case than that.
    case auditor

    package enum Site: Hashable, Sendable { case window, central }

    /// Where the role exists. A technician keeps machines at both.
    package var sites: Set<Site> {
        switch self {
        case .clerk, .issuer, .supervisor: [.window]
        case .merger, .officer, .administrator, .auditor: [.central]
        case .technician: [.window, .central]
        }
    }

    /// The role's name, as pages show it.
    package var chinese: String {
        switch self {
        case .clerk: "窗口受理"
        case .issuer: "证件签发"
        case .supervisor: "窗口主管"
        case .technician: "技术员"
        case .merger: "核定"
        case .officer: "部门经办"
        case .administrator: "管理员"
        case .auditor: "审计"
        }
    }
}
