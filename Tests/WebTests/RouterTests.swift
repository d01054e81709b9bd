import Testing

@testable import Web

@Suite("The router")
struct RouterTests {
    private static func router(onError: @escaping @Sendable (any Error, Request) -> Void = { _, _ in })
        -> Router
    {
        var router = Router(onError: onError)
        router.on(.get, "/") { _ in .text("root") }
        router.on(.get, "/cases/{id}") { .text("case \($0.parameters["id"] ?? "")") }
        router.on(.delete, "/cases/{id}") { _ in .noContent }
        router.on(.get, "/cases/new") { _ in .text("new") }
        router.on(.post, "/cases/new") { _ in .text("created", status: 201) }
        router.on(.put, "/cases/{case}/items/{item}") { request in
            .text("\(request.parameters["case"] ?? "") \(request.parameters["item"] ?? "")")
        }
        return router
    }

    @Test(
        "A request goes to the route that fits best",
        arguments: [
            (Method.get, "/", 200, "root"),
            (.get, "/?a=b", 200, "root"),
            (.get, "/cases/7", 200, "case 7"),
            (.get, "/cases/new", 200, "new"),
            (.post, "/cases/new", 201, "created"),
            (.delete, "/cases/new", 204, ""),
            (.head, "/cases/7", 200, "case 7"),
            (.get, "/cases/%E6%9D%8E%2F%20x", 200, "case 李/ x"),
            (.put, "/cases/1/items/2", 200, "1 2"),
        ])
    func routes(method: Web.Method, target: String, status: Int, text: String) async {
        let response = await Self.router().respond(to: Request(method, target))
        #expect(response.status == status)
        #expect(String(decoding: response.body, as: UTF8.self) == text)
    }

    @Test(
        "What no route fits is not found",
        arguments: ["/nothing", "/cases", "/cases/", "/cases/7/", "//", "/cases/7/items"])
    func findsNothing(target: String) async {
        #expect(await Self.router().respond(to: Request(.get, target)) == Problem.notFound.response)
    }

    @Test(
        "A path that is known with other methods is a 405 that names them, and OPTIONS names them too",
        arguments: [
            (Method.patch, "/cases/7", 405, "DELETE, GET, HEAD, OPTIONS"),
            (.post, "/cases/1/items/2", 405, "OPTIONS, PUT"),
            (.options, "/cases/new", 204, "DELETE, GET, HEAD, OPTIONS, POST"),
        ])
    func namesMethods(method: Web.Method, target: String, status: Int, allowed: String) async {
        let response = await Self.router().respond(to: Request(method, target))
        #expect(response.status == status)
        #expect(response.headers["allow"] == allowed)
    }

    @Test(
        "A target that cannot be read is malformed", arguments: ["/%", "/%4", "/%FF", "/%00", "x", "/a/../b"])
    func refusesMalformed(target: String) async {
        #expect(await Self.router().respond(to: Request(.get, target)).status == 400)
    }

    @Test("A problem is sent as it is; another error is a 500 without details, and is handed over")
    func mapsErrors() async {
        struct Broken: Error {}
        let problem = Problem(status: 409, title: "Taken", detail: "Somebody was faster.")
        let reported = Guarded<[String]>([])
        var router = Self.router { error, request in
            reported.withLock { $0.append("\(type(of: error)) \(request.target)") }
        }
        router.on(.get, "/problem") { _ in throw problem }
        router.on(.get, "/broken") { _ in throw Broken() }
        #expect(await router.respond(to: Request(.get, "/problem")) == problem.response)
        #expect(await router.respond(to: Request(.get, "/broken")) == Problem.internalError.response)
        #expect(reported.withLock { $0 } == ["Broken /broken"])
    }
}
