import Accounts
import Casework
import Foundation
import SyncProtocol
import Testing
import Web

@testable import WindowAgent

@Suite("Who sees numbers in full at a window (docs/sight.md)")
struct WindowSightTests {
    /// Of the table: where, an address with `ID` for the case, and whether the mother's number is in full.
    private static let table: [(place: String, address: String, isFull: Bool)] = [
        ("work list", "/", false), ("due list", "/api/v1/due", false), ("returned", "/returned", false),
        ("list over the API", "/api/v1/cases", false), ("differences", "/differences", false),
        ("overview", "/cases/ID", false), ("history", "/cases/ID/history", false),
        ("duplicates", "/cases/ID/duplicates", false), ("losses", "/api/v1/losses?all=true", false),
        ("audit", "/audit", false), ("audit over the API", "/api/v1/audit", false),
        ("section", "/cases/ID/sections/2", true), ("one case over the API", "/api/v1/cases/ID", true),
    ]

    @Test("Pages and addresses show numbers as the table says")
    func sight() async throws {
        let fixture = try await AccountFixture()
        try await fixture.sign(Account(name: "wang", displayName: "王", roles: [.supervisor]))
        let id = try await fixture.window.newBirth()
        // A second case of the same child, so that both are compared.
        _ = try await fixture.window.newBirth()
        let state = try await fixture.window.store.state(of: #require(CaseID(id)))
        let numbers = ["motherIdNo", "motherPhone", "fatherIdNo"].flatMap { state.texts($0, in: .standard) }
        #expect(numbers.count == 3)
        let session = try await fixture.session(of: "wang")
        var full: Set<String> = []
        for row in Self.table {
            let target = row.address.replacing("ID", with: id)
            let response = await fixture.respond(.get, target, session)
            #expect(response.status == 200, "\(row.place): \(response.status)")
            let text = String(decoding: response.body, as: UTF8.self)
            let shown = numbers.filter(text.contains)
            if !shown.isEmpty { full.insert(row.place) }
            if !row.isFull { #expect(shown.isEmpty, "\(row.place) shows numbers in full") }
        }
        #expect(full.contains("one case over the API"))
        // Wherever the form asks for them, some section shows them in full.
        var isInSection = false
        for number in 1...12 {
            let response = await fixture.respond(.get, "/cases/\(id)/sections/\(number)", session)
            if String(decoding: response.body, as: UTF8.self).contains(numbers[0]) { isInSection = true }
        }
        #expect(isInSection)
        let overview = await fixture.respond(.get, "/cases/\(id)", session)
        #expect(
            String(decoding: overview.body, as: UTF8.self).contains(Masking.documentNumber.masked(numbers[0]))
        )
    }

    @Test("A tree of JSON is masked under the keys of the dictionary, however deep, and nowhere else")
    func json() throws {
        let json = try JSON(
            parsing: Array(
                #"{"lost": {"value": {"motherIdNo": "450326199403121234", "childName": "韦"}}, "list": [{"motherPhone": ["13977312345", 7]}], "number": "450326199403121234"}"#
                    .utf8))
        let masked = json.masked(by: .standard)
        let text = String(decoding: try JSONEncoder().encode(masked), as: UTF8.self)
        #expect(text.contains("4503**********1234") && text.contains("139****2345") && text.contains("韦"))
        #expect(masked.members?["number"] == .text("450326199403121234"))
    }
}
