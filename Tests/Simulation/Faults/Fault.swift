/// Something that happens in a world: people's work, or a misfortune. Another one is another line here.
struct Fault: Sendable {
    let name: String
    /// How often it happens, against the others.
    let weight: Int
    let happen: @Sendable (World) async throws -> Void

    init(_ name: String, _ weight: Int, _ happen: @escaping @Sendable (World) async throws -> Void) {
        (self.name, self.weight, self.happen) = (name, weight, happen)
    }

    static let all =
        people + [
            Fault("exchange", 340) { try await $0.exchangeSomehow() },
            Fault("restart", 40) { try await $0.restart() },
            Fault("power cut", 25) { try await $0.crash() },
            Fault("backup of a window", 25) { try await $0.backUpWindow() },
            Fault("restore of a window", 25) { try await $0.restoreWindow() },
            Fault("cloned disk", 8) { try await $0.cloneDisk() },
            Fault("clone of a running machine", 8) { try await $0.cloneRunning() },
            Fault("computer gone", 4) { try await $0.loseMachine() },
            Fault("clock set", 20) { try await $0.setClock() },
            Fault("backup of central", 25) { try await $0.backUpCentral() },
            Fault("restore of central", 25) { try await $0.restoreCentral() },
            Fault("crash of central", 15) { try await $0.crashCentral() },
            Fault("forged result", 15) { try await $0.forge() },
            Fault("poisonous changes", 12) { try await $0.poison() },
            Fault("resync", 20) { try await $0.resync() },
        ]

    private static let people = [
        Fault("save", 260) { try await $0.save() },
        Fault("decision", 30) { try await $0.decide() },
        Fault("edit at central", 40) { try await $0.staffEdits() },
        Fault("settlement", 40) { try await $0.staffSettles() },
        Fault("verdict", 40) { try await $0.staffJudges() },
        Fault("result", 40) { try await $0.departmentAnswers() },
    ]
}
