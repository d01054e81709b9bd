import Casework
import Cryptography
import Foundation
import SealedWindow
import SyncProtocol
import Testing

@testable import Persistence
@testable import WindowAgent

@Suite("The same child in two cases, at a window")
struct DuplicateTests {
    private let machine: TestMachine
    init() throws { machine = try TestMachine() }

    private static let sound: [String: CBOR] = [
        "childName": .text("韦梓涵"), "childSex": .text("2"), "birthDate": .text("2025-09-09"),
        "birthTime": .text("08:15"), "plurality": .text("single"), "motherName": .text("覃丽"),
        "motherIdNo": .text("450326199505051228"),
    ]

    private func open() async throws -> WindowStore {
        let store = try WindowStore(
            path: machine.path(), dictionary: .standard,
            duplicatesKey: SecretBytes([UInt8](repeating: 9, count: 32)), environment: machine.environment)
        if try await store.loadEnrolment() == nil { try await store.enrol(.test()) }
        return store
    }

    private func register(
        _ store: WindowStore, _ changes: [[String: CBOR]] = [[:]]
    ) async throws -> (ids: [CaseID], saved: Saved) {
        let newborns = changes.map { Answers(Self.sound).overridden(by: $0) }
        let saved = try await store.newCases(newborns, policy: try testPolicy(), .clerk)
        return (saved.cases.compactMap { CaseID($0.id) }, saved)
    }

    @Test(
        "Who registers a child again is told of the other case by its number and the reasons, and it is saved"
    )
    func warned() async throws {
        let store = try await open()
        let first = try await register(store)
        #expect(first.saved.warnings == nil)
        let second = try await register(store, [["childName": .text("韦子晗")]])
        let warning = try #require(second.saved.warnings?.first)
        #expect(warning.contains(try #require(first.saved.cases[0].number)))
        #expect(warning.contains("DC-03") && !warning.contains("覃丽") && !warning.contains("4503"))
        #expect(try await store.cases(limit: 9).count == 2)
        let found = try await store.lookalikes(of: second.ids[0])
        #expect(found.map(\.caseID) == first.ids)
        // The index is on the disk: another opening finds the same.
        let again = try await open()
        #expect(try await again.lookalikes(of: first.ids[0]).map(\.caseID) == second.ids)
    }

    @Test("Twins of one registration are no pair; twins that are registered again are two")
    func twins() async throws {
        let store = try await open()
        let twin: [[String: CBOR]] = [
            ["plurality": .text("twin")],
            [
                "plurality": .text("twin"), "childName": .text("韦梓轩"), "childSex": .text("1"),
                "birthTime": .text("08:20"),
            ],
        ]
        #expect(try await register(store, twin).saved.warnings == nil)
        let again = try await register(store, twin)
        #expect(again.saved.warnings?.count == 2)
        for id in again.ids { #expect(try await store.lookalikes(of: id).count == 1) }
    }

    @Test("An edit warns of what it has made alike, once; another field warns of nothing")
    func edited() async throws {
        let store = try await open()
        _ = try await register(store)
        let other = try await register(
            store,
            [
                [
                    "motherIdNo": .text("450225199601011244"), "motherName": .text("黄敏"),
                    "childName": .text("李一诺"),
                    "birthTime": .text("21:00"),
                ]
            ])
        #expect(other.saved.warnings == nil)
        let edit = try await store.edit(
            other.ids[0], ["motherIdNo": .text("450326199505051228")], .clerk)
        #expect(edit.warnings?.count == 1)
        #expect(try await store.edit(other.ids[0], ["note": .text("n")], .clerk).warnings == nil)
        #expect(
            try await store.edit(other.ids[0], ["motherPhone": .text("13800000000")], .clerk).warnings == nil)
    }

    @Test("At most a few are told, the likest first, and a rebuild finds the same")
    func limited() async throws {
        let store = try await open()
        for _ in 0..<(WindowStore.lookalikesMax + 3) { _ = try await register(store) }
        let last = try await register(store, [["childName": .text("韦梓")]])
        let found = try await store.lookalikes(of: last.ids[0])
        #expect(found.count == WindowStore.lookalikesMax)
        #expect(found.map(\.likeness.score) == found.map(\.likeness.score).sorted(by: >))
        _ = try await store.rebuild()
        #expect(try await store.lookalikes(of: last.ids[0]) == found)
    }

    @Test("Look-ups find their rows by a key")
    func plans() async throws {
        _ = try await register(try await open())
        let store = try await open()
        _ = try await register(store)
        let plans = try await store.plans().filter { $0.sql.contains("FROM duplicate_key WHERE") }
        #expect(plans.count >= 2)
        for plan in plans where !plan.sql.contains("NOT IN") {
            #expect(!plan.steps.contains { $0.hasPrefix("SCAN") || $0.contains("TEMP B-TREE") }, "\(plan)")
        }
    }
}
