import Casework
import Foundation
import SyncProtocol
import Testing
import Web

@testable import CentralServer

@Suite("The fleet")
struct FleetDeskTests {
    private let hour: UInt64 = 3_600_000

    private func fleet(_ world: World) -> FleetDesk {
        FleetDesk(store: world.store, books: world.books, now: world.environment.now)
    }

    private func rules(_ world: World, _ code: String = "H1") async throws -> [FleetFinding.Rule] {
        try #require(try await fleet(world).lines(of: code).first).findings.map(\.rule)
    }

    private func request(_ ward: Ward, _ change: (inout ExchangeRequest) -> Void = { _ in })
        -> ExchangeRequest
    {
        var request = ward.request()
        request.milliseconds = ward.world.environment.now()
        change(&request)
        return request
    }

    @Test("A hospital is told by how long nothing was heard of it, and the worst comes first")
    func silence() async throws {
        let world = try World()
        let ward = try await world.hospital("H1")
        #expect(try await rules(world) == [.neverContacted])
        try await ward.exchange(request(ward) { $0.cursor = 0 })
        #expect(try await rules(world) == [])
        world.clock.withLock { $0 += 12 * hour + 1 }
        #expect(try await rules(world) == [.notHeard, .behind])
        world.clock.withLock { $0 += 60 * hour }
        #expect(try await rules(world) == [.silent])
        let other = try await world.hospital("H0")
        try await other.exchange(request(other))
        let lines = try await fleet(world).lines()
        #expect(lines.map(\.standing.hospital.code) == ["H1", "H0"])
        #expect(lines.map(\.state) == [.silent, .ok])
        try await world.fleet.revoke(ward.device.id)
        #expect(try await rules(world) == [.noComputer])
    }

    @Test("What a computer tells is shown, and judged")
    func told() async throws {
        let world = try World()
        let ward = try await world.hospital("H1")
        try await ward.exchange(
            request(ward) {
                $0.milliseconds += 6 * 60_000
                $0.report = .init(outboxCount: 3, oldestMilliseconds: 3 * 3_600_000, softwareVersion: "1")
                var condition = ExchangeRequest.Condition()
                (condition.secondCopy, condition.refused, condition.photos) = (.failing, 2, 501)
                condition.isMetered = true
                $0.condition = condition
                $0.policies = [.init(id: "gx", version: 0)]
            })
        let line = try #require(try await fleet(world).lines().first)
        #expect(line.state == .failing)
        #expect(
            line.findings.map(\.rule) == [
                .refused, .outboxStuck, .secondCopyFailing, .clockWrong, .photosWait, .policyOld,
            ])
        #expect(line.standing.policies == [.init(id: "gx", newest: 1, inUse: 0)])
        // Not told again: what was told stays.
        try await ward.exchange(request(ward))
        #expect(
            try await fleet(world).lines().first?.standing.computers[0].condition?.condition.photos == 501)
        #expect(try await rules(world) == [.refused, .secondCopyFailing, .photosWait, .policyOld])
    }

    @Test("A version that was published for all is every hospital's newest, until it is withdrawn")
    func newest() async throws {
        let world = try World()
        let ward = try await world.hospital("H1")
        try await ward.exchange(
            request(ward) {
                $0.condition = ExchangeRequest.Condition()
                $0.policies = [.init(id: "gx", version: 1)]
            })
        func newest() async throws -> Int? {
            try await fleet(world).lines().first?.standing.policies.first?.newest
        }
        #expect(try await newest() == 1)
        try await world.publish(policyFile("gx", version: 2))
        #expect(try await newest() == 2)
        #expect(try await rules(world).contains(.policyOld))
        _ = try await world.recordDesk.withdraw(
            .init(policy: PolicyName(id: "gx", version: 2), reason: "有误"), from: .all, by: "boss")
        #expect(try await newest() == 1)
    }

    @Test("An alarm counts for a week at the hospital that it is about")
    func alarms() async throws {
        let world = try World()
        let ward = try await world.hospital("H1")
        _ = try await world.hospital("H2")
        try await ward.exchange(request(ward) { $0.witness = FeedPoint(position: 99, chain: .start) })
        #expect(try await rules(world).first == .wentBack)
        #expect(try await rules(world, "H2") == [.neverContacted])
        world.clock.withLock { $0 += 8 * 24 * hour }
        #expect(try await !rules(world).contains(.wentBack))
    }

    @Test("Every kind of alarm finds its hospital")
    func subjects() async throws {
        let world = try World()
        let year = try await Year(world)
        let (ward, id) = (year.first, year.first.hospital.id)
        let subjects: [Alarm.Kind: String] = [
            .fork: ReplicaID(rawValue: 1).description,
            .otherDevicesReplica: ReplicaID(rawValue: 1).description,
            .forkedDot: year.open.description, .receipt: ward.device.id.description,
            .twoPlaces: ward.device.id.description, .wentBack: id.description,
        ]
        for kind in Alarm.Kind.allCases {
            let alarm = Alarm(kind: kind, subject: try #require(subjects[kind]))
            let found = try await world.store.read { transaction throws(CentralError) in
                try transaction.hospitals(of: alarm)
            }
            #expect(found == [id], "\(kind)")
        }
    }

    @Test("Certificates are told with the days that they last, and few of them are told as such")
    func stock() async throws {
        let world = try World()
        let year = try await Year(world)
        try await year.finish()
        year.come(to: "2026-10-12")
        let first = try #require(CertificateNumber("Z450000001"))
        let last = try #require(CertificateNumber("Z450000030"))
        _ = try await world.stockDesk.assign(
            try CertificateRange(first: first, last: last, date: nil), to: "H1", by: "staff")
        var writer = Writer(12)
        let group = try #require(FieldDictionary.standard.place(of: "birthCertNo")?.group.id)
        try writer.write(year.done, [group.rawValue: ([.text("Z450000003")], [])])
        try await year.first.push(writer.run())
        let stock = try #require(try await fleet(world).lines(of: "H1").first?.standing.stock)
        // One in ninety days: 29 last 2,610.
        #expect(stock == .init(assigned: 30, remaining: 29, lowCount: 20, daysLeft: 2_610))
        #expect(try await !rules(world).contains(.stockLow))
        try await world.settingsDesk.set(
            .init(words: ["low-stock": "29"], code: nil, reason: "库存", user: "staff"))
        #expect(try await rules(world).contains(.stockLow))
        try await world.settingsDesk.set(
            .init(words: ["low-stock": "5"], code: "H1", reason: "库存", user: "staff"))
        #expect(try await !rules(world).contains(.stockLow))
        try await world.settingsDesk.set(
            .init(words: ["low-stock": "auto"], code: "H1", reason: "库存", user: "staff"))
        #expect(try await rules(world).contains(.stockLow))
    }

    @Test("A threshold is set for all, or for one; what is no threshold is refused")
    func settings() async throws {
        let world = try World()
        let ward = try await world.hospital("H1")
        try await ward.exchange(request(ward))
        world.clock.withLock { $0 += 2 * hour }
        try await fleet(world).set("fleet.lateHours", to: 1, of: nil, by: "staff")
        #expect(try await rules(world).contains(.notHeard))
        try await fleet(world).set("fleet.lateHours", to: 3, of: "H1", by: "staff")
        #expect(try await !rules(world).contains(.notHeard))
        let settings = try await fleet(world).settings(of: "H1")
        #expect(settings.inForce["fleet.lateHours"] == 3 && settings.own == ["fleet.lateHours": "3"])
        for (name, value) in [("fleet.x", 1), ("fleet.lateHours", -1), ("fleet.lateHours", 1_000_001)] {
            await #expect(throws: CentralError.self) {
                try await fleet(world).set(name, to: value, of: nil, by: "staff")
            }
        }
    }

    @Test("Each hour is noted once, and kept for 31 days")
    func samples() async throws {
        let world = try World()
        let ward = try await world.hospital("H1")
        let sampler = FleetSampler(store: world.store, environment: world.environment)
        try await ward.exchange(
            request(ward) {
                $0.report = .init(outboxCount: 4, oldestMilliseconds: 60_000, softwareVersion: "1")
            })
        try await sampler.sample()
        try await sampler.sample()
        #expect(try await fleet(world).history(of: "H1").count == 1)
        world.clock.withLock { $0 += 2 * hour }
        try await sampler.sample()
        let history = try await fleet(world).history(of: "H1")
        #expect(history.map(\.silentSeconds) == [0, 7_200] && history.map(\.oldestSeconds) == [60, 7_260])
        #expect(history.map(\.outbox) == [4, 4] && history[0].lag > 0)
        world.clock.withLock { $0 += (31 * 24 + 1) * hour }
        try await sampler.sample()
        #expect(try await fleet(world).history(of: "H1").count == 1)
    }
}
