import Casework
import SyncProtocol

/// What central's people did, read from the log: every change that central made in somebody's name. It holds no values of
/// fields. Acts that are no changes (a token, a revoked computer) are not in it: the audit log of reads and logins comes
/// beside it.
package struct ActDesk: Sendable {
    /// Acts that one call looks at.
    static let lookedAtMax = 2_000

    let store: any CentralStore
    let books: Books

    /// What an act was.
    enum Kind: String, Hashable, Sendable, CaseIterable {
        case hospital, closing, settings, policy, withdrawal, calendar, stock, order, move, archive, aside,
            takeUp
        case settlement, edit, account, erasure
    }

    struct Act: Hashable, Sendable {
        let number: ChangeNumber
        let change: Change
        let kind: Kind
        let author: Author
        let milliseconds: UInt64
        let reason: String?
        /// Codes of the hospitals that it concerns.
        let hospitals: [String]
        /// What it was about, of records and cases' places only: `policy`, `version`, `first`, `last`, `to`, `year`, `groups`.
        let about: [String: String]
    }

    /// Up to `countMax` acts before one, the last first; of one kind and one hospital, if they are given.
    ///
    /// - Returns: and where to go on; nil at the end.
    func acts(
        before: ChangeNumber?, of kind: Kind?, in code: String?, countMax: Int
    ) async throws(CentralError) -> (acts: [Act], next: ChangeNumber?) {
        let dictionary = books.casebook.dictionary
        return try await store.read { transaction throws(CentralError) in
            if let code, try transaction.hospital(code: code) == nil {
                throw CentralError.refused(.unknownHospital)
            }
            var (found, last, looked): ([Act], ChangeNumber?, Int) = ([], before, 0)
            while looked < Self.lookedAtMax {
                let page = try transaction.acts(before: last, countMax: countMax)
                let places = try CasePlaces(of: page.map(\.change.caseID), in: transaction)
                for item in page {
                    (last, looked) = (item.number, looked + 1)
                    guard let act = Self.act(item, dictionary, places),
                        kind.map({ $0 == act.kind }) ?? true, code.map(act.hospitals.contains) ?? true
                    else { continue }
                    found.append(act)
                    if found.count == countMax { return (found, last) }
                }
                if page.count < countMax { return (found, nil) }
            }
            return (found, last)
        }
    }

    private static func act(
        _ item: NumberedChange, _ dictionary: FieldDictionary, _ places: CasePlaces
    ) -> Act? {
        guard let content = item.change.content else { return nil }
        let caseID = item.change.caseID
        let hospitals = places.hospital(ofRecord: caseID).map { [$0] } ?? places[caseID]
        let names = Set(content.writes.keys.compactMap { dictionary[$0]?.name })
        return Act(
            number: item.number, change: item.change, kind: kind(of: content, names), author: content.author,
            milliseconds: content.time.milliseconds, reason: content.reason,
            hospitals: hospitals.map(\.code).sorted(), about: about(content, names, dictionary))
    }

    private static let kinds: [(group: String, kind: Kind)] = [
        ("hospitalClosing", .closing), ("hospitalIdentity", .hospital), ("hospitalPolicies", .hospital),
        ("hospitalSettings", .settings), ("policyStanding", .withdrawal), ("publishedPolicy", .policy),
        ("publishedCalendar", .calendar), ("certificateRange", .stock), ("voidedCertificate", .stock),
        ("resyncOrder", .order), ("movedTo", .move), ("archived", .archive),
        ("account", .account), ("password", .account), (Erasure.group, .erasure),
    ]

    private static func kind(of content: ChangeContent, _ names: Set<String>) -> Kind {
        if let known = kinds.first(where: { names.contains($0.group) }) { return known.kind }
        if let verdict = content.asides.values.first { return verdict.reason == nil ? .takeUp : .aside }
        // Who settles puts several values aside by one.
        return content.writes.values.contains { $0.replaces.count > 1 } ? .settlement : .edit
    }

    /// The members that name no person.
    private static let told = [
        "publishedPolicyID": "policy", "publishedPolicyVersion": "version", "policyStandingID": "policy",
        "policyStandingVersion": "version", "policyStandingWithdrawn": "withdrawn",
        "publishedCalendarYear": "year",
        "voidedCertificateNumber": "number",
        "certificateRangeFirst": "first", "certificateRangeLast": "last", "movedToCode": "to",
        "archivedOn": "day", "hospitalClosedOn": "day", "resyncOrderKind": "order", "accountName": "account",
        "accountDisabled": "disabled", "passwordAccount": "account",
    ]

    private static func about(
        _ content: ChangeContent, _ names: Set<String>, _ dictionary: FieldDictionary
    ) -> [String: String] {
        var about: [String: String] = [:]
        for (id, write) in content.writes {
            for (field, value) in zip(dictionary[id]?.members ?? [], write.value) {
                guard let name = told[field.key] else { continue }
                switch value {
                case .text(let text): about[name] = text
                case .unsigned(let number): about[name] = "\(number)"
                case .bool(let flag): about[name] = "\(flag)"
                default: break
                }
            }
        }
        if !names.isEmpty { about["groups"] = names.sorted().joined(separator: " ") }
        return about
    }
}
