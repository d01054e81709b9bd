import Accounts
import Testing
import Web

@testable import CentralServer

@Suite("Who may do what at central: every route and every role, over HTTP")
struct AuthorisationTests {
    @Test("Whoever has not signed in is told to: a page leads to where one does, a call gets 401")
    func nobody() async throws {
        let fixture = try CentralAccountFixture()
        for (permit, request) in fixture.requests([:]) {
            guard let permit, ![.anyone, .device].contains(permit) else { continue }
            if case .local = permit { continue }
            let response = await fixture.router.respond(to: request)
            if request.segments.first == "api" {
                #expect(response.status == 401, "\(request.method) \(request.target)")
            } else {
                #expect(response.status == 303, "\(request.method) \(request.target)")
            }
        }
    }

    @Test("Each role is let in where the table says so, and nowhere else", arguments: StaffRole.allCases)
    func cell(role: StaffRole) async throws {
        let fixture = try CentralAccountFixture()
        try await fixture.sign(
            Account(
                name: "somebody", displayName: "某", roles: [role],
                department: role == .officer ? "police" : nil))
        let isHere = role.sites.contains(.central)
        var (letIn, keptOut) = (0, 0)
        for (permit, plain) in fixture.requests([:]) {
            guard let permit, ![.anyone, .device].contains(permit) else { continue }
            var request = plain
            // A new session for each: some requests end theirs.
            for field in try await fixture.session(of: "somebody").fields {
                request.headers[field.name] = field.value
            }
            let isForm = request.segments.first != "api" && request.method == .post
            if isForm { request.headers["Content-Type"] = "application/x-www-form-urlencoded" }
            if case .local = permit { request.remoteAddress = "192.0.2.1" }
            var status = await fixture.router.respond(to: request).status
            if isForm, status == 415 {
                // It takes a file.
                request.headers["Content-Type"] = "multipart/form-data; boundary=x"
                request.body = Array(
                    "--x\r\nContent-Disposition: form-data; name=\"to\"\r\n\r\nall\r\n--x--\r\n".utf8)
                status = await fixture.router.respond(to: request).status
            }
            let place: Comment = "\(role): \(request.method) \(request.target) answered \(status)"
            let mayDo: Bool
            switch permit {
            case .local(let action), .allowed(let action), .department(let action):
                mayDo = isHere && role.actions.contains(action)
            default: mayDo = isHere
            }
            if !isHere {
                #expect([401, 303].contains(status), place)
            } else if !mayDo {
                #expect(status == 403, place)
                keptOut += 1
            } else if isForm {
                #expect([403, 303].contains(status), place)
            } else {
                #expect(status != 401 && status != 403, place)
                letIn += 1
            }
        }
        #expect(!isHere || (letIn > 5 && keptOut > 5))
    }

    @Test("Central's own token opens every route, and every route says who may ask")
    func machine() async throws {
        let fixture = try CentralAccountFixture()
        let text = try #require(CentralAccountFixture.staff).text
        for (permit, request) in fixture.requests(["Authorization": "Bearer \(text)"]) {
            #expect(permit != nil, "\(request.target)")
            guard request.segments.first == "api", permit != .anyone, permit != .device else { continue }
            let status = await fixture.router.respond(to: request).status
            #expect(status != 401 && status != 403, "\(request.method) \(request.target)")
        }
    }

    @Test("An officer answers for the own department, and for no other")
    func officers() async throws {
        let fixture = try CentralAccountFixture()
        for code in ["police", "health"] {
            _ = try await fixture.api.departmentDesk.add(code, name: code)
        }
        try await fixture.sign(
            Account(name: "ofc", displayName: "警", roles: [.officer], department: "police"))
        let session = try await fixture.session(of: "ofc")
        #expect(await fixture.status(.get, "/api/v1/departments/police/tasks", session) == 200)
        #expect(await fixture.status(.get, "/api/v1/departments/health/tasks", session) == 404)
    }
}
