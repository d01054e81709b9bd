import Accounts
import Casework
import PageCheck
import SyncProtocol
import Testing
import Web

@testable import CentralServer

/// Central's pages, as somebody who signed in gets and sends them.
struct CentralPageFixture {
    let accounts: CentralAccountFixture
    var world: World { accounts.world }

    init() throws { accounts = try CentralAccountFixture() }

    /// A person with a role, and a session of that person's.
    func sign(
        _ role: StaffRole, hospitals: Set<String> = [], policies: Set<String> = [], department: String? = nil
    ) async throws -> Visitor {
        let name = "the.\(role.rawValue)"
        try await accounts.sign(
            Account(
                name: name, displayName: "某人", roles: [role], hospitals: hospitals, policies: policies,
                department: department ?? (role == .officer ? "police" : nil)))
        return Visitor(fixture: self, headers: try await accounts.session(of: name))
    }

    /// The values of the inputs of a name, as a page has them.
    static func values(_ name: String, in page: String) -> [String] {
        parts(of: page, behind: "name=\"\(name)\" value=\"")
    }

    /// What stands behind a mark, up to the next quotation mark.
    static func parts(of page: String, behind mark: String) -> [String] {
        page.split(separator: mark, omittingEmptySubsequences: false).dropFirst().map { rest in
            String(rest.prefix { $0 != "\"" }).replacing("&amp;", with: "&")
        }
    }

    struct Visitor {
        let fixture: CentralPageFixture
        let headers: Headers

        func get(_ target: String) async -> Response {
            await fixture.accounts.respond(.get, target, headers)
        }

        /// A page that is there, and sound.
        func page(_ target: String, _ location: SourceLocation = #_sourceLocation) async -> String {
            let answer = await get(target)
            let text = String(decoding: answer.body, as: UTF8.self)
            #expect(answer.status == 200, "\(target): \(text.prefix(2000))", sourceLocation: location)
            let faults = MarkupCheck(text).faults
            #expect(faults.isEmpty, "\(target): \(faults)", sourceLocation: location)
            return text
        }

        /// Sends a form with the token of its page, or with another one.
        func post(_ target: String, _ fields: [(String, String)], token: String? = nil) async -> Response {
            var headers = headers
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            let all = [("formToken", token ?? headers["Form-Token"] ?? "")] + fields
            let body = all.map { PercentCoding.encode($0) + "=" + PercentCoding.encode($1) }.joined(
                separator: "&")
            return await fixture.accounts.respond(.post, target, headers, body)
        }

        /// Sends a form that is carried out; where the browser is led.
        func send(
            _ target: String, _ fields: [(String, String)], _ location: SourceLocation = #_sourceLocation
        ) async -> String {
            let answer = await post(target, fields)
            #expect(
                answer.status == 303,
                "\(target): \(String(decoding: answer.body, as: UTF8.self).prefix(3000))",
                sourceLocation: location)
            return answer.headers["Location"] ?? ""
        }
    }
}
