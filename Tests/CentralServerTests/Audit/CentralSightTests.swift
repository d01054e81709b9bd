import Accounts
import Casework
import SyncProtocol
import Testing
import Web

@testable import CentralServer

@Suite("Who sees numbers in full at central (docs/sight.md)")
struct CentralSightTests {
    private static let numbers = ["450326199403121234", "13977312345", "450326199001019876"]

    /// Of the table: where, an address with `ID` for the case and `OTHER` for the other one, and whether numbers are in full.
    private static let table: [(place: String, address: String, isFull: Bool)] = [
        ("incoming", "/", false), ("merge desk's queue", "/desk", false),
        ("decisions", "/desk/decisions", false),
        ("duplicates", "/desk/duplicates", false), ("acts page", "/acts", false), ("fleet", "/fleet", false),
        ("overdue", "/overdue", false),
        ("statistics", "/statistics", false), ("audit", "/audit", false),
        ("list over the API", "/api/v1/cases", false), ("overdue over the API", "/api/v1/overdue", false),
        ("statistics over the API", "/api/v1/statistics?from=2026-01-01&to=2026-12-31", false),
        ("acts", "/api/v1/acts", false),
        ("audit over the API", "/api/v1/audit", false),
        ("duplicates over the API", "/api/v1/duplicates", false),
        ("one case", "/cases/ID", true), ("one case at the desk", "/desk/cases/ID", true),
        ("one case over the API", "/api/v1/cases/ID", true),
    ]

    @Test("Pages and addresses show numbers as the table says")
    func sight() async throws {
        let fixture = try CentralPageFixture()
        let world = fixture.world
        let ward = try await world.hospital("H1")
        var writer = Writer(91)
        let id = world.newCase()
        for (key, number) in zip(["motherIdNo", "motherPhone", "fatherIdNo"], Self.numbers) {
            let group = try #require(FieldDictionary.standard.place(of: key))
            var value = [CBOR](repeating: .null, count: group.group.members.count)
            value[group.index] = .text(number)
            try writer.write(id, [group.group.id.rawValue: (value, [])])
        }
        try await ward.push(writer.run())
        try await fixture.accounts.sign(
            Account(
                name: "all", displayName: "全", roles: [.merger, .administrator, .auditor, .technician]))
        let headers = try await fixture.accounts.session(of: "all")
        var full: Set<String> = []
        for row in Self.table {
            let answer = await fixture.accounts.respond(
                .get, row.address.replacing("ID", with: id.description), headers)
            #expect(answer.status == 200, "\(row.place): \(answer.status)")
            let text = String(decoding: answer.body, as: UTF8.self)
            let shown = Self.numbers.filter(text.contains)
            if !shown.isEmpty { full.insert(row.place) }
            if !row.isFull { #expect(shown.isEmpty, "\(row.place) shows numbers in full") }
        }
        // What the test puts in is there: it can find it.
        #expect(full.contains("one case over the API"))
    }
}
