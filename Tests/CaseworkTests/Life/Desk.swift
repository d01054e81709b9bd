import Casework
import Foundation
import SyncProtocol
import Testing

/// One writer of one case, as a window or department is: what it has seen, and what it makes of it.
struct Desk {
    static let caseID = CaseID(milliseconds: 1, random: (1, 2))
    static let dictionary = FieldDictionary.standard

    private let replica: ReplicaID
    private var editions: UInt64 = 0
    /// In the order in which it came here.
    private(set) var log: [Change] = []
    /// The moment by this desk's clock.
    var now: Moment
    var isClockDoubtful = false

    init(_ replica: UInt64, now: Moment) {
        self.replica = ReplicaID(rawValue: replica)
        self.now = now
    }

    /// A desk that has just registered an example case, on the day of its application.
    init(_ number: String, replica: UInt64 = 1, changing: [String: CBOR] = [:]) throws {
        let file = try CheckFile(try Fixture.bytes("cases/\(number).json")) { PolicyLibrary.standard[$0] }
        let answers = file.newborns[0].overridden(by: changing)
        let day = try #require(answers.date("applyDate") ?? CalendarDate("2025-09-29"))
        self.init(replica, now: try #require(Moment(date: day, seconds: 36_000)))
        // What was decided in an example is decided by the test.
        var values = answers.values.filter { $0.key != "acceptanceDate" }
        values["policyID"] = .text(file.policy.id)
        values["caseNumber"] = .text("T-\(number)")
        try save(values)
    }

    var state: CaseState { CaseState(folding: log) }
    var progress: CaseProgress { CaseProgress(state, policies: .standard, dictionary: Self.dictionary) }

    var life: CaseLife {
        CaseLife(
            state, progress: progress, calendar: .standard, now: now, isClockDoubtful: isClockDoubtful,
            dictionary: Self.dictionary)
    }

    func group(_ name: String) throws -> GroupID {
        try #require(Self.dictionary.group(named: name)).id
    }

    mutating func save(
        _ answers: [String: CBOR], renewed: Set<String> = [],
        by author: Author = Author(role: .window, unit: "YF", user: "clerk")
    ) throws {
        let edit = CaseEdit(state, history: log, dictionary: Self.dictionary)
        let writes = try edit.writes(answers, by: author, renewed: renewed)
        try write(writes, basis: edit.basis(of: writes), by: author)
    }

    /// One change, if it writes anything.
    mutating func write(
        _ writes: [GroupID: ChangeContent.Write], basis: [GroupID: [Dot]] = [:], by author: Author
    ) throws {
        guard !writes.isEmpty else { return }
        editions += 1
        let milliseconds = UInt64(now.date.dayNumber) * 86_400_000 + UInt64(now.seconds) * 1000
        let content = ChangeContent(
            writes: writes, time: HybridTime(milliseconds: milliseconds, counter: UInt16(editions)),
            author: author, basis: basis)
        log.append(
            try Change(
                replica: replica, sequence: editions, caseID: Self.caseID, edition: editions, content: content
            ))
    }

    @discardableResult
    mutating func take(_ step: CaseStep, _ fill: (inout StepInput) -> Void = { _ in }) throws -> StepPlan {
        var input = StepInput()
        fill(&input)
        let plan = try life.plan(step, input)
        try save(plan.answers, renewed: plan.renewed)
        try write(
            try CaseEdit(state, dictionary: Self.dictionary).additions(plan.addition),
            by: Author(role: .window, unit: "YF", user: "clerk"))
        return plan
    }

    /// Why a step is refused; none if it is not.
    func reasons(_ step: CaseStep, _ fill: (inout StepInput) -> Void = { _ in }) -> [String] {
        var input = StepInput()
        fill(&input)
        do throws(StepRefusal) { _ = try life.plan(step, input) } catch { return error.reasons.map(\.text) }
        return []
    }

    /// A department's answer.
    mutating func answer(_ item: String, _ outcome: Outcome = .done, on day: CalendarDate? = nil) throws {
        let policyItem = try #require(life.policy?.item(item))
        let group = try #require(policyItem.results.first { !$0.hasSuffix("AtWindow") })
        guard case .owner(.department(let unit))? = Self.dictionary.group(named: group)?.rule else { return }
        try save(
            [
                "\(group)Status": .text(outcome.rawValue),
                "\(group)Date": .text((day ?? now.date).description),
            ], by: Author(role: .department, unit: unit, user: "d"))
    }

    /// Everything that another desk has.
    mutating func hear(_ other: Desk) {
        let known = Set(log.map(\.id))
        log += other.log.filter { !known.contains($0.id) }
    }

    /// One change that somebody else has made.
    mutating func take(in change: Change) { log.append(change) }

    /// Another desk that has seen all of this.
    func colleague(_ replica: UInt64) -> Desk {
        var other = Desk(replica, now: now)
        other.hear(self)
        return other
    }

    // Ways to a stage.

    mutating func accept() throws {
        try take(.submit)
        try take(.accept)
    }

    /// Every item is answered by its department, in the policy's order.
    mutating func answerAll(_ outcome: Outcome = .done) throws {
        var open = true
        while open {
            let ready = progress.items.filter { $0.state == .ready }.map(\.item.code)
            for item in ready { try answer(item, outcome) }
            open = !ready.isEmpty
        }
    }

    mutating func deliverAll() throws {
        for status in life.artefacts where status.state == .ready {
            try take(.handOver) {
                $0.artefact = status.artefact
                $0.collector = "mother"
            }
        }
    }
}

extension CBOR {
    static func codes(_ codes: String...) -> CBOR { .array(codes.map { .text($0) }) }
}
