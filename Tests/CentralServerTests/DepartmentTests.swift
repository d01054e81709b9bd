import Casework
import SyncProtocol
import Testing

@testable import CentralServer

@Suite("Departments")
struct DepartmentTests {
    /// An accepted case that applies for birth certificate, registration and social security card.
    private func accepted(_ world: World) async throws -> (ward: Ward, caseID: CaseID, writer: Writer) {
        let ward = try await world.hospital("H1")
        let caseID = world.newCase()
        var writer = Writer(1)
        try writer.write(
            caseID,
            [
                1: ([.text("gx"), .unsigned(1)], []), 20: (CBOR.name("n"), []),
                4: ([.text("accept"), .text("2026-09-22"), .null, .null], []),
                81: ([.array([.text("birthCert"), .text("hukou"), .text("ssCard")])], []),
            ])
        try await ward.push(writer.run())
        return (ward, caseID, writer)
    }

    private func states(_ world: World, _ caseID: CaseID) async throws -> [String: TaskRecord.State] {
        let tasks = try await world.caseDesk.view(caseID).tasks
        return Dictionary(tasks.map { ($0.item, $0.state) }, uniquingKeysWith: { first, _ in first })
    }

    private func result(
        _ department: String, _ item: String, _ id: String, of caseID: CaseID, asOf: [GroupID: [Dot]] = [:],
        outcome: Outcome = .done, values: [String: CBOR] = [:]
    ) -> DepartmentResult {
        DepartmentResult(
            department: department, id: id, caseID: caseID, item: item, outcome: outcome, date: "2026-09-23",
            number: nil, artefact: nil, note: nil, values: values, asOf: asOf, user: "officer")
    }

    private func asOf(_ world: World, _ department: String, _ item: String) async throws -> [GroupID: [Dot]] {
        let tasks = try await world.departmentDesk.tasks(of: department, after: nil, countMax: 9)
        return try #require(tasks.first { $0.record.item == item }).asOf
    }

    @Test("A task is ready when its prerequisites are done, and results come back to the window")
    func order() async throws {
        let world = try World()
        let (ward, caseID, _) = try await accepted(world)
        #expect(try await states(world, caseID)["birthCert"] == .ready)
        #expect(try await states(world, caseID)["hukou"] == .held)
        let seen = try await asOf(world, "health", "birthCert")
        try await world.departmentDesk.take(result("health", "birthCert", "r1", of: caseID, asOf: seen))
        #expect(try await states(world, caseID)["birthCert"] == .done)
        #expect(try await states(world, caseID)["hukou"] == .ready)
        #expect(try await states(world, caseID)["ssCard"] == .held)
        let feed = try await world.feed(of: ward.hospital.id)
        let last = try #require(feed.last)
        guard case .change(let replica, let sequence, let body, _, _) = last.item.subject else {
            Issue.record("a change was expected")
            return
        }
        let content = try #require(try Change(replica: replica, sequence: sequence, body: body).content)
        #expect(content.author == Author(role: .department, unit: "health", user: "officer"))
        #expect(content.basis[GroupID(rawValue: 20)] == seen[GroupID(rawValue: 20)])
    }

    @Test("A field that a department needs holds its task while it is in conflict, with the reason")
    func held() async throws {
        let world = try World()
        let (ward, caseID, _) = try await accepted(world)
        var other = Writer(2)
        try other.write(caseID, [20: (CBOR.name("another"), [])])
        try await ward.push(other.run())
        let tasks = try await world.departmentDesk.tasks(of: "health", after: nil, countMax: 9)
        let task = try #require(tasks.first { $0.record.item == "birthCert" })
        #expect(task.record.state == .held && task.record.reason.contains("新生儿姓名"))
        #expect(task.readings[GroupID(rawValue: 20)]?.isConflict == true)
    }

    @Test("A result may come twice; the same ID with another answer is refused")
    func twice() async throws {
        let world = try World()
        let (ward, caseID, _) = try await accepted(world)
        let first = try await world.departmentDesk.take(result("health", "birthCert", "r1", of: caseID))
        let count = try await world.feed(of: ward.hospital.id).count
        let again = try await world.departmentDesk.take(result("health", "birthCert", "r1", of: caseID))
        #expect(again.change == first.change && again.isRepeated && !first.isRepeated)
        #expect(try await world.feed(of: ward.hospital.id).count == count)
        await #expect(throws: CentralError.refused(.differentResult)) {
            try await world.departmentDesk.take(
                result("health", "birthCert", "r1", of: caseID, outcome: .failed))
        }
    }

    @Test(
        "Results that contradict each other, neither having seen the other, are a conflict; one that has seen it replaces"
    )
    func contradiction() async throws {
        let world = try World()
        let (_, caseID, _) = try await accepted(world)
        let seen = try await asOf(world, "health", "birthCert")
        try await world.departmentDesk.take(result("health", "birthCert", "r1", of: caseID, asOf: seen))
        try await world.departmentDesk.take(
            result("health", "birthCert", "r2", of: caseID, asOf: seen, outcome: .failed))
        #expect(try await world.caches().conflicts.map(\.group.rawValue) == [200])
        #expect(try await states(world, caseID)["birthCert"] == .held)
        let now = try await asOf(world, "health", "birthCert")
        try await world.departmentDesk.take(result("health", "birthCert", "r3", of: caseID, asOf: now))
        #expect(try await world.caches().conflicts.isEmpty)
    }

    @Test("A department writes its own fields only, on items that are its own")
    func ownership() async throws {
        let world = try World()
        let (_, caseID, _) = try await accepted(world)
        try await world.departmentDesk.take(
            result("police", "hukou", "r1", of: caseID, values: ["childIdNo": .text("450326202609220019")]))
        let identity = try #require(world.books.casebook.dictionary.place(of: "childIdNo")?.group.id)
        #expect(try await world.state(of: caseID).registers[identity]?.standing.count == 1)
        await #expect(throws: CentralError.refused(.unknownTask)) {
            try await world.departmentDesk.take(result("health", "hukou", "r2", of: caseID))
        }
        await #expect(throws: CentralError.refused(.notOwner([GroupID(rawValue: 20)]))) {
            try await world.departmentDesk.take(
                result("police", "hukou", "r3", of: caseID, values: ["childName": .text("x")]))
        }
    }

    @Test("Only the department's own token opens its desk")
    func tokens() async throws {
        let world = try World()
        let (police, _) = (
            try await world.departmentDesk.add("police", name: "P"),
            try await world.departmentDesk.add("health", name: "H")
        )
        try await world.departmentDesk.authorise(police.text, for: "police")
        for (token, code) in [
            (police.text, "health"), (police.text, "none"), (nil, "police"), ("", "police"),
        ] {
            await #expect(throws: CentralError.refused(.unauthorised)) {
                try await world.departmentDesk.authorise(token, for: code)
            }
        }
    }
}
