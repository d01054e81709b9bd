/// Something that happens in a world: people's work, or a misfortune. Another one is another line here.
struct Fault: Sendable {
    let name: String
    /// How often it happens, against the others.
    let weight: Int
    /// It happens in every world; a misfortune in some of them, there rarely or often.
    let isWork: Bool
    let happen: @Sendable (World) async throws -> Void

    private init(
        _ name: String, _ weight: Int, isWork: Bool = false,
        _ happen: @escaping @Sendable (World) async throws -> Void
    ) {
        (self.name, self.weight, self.isWork, self.happen) = (name, weight, isWork, happen)
    }

    static let all = [
        Fault("save", 260, isWork: true) { try await $0.save() },
        Fault("decision", 30, isWork: true) { try await $0.decide() },
        Fault("edit at central", 40, isWork: true) { try await $0.staffEdits() },
        Fault("one field at both ends", 40, isWork: true) { try await $0.disagree() },
        Fault("settlement", 120, isWork: true) { try await $0.staffSettles() },
        Fault("verdict", 40, isWork: true) { try await $0.staffJudges() },
        Fault("result", 80, isWork: true) { try await $0.departmentAnswers() },
        Fault("exchange", 340, isWork: true) { try await $0.exchangeSomehow() },
        Fault("move", 60) { try await $0.staffMoves() },
        Fault("stick written at a window", 20) { try await $0.exportAtWindow() },
        Fault("stick written at central", 20) { try await $0.exportAtCentral() },
        Fault("stick taken", 40) { try await $0.importStick() },
        Fault("restart", 40) { try await $0.restart() },
        Fault("power cut", 25) { try await $0.crash() },
        Fault("backup of a window", 25, isWork: true) { try await $0.backUpWindow() },
        Fault("restore of a window", 25) { try await $0.restoreWindow() },
        Fault("cloned disk", 10) { try await $0.cloneDisk() },
        Fault("clone of a running machine", 10) { try await $0.cloneRunning() },
        Fault("computer gone", 5) { try await $0.loseMachine() },
        Fault("clock set", 20) { try await $0.setClock() },
        Fault("backup of central", 25, isWork: true) { try await $0.backUpCentral() },
        Fault("restore of central", 25) { try await $0.restoreCentral() },
        Fault("crash of central", 15) { try await $0.crashCentral() },
        Fault("forged result", 15) { try await $0.forge() },
        Fault("poisonous changes", 12) { try await $0.poison() },
        Fault("resync", 20) { try await $0.resync() },
    ]
}
