import Casework
import SyncProtocol
import Testing

@testable import WindowAgent

@Suite("Two writers under one name")
struct ForkTests {
    private let machine: TestMachine
    private var central = ModelCentral.with(.test)
    init() throws { machine = try TestMachine() }

    /// What a memory snapshot of a running machine amounts to: two files and one replica in both.
    private func clones(common: Int, tails: (Int, Int)) async throws -> (WindowStore, WindowStore, CaseID) {
        let store = try await machine.open()
        let id = try await store.newCase(["childName": .text("甲")])
        for text in 1..<max(common, 2) { _ = try await store.edit(id, ["note": .text("\(text)")], .clerk) }
        try machine.copy(to: "clone.sqlite")
        let clone = try await machine.open("clone.sqlite")
        await clone.impersonate(await store.memory.replica)
        for text in 0..<tails.0 { _ = try await store.edit(id, ["note": .text("a\(text)")], .clerk) }
        for text in 0..<tails.1 {
            _ = try await clone.edit(id, ["note": .text("b\(text)"), "childName": .text("乙\(text)")], .clerk)
        }
        return (store, clone, id)
    }

    @Test(
        "The tail is written anew under another name, and both machines come to the same",
        arguments: [(2, 1, 1), (2, 5, 2), (9, 1, 7), (3, 20, 40), (40, 3, 3)])
    mutating func clonedMachine(common: Int, one: Int, other: Int) async throws {
        let (store, clone, id) = try await clones(common: common, tails: (one, other))
        let tail = try await clone.log().suffix(other)
        try await central.settle(with: store)
        try await central.settle(with: clone, bytesMax: 700)
        try await central.settle(with: store)
        for window in [store, clone] { try await central.expectSettled(with: window) }
        #expect(central.state(of: id).forked == [])
        #expect(central.changes[id]?.count == common + one + other)
        let values = try #require(
            central.state(of: id).registers[try group("childName")]?.standing.map(\.value))
        #expect(values == [[.text("乙\(other - 1)")]], "the tail's changes still replace each other")
        #expect(try await clone.count("SELECT count(*) FROM renamed_change") == Int64(tail.count))
        let first = try #require(tail.first)
        let name = TailRenaming(of: first.replica, first: first.id).replica
        #expect(central.chains[name]?.count == other, "the name is the one that all clones agree on")
        _ = try await clone.edit(id, ["note": .text("on")], .clerk)
        try await central.settle(with: clone)
        try await central.expectSettled(with: clone)
    }

    @Test("Clones of one tail write it anew as the same changes, and it is there once")
    mutating func sameTail() async throws {
        let (store, clone, id) = try await clones(common: 2, tails: (3, 4))
        try machine.copy("clone.sqlite", to: "third.sqlite")
        let third = try await machine.open("third.sqlite")
        for window in [store, clone, third, clone, store] { try await central.settle(with: window) }
        for window in [store, clone, third] { try await central.expectSettled(with: window) }
        #expect(central.changes[id]?.count == 2 + 3 + 4)
    }

    @Test(
        "What a clone wrote after a restart, having seen its own tail, replaces that and not what the other clone wrote",
        arguments: [0, 1, 2, 3])
    mutating func restartedClone(tail: Int) async throws {
        let (store, clone, id) = try await clones(common: 2, tails: (tail, tail + 1))
        // The other machine's change bears the very dot of the clone's last.
        _ = try await store.edit(id, ["motherName": .text("甲母"), "childName": .text("甲一")], .clerk)
        let restarted = try await machine.open("clone.sqlite")
        _ = try await restarted.edit(id, ["childName": .text("乙末"), "note": .text("乙末")], .clerk)
        _ = try await restarted.edit(id, ["childName": .text("乙终")], .clerk)
        try await central.settle(with: store)
        for window in [restarted, store, restarted] { try await central.settle(with: window, bytesMax: 300) }
        for window in [store, restarted] { try await central.expectSettled(with: window) }
        let values = try #require(
            central.state(of: id).registers[try group("childName")]?.standing.map(\.value))
        #expect(Set(values) == [[.text("甲一")], [.text("乙终")]])
        withExtendedLifetime(clone) {}
    }

    @Test("A fork does not hold up the changes of other replicas")
    mutating func othersGoOn() async throws {
        let (store, clone, _) = try await clones(common: 2, tails: (9, 60))
        try await central.settle(with: store)
        await clone.impersonate(nil)
        _ = try await clone.newCase()
        let last = try #require(try await clone.log().last)
        var exchanges = 0
        while !central.held.contains(last.id), exchanges < 12 {
            try await central.exchange(with: clone, bytesMax: 300)
            exchanges += 1
        }
        #expect(exchanges < 12)
        try await central.settle(with: clone)
        try await central.expectSettled(with: clone)
    }

    @Test(
        "What later openings wrote on top of a renamed tail is written anew with it, and clones agree",
        arguments: [300, 16_384])
    mutating func laterReplicas(bytesMax: Int) async throws {
        var (store, clone, id) = try await clones(common: 2, tails: (1, 3))
        clone = try await machine.open("clone.sqlite")
        _ = try await clone.edit(id, ["childName": .text("丙")], .clerk)
        clone = try await machine.open("clone.sqlite")
        let other = try await clone.newCase()
        _ = try await clone.edit(id, ["childName": .text("丁")], .clerk)
        try machine.copy("clone.sqlite", to: "third.sqlite")
        let third = try await machine.open("third.sqlite")
        try await central.settle(with: store)
        for window in [clone, third] { try await central.settle(with: window, bytesMax: bytesMax) }
        try await central.settle(with: store)
        for window in [store, clone, third] { try await central.expectSettled(with: window) }
        let changes = central.changes[id, default: []]
        #expect(changes.count == 8)
        let dots = Set(changes.map(\.dot))
        for change in changes {
            let named = change.content?.writes.values.flatMap(\.replaces) ?? []
            #expect(dots.isSuperset(of: named), "a dot that nobody has is named")
        }
        let standing = central.state(of: id).registers[try group("childName")]?.standing.map(\.value)
        #expect(standing == [[.text("丁")]])
        #expect(central.state(of: other).count == 1)
    }

    @Test("What central has confirmed of a later opening stays as it is")
    mutating func confirmedStay() async throws {
        var (store, clone, id) = try await clones(common: 2, tails: (1, 2))
        clone = try await machine.open("clone.sqlite")
        let confirmed = try await clone.newCase()
        let later = try #require(try await clone.log().last)
        try await clone.confirm(later.replica)
        _ = try await clone.edit(id, ["childName": .text("丙")], .clerk)
        try await central.settle(with: store)
        let first = try #require(try await clone.log().first)
        let own = try #require(try await clone.ownReplica(first.replica))
        try await clone.rename(own, after: 2)
        let log = try await clone.log().map(\.id)
        #expect(log.contains(later.id))
        #expect(try await clone.state(of: confirmed).count == 1)
        #expect(try await clone.ownReplica(later.replica)?.sequence == 1)
    }

    @Test("A restart in the middle of the search begins it again")
    mutating func restarted() async throws {
        var (store, clone, _) = try await clones(common: 40, tails: (9, 30))
        try await central.settle(with: store)
        for _ in 0..<3 {
            try await central.exchange(with: clone, bytesMax: 300)
            clone = try await machine.open("clone.sqlite")
        }
        try await central.settle(with: clone)
        try await central.settle(with: store)
        for window in [store, clone] { try await central.expectSettled(with: window) }
    }

    @Test("A window that was enrolled anew, as another device, brings what the old device had not sent")
    mutating func otherDevice() async throws {
        let store = try await machine.open()
        let id = try await store.newCase()
        try await central.settle(with: store, device: "device-1")
        for text in ["1", "2", "3"] { _ = try await store.edit(id, ["note": .text(text)], .clerk) }
        try await central.settle(with: store, device: "device-2")
        #expect(central.state(of: id).count == 4)
        #expect(central.state(of: id).registers[try group("notes")]?.standing.map(\.value) == [[.text("3")]])
        #expect(try await store.state(of: id) == central.state(of: id))
        #expect(try await store.figures().outbox == 0)
        try await store.expectSound()
        _ = try await store.edit(id, ["note": .text("4")], .clerk)
        try await central.settle(with: store, device: "device-2")
        try await central.expectSettled(with: store)
    }
}

extension WindowStore {
    /// As if central had confirmed the first change of a replica.
    func confirm(_ replica: ReplicaID) throws {
        try write {
            guard let own = try ownReplica(replica) else { throw Broken(what: "no such replica") }
            try setConfirmed(own, 1)
        }
    }

    func rename(_ own: OwnReplica, after sequence: UInt64) throws {
        try write { try renameTail(of: own, after: sequence) }
    }

    /// Writes on under a name, as a clone of a running machine does.
    func impersonate(_ replica: OpenReplica?) { memory.replica = replica }
}
