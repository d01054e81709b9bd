import Casework
import Foundation
import SyncProtocol
import Testing

@testable import WindowAgent

@Suite("The rules of a window come from its hospital's record")
struct RulesTests {
    private let fixture: APIFixture
    private var store: WindowStore { fixture.store }
    private static let clerk = Saving(user: "clerk")

    init() async throws { fixture = try await APIFixture() }

    /// Applies for every service that the newest version offers.
    private func newCase() async throws -> String {
        let items = try await store.rules().policies["gx-yongfu"]?.items ?? []
        let codes = items.filter { $0.choice != .direct }.map { JSON.text($0.code) }
        return try await fixture.newBirth(["items": .list(codes)])
    }

    private func items(of id: String) async throws -> [String] {
        try await fixture.call(.get, "/api/v1/cases/\(id)").list("items").compactMap {
            if case .text(let code)? = $0["item"] { code } else { nil }
        }
    }

    private func listedItems(of id: String) async throws -> Set<String> {
        let line = try await store.cases(limit: 100).first { $0.id.description == id }
        return Set((line?.summary.items ?? [:]).keys)
    }

    private func version(of id: String) async throws -> JSON? {
        let shown = try await fixture.call(.get, "/api/v1/cases/\(id)")
        return shown["fields"]?.members?["policyVersion"]
    }

    private func accept(_ id: String) async throws -> APIFixture.Answer {
        try await fixture.step("submit", of: id)
        return try await fixture.step("accept", of: id)
    }

    @Test("An accepted case keeps its version when a newer one comes; all others go by the newer one at once")
    func pinned() async throws {
        var central = ModelCentral.with(.test)
        let (accepted, open) = (try await newCase(), try await newCase())
        #expect(try await version(of: accepted) == nil)
        #expect(try await accept(accepted).status == 200)
        #expect(try await version(of: accepted) == .number(1))
        try central.publish(try policyFile(version: 2))
        try await central.settle(with: store)
        let new = try await newCase()
        for (id, hasParenting) in [(accepted, true), (open, false), (new, false)] {
            #expect(try await items(of: id).contains("parenting") == hasParenting)
            #expect(try await listedItems(of: id).contains("parenting") == hasParenting)
        }
        #expect(try await accept(open).status == 200)
        #expect(try await version(of: open) == .number(2))
        // There is no second decision, and what was pinned stays.
        #expect(try await accept(accepted).status == 409)
        #expect(try await version(of: accepted) == .number(1))
        try await central.settle(with: store)
        try await central.expectSettled(with: store)
        let rows = try await store.cacheRows()
        #expect(try await store.rebuild() == rows.count)
        #expect(try await store.cacheRows() == rows)
    }

    @Test("A new county is a file: registered, judged and accepted by it")
    func newCounty() async throws {
        var central = ModelCentral.with(.test)
        #expect(try await fixture.call(.post, "/api/v1/cases?policy=zz-test", "{}").status == 422)
        try central.publish(try policyFile("zz-test", version: 1))
        try await central.settle(with: store)
        let answer = try await fixture.call(
            .post, "/api/v1/cases?policy=zz-test", #"{"childName": "测试一"}"#)
        #expect(answer.status == 201, "\(answer.text)")
        let listed = try await fixture.call(.get, "/api/v1/policies").list("policies")
        #expect(listed.count == PolicyLibrary.standard.policies.count + 1)
        let file = try await fixture.call(.get, "/api/v1/policies/zz-test?version=1").text
        #expect(
            file
                == String(
                    decoding: try PolicyLibrary.minified(policyFile("zz-test", version: 1), file: ""),
                    as: UTF8.self))
        #expect(try await fixture.call(.get, "/api/v1/policies/zz-test?version=2").status == 404)
        #expect(try await fixture.call(.get, "/api/v1/policies/zz-none").status == 422)
    }

    @Test("A case that was accepted under a version that is not here is shown, saved, and not decided on")
    func behind() async throws {
        var central = ModelCentral.with(.test)
        let id = try await newCase()
        #expect(try await accept(id).status == 200)
        let caseID = try #require(CaseID(id))
        try await central.settle(with: store)
        let policy = try group("policy")
        let seen = try await store.state(of: caseID).registers[policy]?.dots ?? []
        try central.write(
            [policy: .init(value: [.text("gx-yongfu"), .unsigned(7)], replaces: seen)], on: caseID)
        try await central.settle(with: store)
        let refused = try await fixture.step("issue", of: id, #""number": "Z459990001""#)
        #expect(refused.status == 409)
        #expect(refused.text("detail") == "本机尚未收到该办件受理时适用的政策包（gx-yongfu 第 7 版），请先与中心同步，暂不能作出决定。")
        let shown = try await fixture.call(.get, "/api/v1/cases/\(id)")
        #expect(shown.status == 200 && shown.text("rules") == refused.text("detail"))
        #expect(try await listedItems(of: id).isEmpty)
        let saved = try await fixture.call(.patch, "/api/v1/cases/\(id)", #"{"set": {"note": "x"}}"#)
        #expect(saved.status == 200)
        // With the version everything is there again.
        try central.publish(try policyFile(version: 7))
        try await central.settle(with: store)
        #expect(try await !listedItems(of: id).isEmpty)
        #expect(try await fixture.call(.get, "/api/v1/cases/\(id)")["rules"] == nil)
        #expect(try await fixture.step("issue", of: id, #""number": "Z459990001""#).status == 200)
    }

    @Test("A published policy that is faulty is reported and hinders nothing")
    func faulty() async throws {
        var central = ModelCentral.with(.test)
        try central.record(
            [
                "publishedPolicyID": .text("zz-torn"), "publishedPolicyVersion": .number(1),
                "publishedPolicyFile": .text("{}"), "publishedPolicyPart": .number(1),
                "publishedPolicyParts": .number(1),
            ], in: "publishedPolicy")
        try central.publish(try policyFile("zz-test", version: 1))
        try await central.settle(with: store)
        let rules = try await store.rules()
        #expect(rules.faults.count == 1 && rules.faults[0].hasPrefix("zz-torn version 1: "))
        #expect(rules.policies["zz-test"] != nil && rules.policies["gx-yongfu"] != nil)
        _ = try await newCase()
    }

    @Test("What this window writes into the record publishes nothing and gives no stock")
    func ownWrites() async throws {
        var central = ModelCentral.with(.test)
        let window = Author(role: .window, unit: "YF01", user: "x")
        try central.record(
            ["certificateRangeFirst": .text("Z000000001"), "certificateRangeLast": .text("Z000000009")],
            in: "certificateRange", by: window)
        try await central.settle(with: store)
        #expect(try await store.stock().isAssigned == false)
    }

    @Test("Rules are the same after a restart, and of a case that came before them")
    func restart() async throws {
        var central = ModelCentral.with(.test)
        let id = try await newCase()
        try central.publish(try policyFile(version: 2))
        try central.assign("Z000000001", "Z000000009")
        try await central.settle(with: store)
        let rules = try await store.rules()
        let reopened = try await fixture.machine.open()
        #expect(try await reopened.rules() == rules)
        let line = try await reopened.cases(limit: 9).first
        #expect(line?.id.description == id && line?.summary.items["parenting"] == nil)
    }

    @Test("A calendar is imported here, idempotent, and gives way to central's")
    func calendars() async throws {
        func file(_ name: String) -> String {
            #"{"format": 1, "year": 2027, "holidays": {"2027-01-01": "\#(name)"}, "workdays": {}, "source": "通知"}"#
        }
        let answers = [
            try await fixture.call(.post, "/api/v1/calendars", file("a")),
            try await fixture.call(.post, "/api/v1/calendars", file("a")),
            try await fixture.call(.post, "/api/v1/calendars", file("b")),
        ]
        #expect(answers.map { $0["isChanged"] } == [.bool(true), .bool(false), .bool(true)])
        #expect(try await store.rules().calendarYears.map { $0.holidays.values.first } == ["b"])
        var central = ModelCentral.with(.test)
        let newYear = try #require(CalendarDate("2027-01-01"))
        let calendar = try CalendarYear(year: 2027, holidays: [newYear: "c"], workdays: [:], source: "通知")
        try central.record(calendar.members, in: "publishedCalendar")
        try await central.settle(with: store)
        #expect(try await store.rules().calendarYears == [calendar])
        let late = try await fixture.call(.post, "/api/v1/calendars", file("d"))
        #expect(late["warnings"] == .list([.text("中心已下发 2027 年节假日安排，以中心的为准。")]))
        #expect(try await store.rules().calendarYears == [calendar])
        #expect(try await fixture.call(.post, "/api/v1/calendars", "[]").status == 422)
        #expect(try await fixture.call(.get, "/api/v1/calendars").list("calendars").count == 1)
        try await central.settle(with: store)
        try await central.expectSettled(with: store)
    }

    @Test("A calendar that comes later moves what is due")
    func laterCalendar() async throws {
        fixture.machine.pass(milliseconds: 400 * 86_400_000)  // 2026-11-03
        var central = ModelCentral.with(.test)
        let id = try await newCase()
        #expect(try await accept(id).status == 200)
        func due(_ item: String) async throws -> CalendarDate? {
            try await store.dueItems(limit: 99).first { $0.item == item }?.due
        }
        #expect(try await due("hukou") != nil)
        #expect(try await due("ssCard") == CalendarDate("2026-12-18"))
        let day = try #require(CalendarDate("2026-12-01"))
        let calendar = try CalendarYear(year: 2026, holidays: [day: "测试"], workdays: [:], source: "通知")
        try central.record(calendar.members, in: "publishedCalendar")
        try await central.settle(with: store)
        #expect(try await due("ssCard") == CalendarDate("2026-12-21"))
    }

    /// Undoes the migrations from `0005-create-stock` on.
    private static let downgrade: [StaticString] = [
        "DROP INDEX case_cache_by_stage", "DROP INDEX case_cache_recent",
        "ALTER TABLE case_cache DROP COLUMN archived",
        "CREATE INDEX case_cache_recent ON case_cache (changed_at DESC, case_id)",
        "DROP INDEX departed_by_time", "ALTER TABLE departed DROP COLUMN departed_at",
        "DROP TABLE feed_backup",
        "DROP TABLE attachment_backup", "DROP TABLE kept_less",
        "DROP INDEX case_cache_returned", "ALTER TABLE case_cache DROP COLUMN returned",
        "DROP TABLE duplicate_key",
        "DROP TRIGGER change_goes", "DROP INDEX change_unproven", "DROP TABLE second_copy",
        "DROP TABLE second_copy_place", "DROP TABLE recovery_sheet",
        "ALTER TABLE sync_state DROP COLUMN mended_at", "DROP TABLE wiped_change",
        "DROP TABLE order_run", "DROP TABLE agreed_version", "DROP TABLE cache_maker",
        "DROP TABLE attachment_name", "DROP TABLE link_setting", "DROP TABLE link_traffic",
        "DROP TABLE bundle_export", "ALTER TABLE enrolment DROP COLUMN central_key",
        "ALTER TABLE enrolment DROP COLUMN recovery_key",
        "DROP TABLE loss",
        "DELETE FROM migration WHERE identifier > '0007-add-issued-certificates'",
        "DROP TABLE issued_certificate",
        "DELETE FROM migration WHERE identifier = '0007-add-issued-certificates'",
        "DROP TABLE due_item", "ALTER TABLE case_cache DROP COLUMN stage",
        "DELETE FROM migration WHERE identifier = '0006-add-stages'",
        "DROP TABLE certificate_use", "DROP INDEX case_cache_open", "DROP INDEX case_cache_stale",
        "ALTER TABLE case_cache DROP COLUMN open_policy", "ALTER TABLE case_cache DROP COLUMN is_stale",
        "DELETE FROM migration WHERE identifier = '0005-create-stock'", "PRAGMA user_version = 4",
    ]

    @Test("A store of the version before is made anew where it must be, at the first look or save")
    func upgraded() async throws {
        let id = try await fixture.newCase(#"{"childName": "测试一", "birthCertNo": "Z000000001"}"#)
        try Unsealing.run(fixture.machine.path())
        for sql in Self.downgrade { try await store.execute(sql) }
        let reopened = try await fixture.machine.open()
        let number = try #require(CertificateNumber("Z000000001"))
        #expect(try await reopened.stock(of: number).uses(of: number).map(\.caseID.description) == [id])
        #expect(try await reopened.count("SELECT count(*) FROM case_cache WHERE is_stale = 1") == 0)
        #expect(try await reopened.cases(stage: .draft, limit: 9).map(\.id.description) == [id])
    }
}
