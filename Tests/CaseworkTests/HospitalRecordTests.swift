import SyncProtocol
import Testing

@testable import Casework

/// Writes the changes of one record or case, in order.
private struct Pen {
    private(set) var changes: [Change] = []
    private var sequences: [ReplicaID: UInt64] = [:]
    let caseID = CaseID(milliseconds: 7, random: (7, 7))

    var state: CaseState { CaseState(folding: changes) }

    /// Adds a value of a group, given by key.
    mutating func write(
        _ members: [String: JSON], in name: String, by role: Role = .central, at milliseconds: UInt64? = nil,
        replaces: [Dot] = []
    ) throws {
        let group = try #require(FieldDictionary.standard.group(named: name))
        let value = try group.members.map { try $0.type.cbor(from: members[$0.key] ?? .null) }
        try write(value, in: name, by: role, at: milliseconds, replaces: replaces)
    }

    mutating func write(
        _ value: [CBOR], in name: String, by role: Role = .central, at milliseconds: UInt64? = nil,
        replaces: [Dot] = []
    ) throws {
        let group = try #require(FieldDictionary.standard.group(named: name))
        let replica = ReplicaID(rawValue: UInt64(role.rawValue) + 1)
        sequences[replica, default: 0] += 1
        let sequence = sequences[replica, default: 0]
        changes.append(
            try Change(
                replica: replica, sequence: sequence, caseID: caseID, edition: sequence,
                content: ChangeContent(
                    writes: [group.id: .init(value: value, replaces: replaces)],
                    time: HybridTime(milliseconds: milliseconds ?? UInt64(changes.count)),
                    author: Author(role: role, unit: "", user: "x"))))
    }

    mutating func publish(_ text: String, id: String, version: Int, by role: Role = .central) throws {
        for part in PublishedPolicy(id: id, version: version, file: [UInt8](text.utf8)).parts {
            try write(part, in: "publishedPolicy", by: role)
        }
    }
}

private func policyFile(_ id: String, version: Int, title: String = "试点") throws -> String {
    let text = try Fixture.policyText("gx-liuzhou")
        .replacing(#""id": "gx-liuzhou""#, with: #""id": "\#(id)""#)
        .replacing(#""version": 1"#, with: #""version": \#(version)"#)
    let minified = try PolicyLibrary.minified([UInt8](text.utf8), file: "x")
    return String(decoding: minified, as: UTF8.self).replacing("柳州市新生儿", with: title)
}

@Suite("A hospital's record")
struct HospitalRecordTests {
    @Test("Published policies come with the shipped ones; a window publishes none")
    func policies() throws {
        var pen = Pen()
        try pen.publish(try policyFile("zz-test", version: 1), id: "zz-test", version: 1)
        try pen.publish(try policyFile("zz-test", version: 2), id: "zz-test", version: 2)
        try pen.publish(try policyFile("zz-evil", version: 1), id: "zz-evil", version: 1, by: .window)
        let view = HospitalRecordView(pen.state)
        #expect(view.policies.map(\.version) == [1, 2] && view.faults.isEmpty)
        let (library, faults) = PolicyLibrary.standard.adding(view.policies)
        #expect(faults.isEmpty)
        #expect(library["zz-test"]?.version == 2 && library["zz-test", version: 1] != nil)
        #expect(library["zz-evil"] == nil)
        #expect(library.policies.count == PolicyLibrary.standard.policies.count + 2)
        let policy = try #require(library["zz-test"])
        #expect(
            String(decoding: library.file(of: policy), as: UTF8.self)
                == (try policyFile("zz-test", version: 2)))
    }

    @Test("What cannot be used is skipped and reported, and the rest is used")
    func faultyPolicies() throws {
        let good = try policyFile("zz-test", version: 1)
        var pen = Pen()
        try pen.publish(good, id: "zz-test", version: 1)
        try pen.publish(try policyFile("zz-test", version: 1, title: "另一"), id: "zz-test", version: 1)
        try pen.publish("{\"format\":1}", id: "zz-torn", version: 1)
        try pen.publish("nonsense", id: "zz-none", version: 1)
        try pen.publish(good, id: "zz-other", version: 1)
        try pen.publish(try policyFile("gx-liuzhou", version: 1, title: "改写"), id: "gx-liuzhou", version: 1)
        try pen.write([.text("zz-short")], in: "publishedPolicy")
        let view = HospitalRecordView(pen.state)
        #expect(
            view.faults == [
                "zz-test version 1: published with two contents", "a published policy that cannot be read",
            ])
        let (library, faults) = PolicyLibrary.standard.adding(view.policies)
        #expect(
            faults.map(\.file) == [
                "gx-liuzhou version 1", "zz-none version 1", "zz-other version 1", "zz-torn version 1",
            ])
        #expect(library["zz-test"]?.version == 1)
        #expect(library["gx-liuzhou"] == PolicyLibrary.standard["gx-liuzhou"])
        #expect(library.policies.count == PolicyLibrary.standard.policies.count + 1)
    }

    @Test("The same file under the same version is one, however its spaces and keys stand")
    func sameFile() throws {
        let text = try Fixture.policyText("gx-liuzhou")
        let (library, faults) = PolicyLibrary.standard.adding([
            PublishedPolicy(id: "gx-liuzhou", version: 1, file: [UInt8](text.utf8))
        ])
        #expect(faults.isEmpty && library == .standard)
        for policy in PolicyLibrary.standard.policies {
            let file = PolicyLibrary.standard.file(of: policy)
            #expect(try PolicyLibrary.minified(file, file: "x") == file)
            #expect(try PolicyLibrary.publishable(file, file: "x").policy == policy)
        }
    }

    @Test("A file of any size that is allowed travels in parts, in any order, and is whole or not there")
    func parts() throws {
        var seed: UInt64 = 7
        for size in [1, 47_000, 48_000, 100_000, Policy.bytesMax] {
            var text = ""
            while text.utf8.count < size {
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text += ["甲", " ", "乙丙", "x", "  ", "\"", "é"][Int(seed >> 33) % 7]
            }
            text = "{" + text + "}"
            let policy = PublishedPolicy(id: "zz", version: 1, file: [UInt8](text.utf8))
            #expect(policy.parts.count <= PublishedPolicy.partsMax)
            var pen = Pen()
            for part in policy.parts { try pen.write(part, in: "publishedPolicy") }
            for order in [pen.changes, pen.changes.reversed()] {
                #expect(HospitalRecordView(CaseState(folding: order)).policies == [policy], "\(size)")
                let torn = HospitalRecordView(CaseState(folding: Array(order.dropLast())))
                #expect(torn.policies.isEmpty && torn.faults.isEmpty)
            }
        }
    }

    @Test("A file beyond the limits is refused with its name")
    func tooLarge() throws {
        let text = try policyFile("zz-test", version: 1)
        let spaces = [UInt8](repeating: 0x20, count: Policy.bytesMax)
        #expect {
            try PolicyLibrary.publishable(spaces + [UInt8](text.utf8), file: "zz.json")
        } throws: { "\($0)" == "zz.json: is larger than \(Policy.bytesMax) bytes" }
        let deep = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
        #expect(throws: PolicyError.self) {
            try PolicyLibrary.publishable([UInt8](deep.utf8), file: "zz.json")
        }
    }

    @Test("Of a year's calendars central's holds, and of its own the later one, in any order of arrival")
    func calendars() throws {
        func members(_ year: Int, _ name: String) throws -> [String: JSON] {
            let newYear = try #require(CalendarDate("\(year)-01-01"))
            let saturday = try #require(newYear.adding(days: (6 - newYear.weekday + 7) % 7 + 7))
            return try CalendarYear(
                year: year, holidays: [newYear: name], workdays: [saturday: name], source: "通知"
            ).members
        }
        var pen = Pen()
        try pen.write(try members(2027, "early"), in: "publishedCalendar", at: 10)
        try pen.write(try members(2027, "late"), in: "publishedCalendar", at: 20)
        try pen.write(try members(2027, "window"), in: "publishedCalendar", by: .window, at: 30)
        try pen.write(try members(2028, "window"), in: "publishedCalendar", by: .window, at: 31)
        try pen.write(try members(2028, "later"), in: "publishedCalendar", by: .window, at: 32)
        try pen.write(try members(2029, "police"), in: "publishedCalendar", by: .department, at: 33)
        try pen.write([.unsigned(1), .null, .null, .text("x")], in: "publishedCalendar", at: 40)
        for order in [pen.changes, pen.changes.reversed()] {
            let view = HospitalRecordView(CaseState(folding: order))
            #expect(view.calendars.map(\.year) == [2027, 2028])
            #expect(view.calendars.map { $0.holidays.values.first } == ["late", "later"])
            #expect(view.faults.count == 1)
            #expect(view.faults[0].hasPrefix("a published calendar: year: outside 2000 to 2100"))
        }
    }

    @Test("A year's notice always fits its group")
    func calendarLimits() throws {
        var holidays: [CalendarDate: String] = [:]
        for day in 0..<CalendarYear.holidaysMax {
            let date = try #require(CalendarDate("2027-01-01")?.adding(days: day))
            holidays[date] = String(repeating: "长", count: CalendarYear.nameLengthMax)
        }
        let source = String(repeating: "长", count: CalendarYear.sourceLengthMax)
        let calendar = try CalendarYear(year: 2027, holidays: holidays, workdays: [:], source: source)
        var pen = Pen()
        try pen.write(calendar.members, in: "publishedCalendar")
        #expect(HospitalRecordView(pen.state).calendars == [calendar])
    }

    @Test("Ranges and settings count from central alone, voids from both; of several settings the last holds")
    func stock() throws {
        func range(_ first: String, _ last: String) -> [String: JSON] {
            ["certificateRangeFirst": .text(first), "certificateRangeLast": .text(last)]
        }
        var pen = Pen()
        try pen.write(range("Z000000001", "Z000000009"), in: "certificateRange")
        try pen.write(range("Z000000001", "Z000000009"), in: "certificateRange")
        try pen.write(range("Y000000001", "Y000000009"), in: "certificateRange", by: .window)
        try pen.write(range("Z000000009", "Z000000001"), in: "certificateRange")
        for (role, reason) in [(Role.window, "first"), (.central, "second"), (.department, "third")] {
            try pen.write(
                ["voidedCertificateNumber": .text("Z000000003"), "voidedCertificateReason": .text(reason)],
                in: "voidedCertificate", by: role)
        }
        try pen.write(
            ["voidedCertificateNumber": .text("Z000000004")], in: "voidedCertificate", by: .department)
        try pen.write(
            ["hospitalSettings": .object(["lowCertificateStock": .text("3")])], in: "hospitalSettings")
        let view = HospitalRecordView(pen.state)
        #expect(
            view.ranges.map(\.count) == [9] && view.faults == ["a range of certificates that cannot be read"])
        #expect(view.voids.map(\.reason) == ["first"])
        #expect(view.settingSources.merged.lowStockCount == 3)
        try pen.write(
            ["hospitalSettings": .object(["lowCertificateStock": .text("4")])], in: "hospitalSettings",
            by: .window)
        #expect(HospitalRecordView(pen.state).settingSources.merged.lowStockCount == 3)
        try pen.write(
            ["hospitalSettings": .object(["lowCertificateStock": .text("5")])], in: "hospitalSettings")
        #expect(HospitalRecordView(pen.state).settingSources.merged.lowStockCount == 5)
    }
}

@Suite("By which version a case is judged")
struct CaseRulesTests {
    private let library: PolicyLibrary

    init() throws {
        library = try PolicyLibrary(files: [
            ("1", [UInt8](try policyFile("zz-test", version: 1).utf8)),
            ("2", [UInt8](try policyFile("zz-test", version: 2).utf8)),
        ])
    }

    private func rules(_ pen: Pen) -> CaseRules {
        CaseRules(pen.state, policies: library, dictionary: .standard)
    }

    private func policy(_ version: Int?) -> [String: JSON] {
        ["policyID": .text("zz-test"), "policyVersion": version.map { .number(.init($0)) } ?? .null]
    }

    @Test("The newest until it is accepted, also if a version stands there; then the one of the acceptance")
    func pinning() throws {
        var pen = Pen()
        #expect(rules(pen) == .unnamed)
        try pen.write(policy(nil), in: "policy")
        #expect(rules(pen).policy?.version == 2 && rules(pen).dependsOnLibrary)
        var old = Pen()
        try old.write(policy(1), in: "policy")
        #expect(rules(old).policy?.version == 2)
        try old.write(["acceptanceDate": .text("2025-09-29")], in: "acceptance")
        #expect(rules(old).policy?.version == 1 && !rules(old).dependsOnLibrary)
        #expect(rules(old).chinese == nil)
    }

    @Test("An acceptance that is in conflict pins all the same")
    func conflict() throws {
        var pen = Pen()
        try pen.write(policy(1), in: "policy")
        try pen.write(["acceptanceDate": .text("2025-09-29")], in: "acceptance")
        try pen.write(["acceptanceDate": .text("2025-09-30")], in: "acceptance", by: .window)
        #expect(rules(pen).policy?.version == 1)
    }

    @Test("A version that is not here is told in Chinese, and no other takes its place")
    func missing() throws {
        var pen = Pen()
        try pen.write(policy(3), in: "policy")
        try pen.write(["decisionKind": .text("accept")], in: "decision")
        #expect(rules(pen) == .missing(id: "zz-test", version: 3) && rules(pen).dependsOnLibrary)
        #expect(rules(pen).chinese?.contains("zz-test 第 3 版") ?? false)
        let progress = CaseProgress(pen.state, policies: library, dictionary: .standard)
        #expect(progress.policy == nil && progress.items.isEmpty && progress.isOpen)
        var other = Pen()
        try other.write(["policyID": .text("zz-none")], in: "policy")
        #expect(rules(other) == .missing(id: "zz-none", version: nil))
        try other.write(["policyID": .text("zz-test")], in: "policy", by: .window)
        #expect(rules(other) == .unnamed && rules(other).chinese != nil)
    }
}
