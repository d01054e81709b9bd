import Casework
import Cryptography
import Foundation
import SyncProtocol
import Web

extension DeskEntry {
    /// Where a page of the queue ends, as a word for the next request.
    var place: String {
        [
            String(sinceMilliseconds), caseID.description, kind.rawValue, subject.hexadecimal,
            String(waitingCount),
        ].joined(separator: ".")
    }

    /// Reads what ``place`` writes.
    init?(place: String) {
        let parts = place.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, let since = UInt64(parts[0]), since <= SyncProtocol.Limits.counterMax,
            let caseID = CaseID(parts[1]),
            let kind = Kind(rawValue: parts[2]), let subject = [UInt8](hexadecimal: parts[3]),
            let waiting = Int(parts[4]), 0...10_000 ~= waiting
        else { return nil }
        self.init(caseID: caseID, kind: kind, subject: subject, sinceMilliseconds: since)
        waitingCount = waiting
    }
}

extension Request {
    /// Hours of age that a query may ask for: ten years.
    private static let hoursMax: UInt64 = 87_600

    /// What a request for the queue asks.
    func deskQuery(now: UInt64, _ dictionary: FieldDictionary) throws(CentralError) -> DeskQueue.Query {
        var asked = DeskQueue.Query(hospitalCode: query["hospital"], countMax: limit)
        if let word = query["kind"] {
            guard let kind = DeskEntry.Kind(rawValue: word) else {
                let known = DeskEntry.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                throw CentralError.refused(.malformed("There is no such kind; known: \(known)."))
            }
            asked.filter.kind = kind
        }
        if let word = query["group"] {
            guard let group = UInt32(word).map(GroupID.init) ?? dictionary.group(named: word)?.id else {
                throw CentralError.refused(.malformed("There is no such group."))
            }
            asked.filter.group = group
        }
        (asked.filter.assignee, asked.filter.policy) = (query["assignee"], query["policy"])
        if let word = query["hours"] {
            guard let hours = UInt64(word), hours <= Self.hoursMax else {
                throw CentralError.refused(.malformed("“hours” is not a number of hours."))
            }
            asked.filter.sinceAtMost = now - min(now, hours * 3_600_000)
        }
        if let order = query["order"] {
            guard ["age", "waiting"].contains(order) else {
                throw CentralError.refused(.malformed("The order is age or waiting."))
            }
            asked.isByWaiting = order == "waiting"
        }
        if let place = query["after"] {
            guard let after = DeskEntry(place: place) else {
                throw CentralError.refused(.malformed("“after” is no place of the queue."))
            }
            asked.after = after
        }
        return asked
    }
}

extension DeskQueue.Item {
    /// An entry with all that is needed to deal with it.
    func json(_ casebook: Casebook, now: UInt64) -> JSON {
        let dictionary = casebook.dictionary
        var members: [String: JSON] = [
            "kind": .text(entry.kind.rawValue), "caseID": .text(entry.caseID.description),
            "since": .number(Decimal(entry.sinceMilliseconds)),
            "ageSeconds": .number(Decimal((now - min(now, entry.sinceMilliseconds)) / 1000)),
            "hospital": hospital.map { .text($0) } ?? .null,
            "assignee": entry.assignee.isEmpty ? .null : .text(entry.assignee),
            "policy": entry.policy.isEmpty ? .null : .text(entry.policy),
            "waitingCount": .number(Decimal(entry.waitingCount)), "title": .text(entry.kind.chinese),
            "summary": .object(summary(dictionary)),
        ]
        switch entry.kind {
        case .conflict, .result: members.merge(conflict(casebook)) { $1 }
        case .aside: members.merge(aside(dictionary)) { $1 }
        case .stray, .unreadable: members.merge(strayMembers(dictionary)) { $1 }
        case .collision: members.merge(collision) { $1 }
        case .duplicate:
            members["other"] = CaseID(bytes: entry.subject).map { .text($0.description) } ?? .null
        }
        return .object(members)
    }

    /// What a person knows the case by.
    private func summary(_ dictionary: FieldDictionary) -> [String: JSON] {
        var summary: [String: JSON] = [:]
        for (name, key) in [
            ("number", "caseNumber"), ("childName", "childName"), ("motherName", "motherName"),
        ] {
            summary[name] = state.text(key, in: dictionary).map { .text($0) }
        }
        return summary
    }

    private func conflict(_ casebook: Casebook) -> [String: JSON] {
        guard let group = entry.group else { return [:] }
        let report = ConflictReport(
            group, in: changes, state, policies: casebook.policies, dictionary: casebook.dictionary)
        var members = report.members(casebook.dictionary)
        let label = casebook.dictionary[group]?.label ?? group.description
        members["sentence"] = .text("“\(label)”有 \(report.standing.count) 项不同内容，请核对后选定。")
        return members
    }

    private func aside(_ dictionary: FieldDictionary) -> [String: JSON] {
        guard let target = entry.target else { return [:] }
        let verdicts = state.asides[target]
        let change = changes.first { $0.id == target }
        var members = reasons((verdicts?.reasons ?? []).map { AsideReason($0) }, dictionary)
        members["change"] = .text(target.description)
        members["seen"] = .list((verdicts?.dots ?? []).map { .text($0.description) })
        // Of one that has not come, or cannot be read, there is only the verdict.
        guard let content = change?.content else { return members }
        members["role"] = .text(content.author.role.name)
        members["unit"] = .text(content.author.unit)
        members["user"] = .text(content.author.user)
        members["milliseconds"] = .number(Decimal(content.time.milliseconds))
        members["isDoubtful"] = .bool(content.isDoubtful)
        members["writes"] = .list(
            content.writes.sorted { $0.key < $1.key }.map { group, write in
                .object([
                    "group": .number(Decimal(group.rawValue)),
                    "name": .text(dictionary[group]?.name ?? group.description),
                    "label": .text(dictionary[group]?.label ?? group.description),
                    "value": .object(dictionary[group]?.json(of: write.value) ?? [:]),
                ])
            })
        return members
    }

    private func strayMembers(_ dictionary: FieldDictionary) -> [String: JSON] {
        guard let stray, let target = entry.target else { return [:] }
        var members = reasons([stray.kind], dictionary)
        members["change"] = .text(target.description)
        members["replica"] = .text(stray.replica.description)
        members["sequence"] = .number(Decimal(stray.sequence))
        members["named"] = stray.named.map { .text($0.description) } ?? .null
        return members
    }

    private func reasons(_ reasons: [AsideReason], _ dictionary: FieldDictionary) -> [String: JSON] {
        var remedies: [AsideReason.Remedy] = []
        for remedy in reasons.flatMap(\.remedies) where !remedies.contains(remedy) { remedies.append(remedy) }
        // What cannot be read cannot be taken up.
        if entry.kind == .unreadable { remedies.removeAll { $0 == .takeUp } }
        return [
            "sentence": .text(reasons.map { $0.chinese(dictionary) }.joined(separator: "；")),
            "remedies": .list(
                remedies.map {
                    .object(["remedy": .text($0.rawValue), "sentence": .text($0.chinese)])
                }),
        ]
    }

    private var collision: [String: JSON] {
        let numbers = holders.sorted { $0.key.number < $1.key.number }.map { number, cases in
            JSON.object([
                "kind": .text(number.kind.rawValue), "number": .text(number.number),
                "cases": .list(cases.map { .text($0.description) }),
            ])
        }
        return [
            "numbers": .list(numbers),
            "sentence": .text("其他办件使用了相同编号，请与医院核对后更正其中一件。"),
        ]
    }
}
