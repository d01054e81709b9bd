/// What can be done with either server, as far as not everybody may do it. Each handler of a server names exactly one.
package enum Action: String, Hashable, Sendable, CaseIterable {
    // Cases.
    case listCases, readCase, editCase, decideCase, printPaper, issueCertificate, exportCases, wipeCase
    // What everybody goes by: policies, calendars.
    case readRules
    // Certificates.
    case readStock, voidCertificate, recordHandover
    // The machine at the window.
    case readStatus, sendNow, setLink, resync, carryBundle, keepSecondCopy, recover, enrol
    // People at the window.
    case manageClerks, importCalendar
    // Central's desks.
    case settle, setAside, moveCase, mergeDuplicates, answerTasks, archiveCases, eraseCase
    // Central's administration.
    case manageHospitals, manageDevices, managePolicies, assignStock, manageDepartments, manageAccounts
    // Watching.
    case readFleet, readStatistics, readAudit
    // Keeping central running.
    case backUp, rebuild, orderResync
}

extension StaffRole {
    /// What a role may do: the one table of both servers. What is not named is refused.
    package var actions: Set<Action> {
        switch self {
        case .clerk: Self.clerkActions
        case .issuer: Self.clerkActions.union([.issueCertificate])
        case .supervisor:
            Self.clerkActions.union([
                .issueCertificate, .exportCases, .voidCertificate, .recordHandover, .manageClerks,
                .importCalendar,
                .readAudit, .readStatistics,
            ])
        case .technician:
            [
                .readRules, .readStatus, .sendNow, .setLink, .resync, .carryBundle, .keepSecondCopy, .recover,
                .enrol,
                .wipeCase,
                .readFleet, .backUp, .rebuild, .orderResync, .manageDevices,
            ]
        case .merger:
            [
                .readRules, .listCases, .readCase, .editCase, .settle, .setAside, .moveCase, .mergeDuplicates,
                .readFleet,
                .readStatistics,
            ]
        case .officer: [.readRules, .answerTasks]
        case .administrator:
            [
                .readRules, .listCases, .readCase, .moveCase, .archiveCases, .eraseCase, .exportCases,
                .manageHospitals,
                .manageDevices,
                .managePolicies, .assignStock, .readStock, .manageDepartments, .answerTasks, .manageAccounts,
                .readFleet,
                .readStatistics, .orderResync, .importCalendar,
            ]
        case .auditor: [.readRules, .readAudit, .readFleet, .readStatistics]
        }
    }

    private static let clerkActions: Set<Action> = [
        .readRules, .listCases, .readCase, .editCase, .decideCase, .printPaper, .readStock, .readStatus,
        .sendNow,
    ]
}
