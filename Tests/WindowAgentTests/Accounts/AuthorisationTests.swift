import Accounts
import Testing
import Web

@testable import WindowAgent

@Suite("Who may do what at a window: every route and every role, over HTTP")
struct AuthorisationTests {
    @Test("Whoever has not signed in is told to: a page leads to where one does, a call gets 401")
    func nobody() async throws {
        let fixture = try await AccountFixture()
        for (permit, request) in fixture.window.router.requests([:])
        where ![.anyone, .device].contains(permit) {
            if case .local? = permit { continue }
            let response = await fixture.window.router.respond(to: request)
            if request.segments.first == "api" {
                #expect(response.status == 401, "\(request.method) \(request.target)")
            } else {
                #expect(response.status == 303, "\(request.method) \(request.target)")
                #expect(response.headers["Location"]?.hasPrefix("/sign-in") == true)
            }
        }
    }

    @Test("Each role is let in where the table says so, and nowhere else", arguments: StaffRole.allCases)
    func cell(role: StaffRole) async throws {
        let fixture = try await AccountFixture()
        try await fixture.sign(Account(name: "somebody", displayName: "某", roles: [role]))
        let isHere = role.sites.contains(.window)
        var (let_in, kept_out) = (0, 0)
        for (permit, plain) in fixture.window.router.requests([:]) {
            guard let permit, ![.anyone, .device].contains(permit) else { continue }
            var request = plain
            // A new session for each: some requests end theirs.
            for field in try await fixture.session(of: "somebody").fields {
                request.headers[field.name] = field.value
            }
            let isForm = request.segments.first != "api" && request.method == .post
            if isForm { request.headers["Content-Type"] = "application/x-www-form-urlencoded" }
            if case .local = permit { request.remoteAddress = "192.0.2.1" }
            let status = await fixture.window.router.respond(to: request).status
            let place: Comment = "\(role): \(request.method) \(request.target) answered \(status)"
            let mayDo: Bool
            switch permit {
            case .local(let action), .allowed(let action), .department(let action):
                mayDo = isHere && role.actions.contains(action)
            default: mayDo = isHere
            }
            if !isHere {
                // An account of another place is none here.
                #expect([401, 303].contains(status), place)
            } else if !mayDo {
                #expect(status == 403, place)
                kept_out += 1
            } else if isForm {
                // It lacks the form token, or its file: whoever may not is refused before that is looked at, in other words.
                #expect([403, 303, 415].contains(status), place)
            } else {
                #expect(status != 401 && status != 403, place)
                let_in += 1
            }
        }
        #expect(!isHere || (let_in > 5 && kept_out > 5))
    }

    @Test("The machine's token opens every route")
    func machine() async throws {
        let fixture = try await AccountFixture()
        for (permit, request) in fixture.window.router.requests(["Authorization": "Bearer secret"])
        where request.segments.first == "api" && permit != .anyone && permit != .device {
            let status = await fixture.window.router.respond(to: request).status
            #expect(status != 401 && status != 403, "\(request.method) \(request.target)")
        }
    }

    @Test("Every route says who may ask; steps, too, need what they do")
    func labels() async throws {
        let fixture = try await AccountFixture()
        #expect(fixture.window.router.requests([:]).allSatisfy { $0.permit != nil })
        try await fixture.sign(Account(name: "li", displayName: "李", roles: [.clerk]))
        try await fixture.sign(Account(name: "wang", displayName: "王", roles: [.issuer]))
        let id = try await fixture.window.newCase()
        for (name, status) in [("li", 403), ("wang", 409)] {
            let response = await fixture.respond(
                .post, "/api/v1/cases/\(id)/steps", try await fixture.session(of: name), #"{"step":"issue"}"#)
            #expect(response.status == status || (name == "wang" && response.status == 422))
        }
    }
}
