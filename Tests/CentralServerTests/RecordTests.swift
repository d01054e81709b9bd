import Casework
import Persistence
import SyncProtocol
import Testing

@testable import CentralServer

@Suite("What central hands down in hospitals' records")
struct RecordTests {
    private let world: World

    init() throws { world = try World() }

    /// A case that was accepted under a version.
    private func acceptedCase(of ward: Ward, policy: String = "gx", version: UInt64) async throws -> CaseID {
        let caseID = world.newCase()
        var writer = Writer(version &+ 100)
        try writer.write(
            caseID,
            [
                1: ([.text(policy), .unsigned(version)], []),
                4: ([.text("accept"), .text("2026-09-01"), .null, .null], []),
                5: ([.text("2026-09-01")], []),
            ])
        try await ward.push(writer.run())
        return caseID
    }

    private func items(of caseID: CaseID) async throws -> [String] {
        try await world.store.read { transaction throws(CentralError) in
            try transaction.tasks(of: caseID).map(\.item)
        }
    }

    @Test(
        "What is for all goes once into central's record and every feed, and later hospitals get it; what is for one into its record"
    )
    func publishing() async throws {
        let first = try await world.hospital("H1")
        let file = try policyFile(version: 2)
        #expect(try await world.publish(file).written == ["H1"])
        let feed = try await world.feed(of: first.hospital.id)
        #expect(try await world.publish(file).unchanged == ["H1"])
        #expect(try await world.feed(of: first.hospital.id) == feed)
        let only = try await world.publish(policyFile("zz-test", version: 1), to: .hospitals(codes: ["H1"]))
        #expect(only == RecordDesk.Publication(written: ["H1"]))
        let second = try await world.hospital("H2")
        #expect(try await world.view(of: first).policies.map(\.id) == ["gx", "zz-test"])
        #expect(try await world.view(of: second).policies.map(\.id) == ["gx"])
        #expect(try await world.publish(file).unchanged == ["H1", "H2"])
        let listed = try await world.recordDesk.policies().policies
        let new = listed.filter { !$0.isShipped }
        #expect(new.map(\.policy.version) == [2, 1] && new.map(\.isForAll) == [true, false])
        #expect(new.map(\.hospitals) == [["H1", "H2"], ["H1"]])
        #expect(world.books.casebook.policies["zz-test"] != nil)
    }

    @Test("A version never changes: the same with another content is refused, wherever it is")
    func otherContent() async throws {
        _ = try await (world.hospital("H1"), world.hospital("H2"))
        try await world.publish(policyFile("zz-test", version: 1), to: .hospitals(codes: ["H1"]))
        for file in [
            try policyFile("zz-test", version: 1, title: "另一"), try policyFile("gx", version: 1),
        ] {
            await #expect {
                try await world.publish(file, to: .hospitals(codes: ["H2"]))
            } throws: { error in
                guard case CentralError.refused(.policyTaken) = error else { return false }
                return true
            }
        }
        await #expect(throws: CentralError.refused(.unknownHospital)) {
            try await world.publish(policyFile(version: 2), to: .hospitals(codes: ["H1", "H9"]))
        }
        let many = (0...RecordDesk.hospitalsMax).map { "H\($0)" }
        for codes in [[], many] {
            await #expect(throws: CentralError.self) {
                try await world.publish(policyFile(version: 2), to: .hospitals(codes: codes))
            }
        }
        #expect(world.books.casebook.policies["gx"]?.version == 1)
    }

    @Test("Central judges each case by the version of its acceptance, also after a restart and a rebuild")
    func judging() async throws {
        let directory = try TemporaryDirectory()
        let world = try World(path: directory.path + "/central.sqlite")
        let ward = try await world.hospital("H1")
        try await world.publish(policyFile(version: 2))
        var writer = Writer(9)
        var cases: [CaseID] = []
        for version in [UInt64(1), 2] {
            let caseID = world.newCase()
            cases.append(caseID)
            try writer.write(
                caseID,
                [
                    1: ([.text("gx"), .unsigned(version)], []),
                    4: ([.text("accept"), .null, .null, .null], []),
                ])
        }
        try await ward.push(writer.run())
        func hasParenting(_ world: World) async throws -> [Bool] {
            var answers: [Bool] = []
            for caseID in cases {
                answers.append(
                    try await world.store.read { transaction throws(CentralError) in
                        try transaction.tasks(of: caseID).contains { $0.item == "parenting" }
                    })
            }
            return answers
        }
        #expect(try await hasParenting(world) == [true, false])
        let caches = try await (world.caches(), world.recordCaches())
        let restarted = try World(seed: 2, path: directory.path + "/central.sqlite")
        try await Rebuild(store: restarted.store, books: restarted.books).run()
        #expect(try await hasParenting(restarted) == [true, false])
        #expect(try await restarted.caches() == caches.0)
        #expect(try await restarted.recordCaches() == caches.1)
    }

    @Test(
        "Central's own record is in every feed, and no window writes to it: what it sends enters no case and no feed"
    )
    func ownRecord() async throws {
        let (ward, other) = (try await world.hospital("H1"), try await world.hospital("H2"))
        var writer = Writer(5)
        try writer.write(.centralRecord, [20: (CBOR.name("n"), [])])
        let early = try await ward.push(writer.run())
        #expect(early.unreadable.map(\.reason) == ["central-record"] && early.stored == [writer.watermark])
        #expect(try await world.scopes(of: .centralRecord) == [:])
        try await world.publish(policyFile(version: 2))
        try writer.write(.centralRecord, [9003: ([.map([])], [])])
        writer.append(try writer.laterBody(of: .centralRecord))
        let late = try await ward.push(writer.run())
        #expect(late.unreadable.map(\.reason) == Array(repeating: "central-record", count: 3))
        let state = try await world.state(of: .centralRecord)
        #expect(state.count == HospitalRecordView(state).policies.count && state.asides.isEmpty)
        for ward in [ward, other] {
            let shown = try await world.feed(of: ward.hospital.id).compactMap { try $0.change?.caseID }
            #expect(shown.count { $0 == .centralRecord } == state.count)
        }
        #expect(try await world.scopes(of: .centralRecord).values.allSatisfy { $0 == nil })
    }

    @Test("Hospitals of an earlier program get central's record when this one starts, once")
    func upgraded() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/central.sqlite"
        let world = try World(path: path)
        let wards = [try await world.hospital("H1"), try await world.hospital("H2")]
        try await world.publish(policyFile(version: 2))
        let database = try Database(path: path, mode: .open, applicationID: Schema.applicationID)
        try database.transaction(.immediate) {
            _ = try database.execute("DELETE FROM scope WHERE case_id = ?", .blob(CaseID.centralRecord.bytes))
        }
        let before = try await world.feed(of: wards[0].hospital.id).count
        try await world.recordDesk.shareCentralRecord()
        let after = try await world.feed(of: wards[0].hospital.id)
        #expect(after.count == before + 2 && after[before].item.subject == .enters(.centralRecord))
        #expect(try await world.scopes(of: .centralRecord).count == 2)
        try await world.recordDesk.shareCentralRecord()
        #expect(try await world.feed(of: wards[0].hospital.id) == after)
    }

    @Test("A window that writes a range or a policy is set aside, and takes nothing away that central gave")
    func forged() async throws {
        let ward = try await world.hospital("H1")
        try await world.publish(policyFile("zz-test", version: 1))
        let range = try CertificateRange(
            first: #require(CertificateNumber("Z000000001")), last: #require(CertificateNumber("Z000000009")))
        #expect(try await world.stockDesk.assign(range, to: "H1", by: "staff"))
        let record = ward.hospital.id.record
        let state = try await world.state(of: record)
        var writer = Writer(5)
        for (group, value) in [
            (UInt32(9004), [CBOR.text("A000000001"), .text("A000000009"), .null]),
            (9006, [.text("zz-test"), .unsigned(1), .text("{}")]),
        ] {
            let dots = state.registers[GroupID(rawValue: group)]?.dots ?? []
            try writer.write(record, [group: (value, dots)])
        }
        try writer.write(record, [9005: ([.text("Z000000001"), .text("x"), .null], [])])
        try await ward.push(writer.run())
        #expect(try await Set(world.caches().asides.map(\.reasons)) == [["owner:9004"], ["owner:9006"]])
        let view = try await world.view(of: ward)
        #expect(view.ranges.map(\.first.description) == ["Z000000001"])
        #expect(view.policies.map(\.id) == ["zz-test"] && view.voids.count == 1)
    }

    @Test("A central that lost its records gets policies and ranges back from a window, and goes by them")
    func restored() async throws {
        let ward = try await world.hospital("H1")
        try await world.publish(policyFile("zz-test", version: 1))
        let caseID = try await acceptedCase(of: ward, policy: "zz-test", version: 1)
        let items = try await items(of: caseID)
        #expect(!items.isEmpty)
        var pushes: [Push] = []
        for entry in try await world.feed(of: ward.hospital.id) {
            guard case .change(_, _, _, let receipt, _) = entry.item.subject, let change = try entry.change
            else { continue }
            pushes.append(.foreign(change, receipt))
        }
        let other = try World(seed: 7)
        let lost = try await world.reappear(ward, in: other)
        try await lost.exchange(lost.request(pushes))
        #expect(other.books.casebook.policies["zz-test"] != nil)
        let found = try await other.store.read { transaction throws(CentralError) in
            try transaction.tasks(of: caseID).map(\.item)
        }
        #expect(found == items)
    }

    @Test("A commit that fails publishes nothing")
    func failedCommit() async throws {
        _ = try await world.hospital("H1")
        let file = try PolicyLibrary.publishable(policyFile("zz-test", version: 1), file: "x").published
        let (books, milliseconds) = (world.books, world.environment.now())
        let value: [CBOR] = [
            .text(file.id), .unsigned(1), .text(String(decoding: file.file, as: UTF8.self)), .unsigned(1),
            .unsigned(1),
        ]
        await #expect(throws: CentralError.refused(.busy)) {
            try await world.store.write { transaction throws(CentralError) in
                var ledger = try Ledger(transaction, books, milliseconds: milliseconds)
                _ = try ledger.add(
                    value, of: "publishedPolicy", to: nil,
                    by: Author(role: .central, unit: "", user: ""))
                try ledger.finish()
                throw CentralError.refused(.busy)
            }
        }
        #expect(try await world.recordDesk.policies().policies.allSatisfy(\.isShipped))
    }

    @Test("Calendars: the latest import of a year holds, the same twice writes nothing")
    func calendars() async throws {
        let ward = try await world.hospital("H1")
        func calendar(_ name: String) throws -> CalendarYear {
            let newYear = try #require(CalendarDate("2027-01-01"))
            return try CalendarYear(year: 2027, holidays: [newYear: name], workdays: [:], source: "s")
        }
        for (name, isNew) in [("a", true), ("a", false), ("b", true), ("a", true)] {
            world.clock.withLock { $0 += 1000 }
            let publication = try await world.recordDesk.publish(try calendar(name), to: .all, by: "x")
            #expect(publication.written == (isNew ? ["H1"] : []))
        }
        #expect(try await world.view(of: ward).calendars == [try calendar("a")])
        let later = try await world.hospital("H2")
        #expect(try await world.view(of: later).calendars == [try calendar("a")])
        #expect(try await world.recordDesk.record(of: nil).calendars == [try calendar("a")])
    }

    @Test(
        "A calendar for all holds also where another one was sent to one hospital before, and is written once"
    )
    func calendarForOne() async throws {
        let (first, second) = (try await world.hospital("H1"), try await world.hospital("H2"))
        func calendar(_ name: String) throws -> CalendarYear {
            let newYear = try #require(CalendarDate("2027-01-01"))
            return try CalendarYear(year: 2027, holidays: [newYear: name], workdays: [:], source: "s")
        }
        func publish(_ name: String, to addressees: RecordDesk.Addressees) async throws -> Bool {
            world.clock.withLock { $0 += 1000 }
            return try await !world.recordDesk.publish(calendar(name), to: addressees, by: "x").written
                .isEmpty
        }
        #expect(try await publish("a", to: .all))
        #expect(try await !publish("a", to: .hospitals(codes: ["H1"])))
        #expect(try await publish("b", to: .hospitals(codes: ["H1"])))
        #expect(try await world.view(of: first).calendars == [calendar("b")])
        #expect(try await world.view(of: second).calendars == [calendar("a")])
        #expect(try await publish("a", to: .all))
        #expect(try await !publish("a", to: .all))
        #expect(try await world.view(of: first).calendars == [calendar("a")])
    }
}
