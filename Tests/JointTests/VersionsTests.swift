import Foundation
import SyncProtocol
import Testing

@testable import WindowAgent

@Suite("Agent and central of neighbouring versions, over HTTP", .timeLimit(.minutes(4)))
struct VersionsTests {
    private typealias Call = ServedCentral.Call

    /// Registered at the window, edited at central, verified, and a resync that central orders carried out.
    private func live(_ wire: Wire, _ name: String) async throws {
        let id = try await wire.register(name)
        #expect(
            try await eventually {
                let isThere = try await wire.staff(.get, "/api/v1/cases/\(id)").status == 200
                let count = try await wire.outboxCount()
                return isThere && count == 0
            })
        let note = "中心修改\(name)"
        let edited = try await wire.staff(
            .patch, "/api/v1/cases/\(id)", #"{"set": {"note": "\#(note)"}, "reason": "核对"}"#)
        #expect(edited.status == 200, "\(edited.text)")
        #expect(
            try await eventually { try await wire.window(.get, "/api/v1/cases/\(id)").text.contains(note) })
        let verified = try await wire.window(.post, "/api/v1/resync", #"{"kind": "verify"}"#)
        #expect(verified.status == 200 && verified["isEqual"] == .bool(true), "\(verified.text)")
        let ordered = try await wire.staff(
            .post, "/api/v1/resync-orders", #"{"hospital": "YF", "kind": "pull", "reason": "核对"}"#)
        #expect(ordered.status == 201, "\(ordered.text)")
        #expect(
            try await eventually {
                let orders = try await wire.staff(.get, "/api/v1/resync-orders?hospital=YF").list("orders")
                let order = orders.first { $0.text("order") == ordered.text("order") }
                return order?.list("windows").first?.text("stage") == "done"
            })
    }

    @Test(
        "An agent of version 1 with a central of 1 and 2: a whole life in version 1, and nothing is refused")
    func olderAgent() async throws {
        try await Wire.running(window: 1...1, central: 1...2) { wire in
            try await wire.enrol()
            try await live(wire, "甲")
            let calls = wire.central.calls
            #expect(Set(calls.map(\.version)) == [1])
            #expect(Set(calls.map(\.message)) == [.exchange, .verify])
            #expect(calls.allSatisfy { [200, nil].contains($0.status) })
        }
    }

    @Test(
        "An agent of 1 and 2 with a central of 1: refused once, remembered beyond a restart; with central upgraded it speaks 2 a day later"
    )
    func newerAgent() async throws {
        try await Wire.running(window: 1...2, central: 1...1) { wire in
            try await wire.enrol()
            try await live(wire, "甲")
            try await wire.restart(speaking: 1...2)
            try await live(wire, "乙")
            var calls = wire.central.calls
            #expect(calls.first == Call(message: .exchange, version: 2, status: 400))
            #expect(calls.dropFirst().allSatisfy { $0.version == 1 && [200, nil].contains($0.status) })
            try await wire.central.stop()
            try wire.central.start(speaking: 1...2)
            _ = try await wire.window(.post, "/api/v1/sync")
            try await live(wire, "丙")
            #expect(wire.central.calls.dropFirst().allSatisfy { $0.version == 1 }, "within the day")
            wire.pass(milliseconds: VersionChoice.agreementMillisecondsMax)
            let count = wire.central.calls.count
            _ = try await wire.window(.post, "/api/v1/sync")
            try await live(wire, "丁")
            // What was asked before the day was over may arrive, and be asked again for its old time, behind it.
            calls = Array(wire.central.calls[count...].drop { $0.version == 1 })
            #expect(Set(calls.map(\.version)) == [2])
            #expect(Set(calls.map(\.message)) == [.exchange, .verify])
            #expect(calls.allSatisfy { [200, nil].contains($0.status) })
        }
    }

    @Test(
        "Nothing in common: one line says which end is too old, clerks go on; once central speaks the old version as well, everything arrives"
    )
    func nothingInCommon() async throws {
        try await Wire.running(window: 1...1, central: 2...2) { wire in
            try await wire.enrol()
            let id = try await wire.register("甲")
            #expect(try await eventually { try await wire.lastError() != nil })
            let line = try #require(try await wire.lastError())
            #expect(line.contains("Central speaks version 2 of the protocol, this window version 1"))
            #expect(line.contains("install newer software at this window") && !line.contains("\n"), "\(line)")
            let note = try await wire.window(
                .patch, "/api/v1/cases/\(id)", #"{"set": {"note": "照常办理"}}"#)
            #expect(note.status == 200, "\(note.text)")
            let other = try await wire.register("乙")
            #expect(try await wire.outboxCount() == 3)
            #expect(try await wire.staff(.get, "/api/v1/cases/\(id)").status == 404)
            try await wire.central.stop()
            try wire.central.start(speaking: 1...2)
            _ = try await wire.window(.post, "/api/v1/sync")
            #expect(try await eventually { try await wire.outboxCount() == 0 })
            #expect(try await wire.lastError() == nil)
            #expect(try await wire.staff(.get, "/api/v1/cases/\(id)").text.contains("照常办理"))
            #expect(try await wire.staff(.get, "/api/v1/cases/\(other)").status == 200)
            try await live(wire, "丙")
        }
    }
}
