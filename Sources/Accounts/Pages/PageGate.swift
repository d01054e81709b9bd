import Casework
package import Pages
package import Web

/// How a server's pages are reached: who asks, whether that is allowed, what all pages have in common, and errors as pages that say what
/// to do next.
///
/// A form is answered with a redirect (303), so that going back or loading again sends nothing twice.
package struct PageGate: Sendable {
    package typealias Shown = @Sendable (Request, Viewer) async throws -> Page
    package typealias Done = @Sendable (Request, FormFields, Viewer) async throws -> Response
    package typealias Answered = @Sendable (Request, Viewer) async throws -> Response
    /// Keeps a request to what who asks may see, or refuses it.
    package typealias Confined = @Sendable (Request, Viewer) async throws -> Request

    private let viewer: @Sendable (Request) async throws -> Viewer
    private let frame: @Sendable (Viewer, Request) async throws -> Page.Frame
    private let problem: @Sendable (any Error) -> Web.Problem?
    private let home: String

    /// - Parameters:
    ///   - viewer: who asks; throws ``Web/SeeOther`` to where one signs in.
    ///   - problem: the server's own errors in words; nil for one that nobody expected.
    ///   - home: what the first page is called.
    package init(
        viewer: @escaping @Sendable (Request) async throws -> Viewer,
        frame: @escaping @Sendable (Viewer, Request) async throws -> Page.Frame,
        problem: @escaping @Sendable (any Error) -> Web.Problem?, home: String
    ) {
        (self.viewer, self.frame, self.problem, self.home) = (viewer, frame, problem, home)
    }

    /// A page to look at.
    ///
    /// - Parameter recorded: what the audit log says of it, where that is not what the permit says.
    package func page(
        _ router: inout Router, _ pattern: String, _ permit: Permit, recorded: String? = nil,
        _ confined: @escaping Confined, _ shown: @escaping Shown
    ) {
        other(&router, .get, pattern, permit, recorded: recorded, confined) { request, viewer in
            let page = try await shown(request, viewer)
            return page.response(in: try await frame(viewer, request))
        }
    }

    /// A form that does something.
    package func form(
        _ router: inout Router, _ pattern: String, _ permit: Permit, recorded: String? = nil,
        _ confined: @escaping Confined, _ done: @escaping Done
    ) {
        let checked: Confined = { request, viewer in
            // A form of another site is refused before anything is looked up for it.
            try Self.check(try FormFields(request), from: viewer)
            return try await confined(request, viewer)
        }
        other(&router, .post, pattern, permit, recorded: recorded, checked) { request, viewer in
            try await done(request, try FormFields(request), viewer)
        }
    }

    /// Whatever else an address answers: a picture, a file.
    package func other(
        _ router: inout Router, _ method: Method, _ pattern: String, _ permit: Permit,
        recorded: String? = nil, _ confined: @escaping Confined, _ answered: @escaping Answered
    ) {
        router.on(method, pattern, access: permit.label, recorded: recorded) { request in
            try await answer(request, permit, confined, answered)
        }
    }

    /// Errors become pages with what to do next; a refusal looks like one.
    package func answer(
        _ request: Request, _ permit: Permit, _ confined: Confined, _ body: Answered
    ) async throws -> Response {
        let viewer = try await viewer(request)
        do {
            try permit.require(of: viewer)
            return try await body(try await confined(request, viewer), viewer)
        } catch {
            guard let problem = error as? Web.Problem ?? problem(error) else { throw error }
            return failure(problem).response(in: try await frame(viewer, request), status: problem.status)
        }
    }

    private func failure(_ problem: Web.Problem) -> Page {
        let sentences = [problem.detail, problem.remedy].compactMap(\.self)
        // What is written for technicians, in English, must not stand in others' way.
        let (plain, technical) = (sentences.filter(\.isChinese), sentences.filter { !$0.isChinese })
        let more: HTML? =
            technical.isEmpty
            ? nil
            : "<details><summary>供技术人员</summary><p lang=\"en\">\(technical.joined(separator: " "))</p></details>"
        return Page(
            problem.title, under: "",
            content: """
                <div class="note" id="problem" data-state="bad" role="alert"><h1>\(problem.title)</h1>\
                \(plain.flatMap { $0.split(separator: "\n") }.map { "<p>\(String($0))</p>" as HTML })\(more)</div>\
                <p><a href="/">返回\(home)</a></p>
                """)
    }

    /// Refuses what came from no page of this viewer's.
    package static func check(_ fields: FormFields, from viewer: Viewer) throws {
        guard fields[FormToken.name] == viewer.formToken else {
            throw Web.Problem(status: 403, title: "页面已过期", remedy: "请刷新页面后再提交。")
        }
    }

    /// Adds what the head of every page needs: the strip by itself, and the size of type.
    package func addFrame(to router: inout Router) {
        other(&router, .get, "/strip", .signedIn, { request, _ in request }) { request, viewer in
            Page.strip(try await frame(viewer, request)).response()
        }
        TypeSize.add(to: &router, access: Permit.anyone.label, recorded: AuditRule.nothing)
    }
}

extension String {
    /// Whether it is written for people at a counter or a desk.
    fileprivate var isChinese: Bool { unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) } }
}
