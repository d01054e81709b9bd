import Accounts
import Casework
import Pages
import SyncProtocol
import Web

/// A case as its pages show it, read once for each page.
struct ShownCase: Sendable {
    let id: CaseID
    let state: CaseState
    let changes: [Change]
    let life: CaseLife
    let viewer: Viewer
    let departure: Departure?
    /// The newborns of the same delivery, this one included, in the order of their registration; one for a case alone.
    let newborns: [CaseID]
    /// Sections with something typed that is not saved.
    let drafts: Set<Int>
    let dictionary: FieldDictionary
    let people: People

    /// A page of the case.
    enum Place: Hashable, Sendable {
        case overview
        case section(Int)
        case materials, steps, papers, history
    }

    var answers: Answers { life.answers }
    var name: String { answers.text("childName") ?? "（未命名）" }
    /// Where it stands, in the region's word where that says it.
    var word: String { life.stage == .accepted ? life.stage.word : life.word }

    /// Whether anything that a section asks for was answered.
    func hasAnswers(in section: Policy.Section) -> Bool {
        section.fields.contains { $0.keys.contains { answers[$0] != nil } }
    }

    var path: String { "/cases/\(id)" }

    /// Whether anything may still be written here.
    var isOpen: Bool { departure == nil && life.stage != .merged && life.stage != .erased }

    /// What must be filled in before the case can be accepted, by section.
    var unanswered: [Int: [String]] {
        guard let policy = life.policy, let judgement = life.judgement else { return [:] }
        let keys = Set(judgement.unanswered)
        var known: Set<String> = []
        return Dictionary(
            uniqueKeysWithValues: policy.sections.enumerated().map { index, section in
                (
                    index,
                    section.fields.flatMap(\.keys).filter { keys.contains($0) && known.insert($0).inserted }
                )
            }
        ).filter { !$0.value.isEmpty }
    }

    /// The groups in conflict, by section.
    var disputed: [Int: [FieldGroup]] {
        let groups = Set(state.conflicts(by: dictionary.mergeRules))
        guard let policy = life.policy, !groups.isEmpty else { return [:] }
        return Dictionary(
            uniqueKeysWithValues: policy.sections.enumerated().map { index, section in
                var known: Set<GroupID> = []
                let found = section.fields.flatMap(\.keys).compactMap { dictionary.place(of: $0)?.group }
                    .filter { groups.contains($0.id) && known.insert($0.id).inserted }
                return (index, found)
            }
        ).filter { !$0.value.isEmpty }
    }

    /// The section in which a field is asked for.
    func section(asking key: String) -> Int? {
        life.policy?.sections.firstIndex { $0.fields.contains { $0.keys.contains(key) } }
    }
}

extension WindowPages {
    /// - Throws: a problem for a case that is not here.
    func shownCase(_ request: Request, _ viewer: Viewer) async throws -> ShownCase {
        let id = try api.caseID(request)
        let changes = try await api.store.changes(of: id)
        let state = CaseState(folding: changes)
        guard state.count > 0, id != .centralRecord else { throw StoreError.unknownCase(id) }
        let life = try await api.store.life(of: state)
        var newborns = [id]
        if case .array(let linked)? = life.answers["linkedCases"], !linked.isEmpty {
            newborns = try await api.store.siblings(of: id) + [id]
        }
        return ShownCase(
            id: id, state: state, changes: changes, life: life, viewer: viewer,
            departure: try await api.store.departure(of: id), newborns: newborns.sorted(),
            drafts: try await api.store.sectionDrafts(of: id), dictionary: api.dictionary,
            people: try await people())
    }

    var today: CalendarDate { CalendarDate(milliseconds: api.environment.milliseconds()) }
}
