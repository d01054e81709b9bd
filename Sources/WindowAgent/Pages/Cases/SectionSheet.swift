import Casework
import Pages
import SyncProtocol
import Web

/// One section of the form as a page shows it: what stands in the case, and over it what somebody has typed and not saved.
///
/// Only groups that differ from what the page showed are the clerk's; all others follow the case, also when somebody else changes it
/// meanwhile.
struct SectionSheet: Sendable {
    let policy: Policy
    /// From 0, in the order of the form.
    let index: Int
    let state: CaseState
    let dictionary: FieldDictionary
    private let changes: [Change]
    private let standing: FormValues
    private(set) var values: FormValues
    /// What the author of each group has seen there.
    private(set) var seen: [GroupID: [Dot]] = [:]
    /// Groups in which something was typed.
    private(set) var touched: Set<GroupID> = []

    /// - Parameters:
    ///   - state: empty for a case that is still to be registered.
    ///   - changes: all of the case.
    init(
        _ policy: Policy, _ index: Int, of state: CaseState = CaseState(), _ changes: [Change] = [],
        dictionary: FieldDictionary
    ) {
        (self.policy, self.index, self.state, self.changes) = (policy, index, state, changes)
        self.dictionary = dictionary
        let view = CaseView(id: .centralRecord, state: state, dictionary: dictionary)
        standing = FormValues(view.fields, dictionary: dictionary)
        values = standing
        for place in places { seen[place.group.id] = state.registers[place.group.id]?.dots ?? [] }
    }

    var section: Policy.Section { policy.sections[index] }

    /// The fields that a clerk fills in here, each once.
    var places: [FieldDictionary.Place] {
        var known: Set<String> = []
        return section.fields.filter { $0.filledBy == nil }.flatMap(\.keys).filter {
            known.insert($0).inserted
        }
        .compactMap(dictionary.place).filter { place in
            if case .owner(.department) = place.group.rule { return false }
            return place.group.isEntered
        }
    }

    /// The groups of the section, in its order.
    var groups: [FieldGroup] {
        var known: Set<GroupID> = []
        return places.map(\.group).filter { known.insert($0.id).inserted }
    }

    /// Lays over it what a form has sent, or what was kept of one.
    ///
    /// - Parameter isKept: it is kept and not saved now: what stands in the case by now was saved, and is no draft any more.
    /// - Throws: for dots that no page wrote.
    mutating func lay(_ posted: FormFields, isKept: Bool = false) throws {
        let typed = FormValues(posted)
        for group in groups {
            guard let text = posted[SeenDots.name(group.id)] else { continue }
            let dots = try SeenDots.dots(text)
            let names = places.filter { $0.group.id == group.id }.map(\.field)
            let shown = shown(dots, in: group)
            guard names.contains(where: { Self.differ(typed, shown, in: $0) }) else { continue }
            if isKept, !names.contains(where: { Self.differ(typed, standing, in: $0) }) { continue }
            touched.insert(group.id)
            seen[group.id] = dots
            for name in names.flatMap(Self.inputs) { values[name] = typed[name] }
        }
    }

    /// What a page with these dots showed.
    private func shown(_ dots: [Dot], in group: FieldGroup) -> FormValues {
        if Set(dots) == Set(state.registers[group.id]?.dots ?? []) { return standing }
        let written = changes.filter { dots.contains($0.dot) }.compactMap {
            $0.content?.writes[group.id]?.value
        }
        return written.last.map { FormValues(group.json(of: $0), dictionary: dictionary) } ?? FormValues()
    }

    /// Whether two fillings mean something else.
    private static func differ(_ left: FormValues, _ right: FormValues, in field: Field) -> Bool {
        // Boxes have no order, and tick each code once: what they cannot show they do not change.
        if case .list(.code) = field.type {
            return Set(left[field.key].filter { !$0.isEmpty }) != Set(right[field.key].filter { !$0.isEmpty })
        }
        let same = inputs(field).allSatisfy { name in
            left[name].filter { !$0.isEmpty } == right[name].filter { !$0.isEmpty }
        }
        return !same && left.json(of: field) != right.json(of: field)
    }

    private static func inputs(_ field: Field) -> [String] {
        guard case .record(let parts) = field.type else { return [field.key] }
        return parts.map { "\(field.key).\($0.name)" }
    }

    /// What is to be saved: the answers of the groups in which something was typed.
    var typed: [String: JSON] {
        var typed: [String: JSON] = [:]
        for place in places where touched.contains(place.group.id) {
            typed[place.field.key] = values.json(of: place.field)
        }
        return typed
    }

    /// The dots that go with ``typed``.
    var seenOfTyped: [GroupID: [Dot]] { seen.filter { touched.contains($0.key) } }

    /// The answers as they would stand if everything readable were saved.
    var answers: Answers {
        let coded = typed.compactMapValues { $0 }.reduce(into: [String: CBOR]()) { coded, entry in
            coded[entry.key] = try? dictionary.field(entry.key)?.type.cbor(from: entry.value)
        }
        return Answers(state: state, dictionary: dictionary).overridden(by: coded)
    }

    /// What is wrong or odd with the fields of this section, as they are shown.
    func faults(today: CalendarDate) -> [Fault] {
        let existing = Answers(state: state, dictionary: dictionary)
        let keys = Set(places.map(\.field.key))
        let touchedKeys = Set(typed.keys)
        let old = AnswerChecks.faults(in: existing, today: today).filter {
            keys.contains($0.key) && !touchedKeys.contains($0.key)
        }
        do {
            return old + (try changes(to: existing, today: today).warnings)
        } catch {
            return old + error.faults
        }
    }

    /// The answers to be saved, judged.
    func changes(to existing: Answers, today: CalendarDate) throws(CaseFileError) -> AnswerChanges {
        try AnswerChanges(typed, to: existing, policy: policy, today: today, dictionary: dictionary)
    }

    /// Keys that must be answered before the case can be accepted, as things stand.
    var required: Set<String> {
        let facts = policy.facts(of: answers)
        return Set(
            section.fields.filter { $0.required?.holds(facts) ?? false }.flatMap { row in
                row.keys.filter { !(row.optional ?? []).contains($0) }
            })
    }

    /// Labels of what must be answered and is not, with their keys.
    var unanswered: [Field] {
        let answers = answers
        let required = required
        return places.map(\.field).filter { required.contains($0.key) && answers[$0.key] == nil }
    }

    /// What of a form is kept as a draft: the fields of this section and what was seen, and nothing else of the browser's.
    func draft(of posted: FormFields) -> FormFields {
        let names = Set(places.map(\.field).flatMap(Self.inputs) + groups.map { SeenDots.name($0.id) })
        return FormFields(posted.fields.filter { names.contains($0.name) })
    }
}
