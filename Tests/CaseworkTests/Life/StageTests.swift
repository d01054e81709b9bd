import Casework
import SyncProtocol
import Testing

@Suite("Stages of a case")
struct StageTests {
    /// A case in each stage.
    static func desk(in stage: CaseStage) throws -> Desk {
        switch stage {
        case .refused:
            var desk = try Desk("04")
            try desk.take(.submit)
            try desk.take(.refuse)
            return desk
        case .offline, .blocked, .refusedReturning:
            let numbers: [CaseStage: String] = [.offline: "18", .blocked: "21", .refusedReturning: "23"]
            let lacking: [String: CBOR] = stage == .blocked ? ["birthCertNo": .null] : [:]
            var desk = try Desk(try #require(numbers[stage]), changing: lacking)
            try desk.take(.submit)
            try desk.take(.refuse)
            return desk
        case .correcting:
            var desk = try Desk("03")
            try desk.take(.submit)
            try desk.take(.correct)
            return desk
        default: return try accepted(in: stage)
        }
    }

    private static func accepted(in stage: CaseStage) throws -> Desk {
        var desk = try Desk("01")
        if stage == .draft { return desk }
        if stage == .disputed {
            var other = desk.colleague(2)
            try desk.take(.withdraw) { $0.reasons = ["甲"] }
            try other.take(.withdraw) { $0.reasons = ["乙"] }
            desk.hear(other)
            return desk
        }
        try desk.take(.submit)
        if stage == .submitted { return desk }
        try desk.take(.accept)
        switch stage {
        case .withdrawn: try desk.take(.withdraw) { $0.reasons = ["家属要求"] }
        case .closed: try desk.take(.close) { $0.reasons = ["家属要求"] }
        case .merged: try desk.save(["mergedInto": .bytes(CaseID(milliseconds: 9, random: (3, 4)).bytes)])
        case .delivering, .delivered, .evaluated:
            try desk.answerAll()
            if stage == .delivering { break }
            try desk.deliverAll()
            if stage == .evaluated { try desk.take(.evaluate) { $0.evaluation = "5" } }
        default: break
        }
        return desk
    }

    @Test(
        "Every stage is reached, and no case is in another than it should be", arguments: CaseStage.living)
    func reached(stage: CaseStage) throws {
        #expect(try Self.desk(in: stage).life.stage == stage)
    }

    /// Written down a second time: which steps each stage lets pass.
    private static let table: [CaseStage: Set<CaseStep>] = [
        .draft: [.submit, .withdraw, .post],
        .submitted: [.accept, .correct, .refuse, .withdraw, .post, .evaluate],
        .correcting: [.submit, .withdraw, .close],
        .accepted: [.withdraw, .resubmit, .issue, .vaccinate, .handOver, .post, .evaluate, .close],
        .refused: [.submit, .evaluate, .close],
        .offline: [.submit, .evaluate, .close],
        .blocked: [.submit, .withdraw, .issue, .vaccinate, .handOver, .close],
        .refusedReturning: [.submit, .post, .close],
        .delivering: [.withdraw, .vaccinate, .handOver, .post, .evaluate, .close],
        .delivered: [.vaccinate, .post, .evaluate, .close],
        .evaluated: [.vaccinate, .post, .close],
        .closed: [.evaluate, .reopen],
        .withdrawn: [], .merged: [], .disputed: [],
    ]

    @Test("A step is out of place exactly where the table does not have it", arguments: CaseStage.living)
    func steps(stage: CaseStage) throws {
        let desk = try Self.desk(in: stage)
        for step in CaseStep.allCases {
            let isOutOfPlace = desk.life.hindrances(of: step).contains { $0.kind == .stage }
            #expect(isOutOfPlace == !(try #require(Self.table[stage])).contains(step), "\(stage) \(step)")
            guard isOutOfPlace else { continue }
            #expect(throws: StepRefusal.self) { try desk.life.plan(step) }
        }
    }

    @Test("Who may take a step is as the table says, cell by cell", arguments: CaseStep.allCases)
    func roles(step: CaseStep) throws {
        let table: [CaseStep: [CaseRole]] = [
            .submit: [.clerk, .supervisor], .accept: [.clerk, .supervisor], .correct: [.clerk, .supervisor],
            .refuse: [.clerk, .supervisor], .withdraw: [.clerk, .supervisor], .issue: [.issuer, .supervisor],
            .vaccinate: [.clerk, .issuer, .supervisor], .handOver: [.clerk, .issuer, .supervisor],
            .post: [.clerk, .supervisor, .central], .evaluate: [.clerk, .supervisor, .central],
            .resubmit: [.clerk, .supervisor], .close: [.clerk, .supervisor], .reopen: [.supervisor],
        ]
        let life = try Self.desk(in: .accepted).life
        for role in CaseRole.allCases {
            let reasons = life.hindrances(of: step, by: [role]).filter { $0.kind == .role }
            #expect(reasons.isEmpty == (try #require(table[step])).contains(role), "\(step) \(role)")
            #expect(reasons.allSatisfy { $0.text.contains("须由") && $0.text.hasSuffix("办理。") })
        }
    }

    @Test(
        "The stage depends on which changes there are, and not on their order", arguments: CaseStage.living)
    func order(stage: CaseStage) throws {
        let desk = try Self.desk(in: stage)
        let whole = desk.life
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<12 {
            var other = Desk(99, now: desk.now)
            var shuffled = Desk(98, now: desk.now)
            other.hear(desk)
            for change in other.log.shuffled(using: &generator) {
                shuffled.hear(.init(of: change, now: desk.now))
            }
            #expect(shuffled.life.stage == stage && shuffled.life.json == whole.json)
        }
    }

    @Test("One by one gives the stage that all at once gives", arguments: CaseStage.living)
    func oneByOne(stage: CaseStage) throws {
        let desk = try Self.desk(in: stage)
        var state = CaseState()
        for change in desk.log { _ = state.apply(change) }
        let progress = CaseProgress(state, policies: .standard, dictionary: .standard)
        let life = CaseLife(
            state, progress: progress, calendar: .standard, now: desk.now, dictionary: .standard)
        #expect(life.stage == stage)
    }

    @Test("Departments have tasks only while a case goes on", arguments: CaseStage.living)
    func tasks(stage: CaseStage) throws {
        let progress = try Self.desk(in: stage).progress
        #expect(progress.isOpen == [.accepted, .delivering, .delivered, .evaluated].contains(stage))
        #expect(stage == .accepted || !progress.items.contains { $0.state == .ready })
    }
}

extension Desk {
    /// A desk that knows nothing but one change.
    init(of change: Change, now: Moment) {
        self.init(97, now: now)
        take(in: change)
    }
}

extension CaseStage {
    /// Those that a case comes to by what is written to it. What erasing does is tested where two ends do it.
    static let living = allCases.filter { $0 != .erased }
}
