import Accounts
import Casework
import Foundation
import SyncProtocol
import Testing
import Web

@testable import CentralServer

@Suite("Erasing a case, and whom to tell after a breach, over the API")
struct ErasureAPITests {
    private let fixture: CentralAccountFixture
    private var world: World { fixture.world }

    init() throws { fixture = try CentralAccountFixture() }

    private func headers(_ role: StaffRole, _ name: String) async throws -> Headers {
        try await fixture.sign(Account(name: name, displayName: "某", roles: [role]))
        var headers = try await fixture.session(of: name)
        headers["Content-Type"] = "application/json"
        return headers
    }

    private func newCase(_ ward: Ward, _ name: String, replica: UInt64) async throws -> CaseID {
        var writer = Writer(replica)
        let id = world.newCase()
        try writer.write(id, [20: (CBOR.name(name), [])])
        try await ward.push(writer.run())
        return id
    }

    @Test("An erasure needs a reason of a length, a case that is there, and somebody who may")
    func erasing() async throws {
        let ward = try await world.hospital("H1")
        let (id, other) = (
            try await newCase(ward, "韦秀英", replica: 71), try await newCase(ward, "覃丽", replica: 72)
        )
        let administrator = try await headers(.administrator, "adm")
        let merger = try await headers(.merger, "mer")
        func erase(_ id: String, _ body: String, _ headers: Headers) async -> Response {
            await fixture.respond(.post, "/api/v1/cases/\(id)/erasure", headers, body)
        }
        #expect(await erase(id.description, #"{"reason":"申请"}"#, merger).status == 403)
        for body in ["{}", #"{"reason":""}"#, "{\"reason\":\"\(String(repeating: "长", count: 201))\"}"] {
            #expect(await erase(id.description, body, administrator).status == 400)
        }
        for record in [CaseID.centralRecord, .staffRecord, ward.hospital.id.record, world.newCase()] {
            #expect(await erase(record.description, #"{"reason":"申请"}"#, administrator).status == 404)
        }
        let planned = await erase(id.description, #"{"reason":"申请","dryRun":true}"#, administrator)
        #expect(String(decoding: planned.body, as: UTF8.self).contains(#""isDryRun":true"#))
        #expect(try await world.state(of: id).erasedCount == 0)
        let reason = String(repeating: "由", count: 200)
        #expect(await erase(id.description, "{\"reason\":\"\(reason)\"}", administrator).status == 200)
        let state = try await world.state(of: id)
        #expect(state.erasedCount == state.count && state.registers.isEmpty)
        #expect(try await world.state(of: other).erasedCount == 0)
        let shown = await fixture.respond(
            .get, "/api/v1/acts?kind=erasure", try await headers(.auditor, "aud"))
        #expect(String(decoding: shown.body, as: UTF8.self).contains(#""kind":"erasure""#))
        #expect(await fixture.respond(.get, "/api/v1/cases/\(id)", administrator).status == 200)
    }

    private struct Found: Decodable {
        struct Case: Decodable { let id: String }
        let cases: [Case]
    }

    @Test(
        "After a breach: the cases that an account looked at, and those that a computer held, page by page, recorded as an export"
    )
    func affected() async throws {
        let (here, there) = (try await world.hospital("H1"), try await world.hospital("H2"))
        let seen = try await newCase(here, "韦秀英", replica: 73)
        let unseen = try await newCase(here, "覃丽", replica: 74)
        let others = try await newCase(there, "莫言", replica: 75)
        let administrator = try await headers(.administrator, "adm")
        let merger = try await headers(.merger, "mer")
        _ = await fixture.respond(.get, "/api/v1/cases/\(seen)", merger)
        try await fixture.api.auditSite.flush()
        func ask(_ members: String, _ headers: Headers) async -> Response {
            await fixture.respond(
                .post, "/api/v1/affected-cases", headers,
                "{\"from\":0,\"until\":9000000000000,\"reason\":\"通知\",\(members)}")
        }
        func ids(_ members: String) async throws -> Set<CaseID> {
            let answer = await ask(members, administrator)
            #expect(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
            let found = try JSONDecoder().decode(Found.self, from: Data(answer.body))
            return Set(found.cases.compactMap { CaseID($0.id) })
        }
        #expect(try await ids(#""account":"mer""#) == [seen])
        #expect(try await ids(#""hospital":"H1""#) == [seen, unseen])
        #expect(try await ids(#""hospital":"H2""#) == [others])
        #expect(await ask(#""account":"mer""#, merger).status == 403)
        #expect(await ask(#""account":"mer","hospital":"H1""#, administrator).status == 400)
        #expect(await ask(#""hospital":"H9""#, administrator).status == 404)
        try await fixture.api.auditSite.flush()
        var filter = AuditFilter()
        filter.user = "adm"
        let lines = try await fixture.api.auditSite.lines(before: nil, countMax: 50, caseID: nil, filter)
            .lines
            .compactMap(\.line)
        #expect(lines.contains { $0.kind == .export && $0.reason == "通知" && $0.cases.contains(seen) })
    }
}
