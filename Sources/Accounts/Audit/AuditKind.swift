package import Web

/// What sort of act a line of the audit log tells of.
package enum AuditKind: String, Hashable, Sendable, CaseIterable {
    case read, print, export, change, administration
    case signIn, signInRefused, lockout, signOut
    /// Of the log itself: it was begun, opened, cut at its front, or lost lines.
    case log

    /// As pages call it.
    package var chinese: String {
        switch self {
        case .read: "查看"
        case .print: "打印"
        case .export: "导出"
        case .change: "修改"
        case .administration: "管理"
        case .signIn: "登录"
        case .signInRefused: "登录失败"
        case .lockout: "登录受限"
        case .signOut: "退出"
        case .log: "日志本身"
        }
    }

    /// Whether a line of it may be written together with what the request changes.
    var changesSomething: Bool { [.change, .administration, .print, .export].contains(self) }
}

/// Which line a route leaves: by what it permits, unless its registration says otherwise. What permits something leaves a line.
package enum AuditRule {
    /// What the registration of a route says that leaves none: it tells nothing of anybody, or a script asks it all the time.
    package static let nothing = "nothing"

    /// Nil for a route that leaves no line.
    package static func kind(of route: RouteMark) -> AuditKind? {
        if let said = route.recorded { return AuditKind(rawValue: said) }
        let isLook = route.method == .get || route.method == .head
        switch route.access.flatMap(Permit.init) {
        // What a computer exchanges is in the log of changes; what anyone may see is of nobody.
        case nil, .anyone, .device: return nil
        case .signedIn: return isLook ? nil : .administration
        case .local(let action), .department(let action), .allowed(let action):
            return kind(of: action, isLook: isLook)
        }
    }

    /// Whether a route says which line it leaves: one that everybody may call and that does something has to.
    package static func isDecided(_ route: RouteMark) -> Bool {
        if let said = route.recorded { return said == nothing || AuditKind(rawValue: said) != nil }
        return route.method == .get || route.access != Permit.anyone.label
    }

    private static func kind(of action: Action, isLook: Bool) -> AuditKind? {
        switch action {
        // Policies, calendars, machines: none of them is about a person.
        case .readRules, .readStatus, .readFleet: nil
        case .listCases, .readCase, .readStock, .readStatistics, .readAudit: .read
        case .printPaper: .print
        case .exportCases, .carryBundle, .backUp: .export
        case .editCase, .decideCase, .issueCertificate, .wipeCase, .voidCertificate, .recordHandover,
            .settle, .setAside, .moveCase, .mergeDuplicates, .answerTasks, .archiveCases, .eraseCase:
            isLook ? .read : .change
        case .sendNow, .setLink, .resync, .keepSecondCopy, .recover, .enrol, .manageClerks, .importCalendar,
            .manageHospitals, .manageDevices, .managePolicies, .assignStock, .manageDepartments,
            .manageAccounts, .rebuild, .orderResync:
            isLook ? .read : .administration
        }
    }
}
