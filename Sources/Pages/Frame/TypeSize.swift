package import Web

/// The size of type that somebody at this machine likes. The browser remembers it, before one signs in, too.
package enum TypeSize {
    private static let cookie = "type"
    private static let seconds = 365 * 86_400

    package static func isLarge(_ request: Request) -> Bool { request.cookie(cookie) == "large" }

    /// Adds the address at which it is chosen. It tells nothing and changes nothing of anybody's.
    package static func add(to router: inout Router, access: String, recorded: String) {
        router.on(.post, "/type-size", access: access, recorded: recorded) { request in
            let size = try FormFields(request)["size"] == "large" ? "large" : "usual"
            var response = SeeOther.back(request, otherwise: "/")
            response.setCookie(cookie, size, isSecure: request.isSecure, maxAge: seconds)
            return response
        }
    }
}
