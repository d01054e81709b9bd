package import Casework
import Cryptography
import SyncProtocol

/// What the caches make of a folded case, by the field dictionary and the policies.
package struct Casebook: Sendable {
    let dictionary: FieldDictionary
    let shelf: PolicyShelf
    /// Tells caches that this program made from others.
    let maker: CacheMaker
    /// The groups of a hospital's record or of a case that only central may write.
    let centralGroups: Set<GroupID>
    /// The groups by which one child is found in two cases.
    let comparedGroups: [GroupID]
    /// The group that says whose a case is.
    let hospitalGroup: GroupID?

    package init(dictionary: FieldDictionary = .standard, policies: PolicyLibrary = .standard) {
        self.dictionary = dictionary
        shelf = PolicyShelf(shipped: policies)
        maker = CacheMaker(dictionary, policies)
        centralGroups = Set(
            (HospitalRecordView.centralGroups + CaseMerger.centralGroups).compactMap {
                dictionary.group(named: $0)?.id
            })
        comparedGroups = ChildTraits.groups(in: dictionary)
        hospitalGroup = dictionary.group(named: "hospital")?.id
    }

    var rules: MergeRules { dictionary.mergeRules }

    /// Those that are shipped and those that were published, as far as they were read from the store: see ``PolicyShelf``.
    var policies: PolicyLibrary { shelf.library }

    func progress(of state: CaseState) -> CaseProgress {
        CaseProgress(state, policies: policies, dictionary: dictionary)
    }

    /// All that is cached of a case.
    func digest(
        of caseID: CaseID, _ state: CaseState, _ progress: CaseProgress, results: [ResultRecord]
    ) -> CaseDigest {
        let conflicts = progress.conflicts.map { group in
            ConflictRecord(caseID: caseID, group: group, dots: state.registers[group]?.dots ?? [])
        }
        let asides = state.asides.filter(\.value.isAside).sorted { $0.key < $1.key }.map { id, verdicts in
            AsideRecord(caseID: caseID, id: id, reasons: verdicts.reasons, dots: verdicts.dots)
        }
        let times = state.registers.values.compactMap { $0.standing.last?.time.milliseconds }
        let summary = CaseSummary(
            caseID: caseID, changeCount: state.count, fingerprint: state.fingerprint,
            conflictCount: conflicts.count, asideCount: asides.count, forkedCount: state.forked.count,
            lastMilliseconds: times.max() ?? 0)
        return CaseDigest(
            summary: summary, lastTime: state.lastTime, conflicts: conflicts, asides: asides,
            tasks: tasks(of: caseID, state, progress), results: results, numbers: numbers(of: state),
            course: course(progress, endedAt: summary.lastMilliseconds))
    }

    /// The numbers that no other case may hold: every standing one.
    private func numbers(of state: CaseState) -> [NumberRecord] {
        let certificates = state.certificates(in: dictionary).map {
            NumberRecord(kind: .certificate, number: $0.description)
        }
        return certificates
            + state.texts("caseNumber", in: dictionary).map { NumberRecord(kind: .case, number: $0) }
            + state.texts("noticeNumber", in: dictionary).map { NumberRecord(kind: .notice, number: $0) }
    }

    /// The results that a change of a department carries, by the third member of the result groups.
    func results(in change: Change) -> [ResultRecord] {
        guard let content = change.content, content.author.role == .department else { return [] }
        let ids = content.writes.compactMap { group, write in resultID(in: write.value, of: group) }
        return Set(ids).sorted().map {
            ResultRecord(department: content.author.unit, resultID: $0, change: change.id)
        }
    }

    private func resultID(in value: [CBOR], of group: GroupID) -> String? {
        guard let index = resultIDIndex(of: group), value.indices.contains(index),
            case .text(let id) = value[index]
        else { return nil }
        return id
    }

    /// Where a result group holds the ID of the result; nil for any other group.
    func resultIDIndex(of group: GroupID) -> Int? {
        guard let group = dictionary[group], group.name.contains("Result") else { return nil }
        return group.members.firstIndex { $0.key.hasSuffix("ID") }
    }
}

extension Casebook {
    /// The policy that a case goes by; nil while none is named, or while several are.
    func policy(of state: CaseState) -> Policy? {
        CaseRules(state, policies: policies, dictionary: dictionary).policy
    }

    private func course(_ progress: CaseProgress, endedAt milliseconds: UInt64) -> CourseRecord {
        var policy: PolicyName?
        switch progress.rules {
        case .pinned(let pinned): policy = pinned.name
        case .missing(let id, let version?): policy = PolicyName(id: id, version: version)
        case .newest, .missing, .unnamed: break
        }
        return CourseRecord(
            policy: policy, endedMilliseconds: progress.stage.isOver ? milliseconds : 0,
            isArchived: progress.isArchived)
    }

    /// What each department has to do: nothing before the application is accepted.
    private func tasks(of caseID: CaseID, _ state: CaseState, _ progress: CaseProgress) -> [TaskRecord] {
        let tasks = CaseTasks(state, progress: progress, dictionary: dictionary)
        return tasks.statuses.map { status in
            let state = TaskRecord.State(status.state)
            return TaskRecord(
                department: status.item.department, caseID: caseID, item: status.item.code, state: state,
                // A department's own words may be about a person.
                reason: state == .held ? status.reasons.joined(separator: " ") : "",
                mark: tasks.mark(of: status).bytes)
        }.sorted { ($0.department, $0.item) < ($1.department, $1.item) }
    }
}

extension CaseTasks {
    /// What the department gets to see of an item, hashed: it is to look again when this is another.
    func mark(of status: ItemStatus) -> Digest {
        let asOf = asOf(status)
        var writer = CBORWriter()
        writer.write(status.word)
        for reason in status.reasons { writer.write(reason) }
        for group in asOf.keys.sorted() {
            writer.write(UInt64(group.rawValue))
            writer.write(asOf[group] ?? [])
        }
        for paper in papers(of: status) {
            writer.write(paper.code)
            for part in paper.parts { writer.write(part) }
            for page in paper.pages { writer.write(page.hash) }
        }
        return SHA256.hash(writer.bytes)
    }
}

extension TaskRecord.State {
    init(_ state: ItemStatus.State) {
        self =
            switch state {
            case .waiting, .held: .held
            case .ready: .ready
            case .answered(.done): .done
            case .answered(.failed): .failed
            case .answered(.returned): .returned
            }
    }
}
