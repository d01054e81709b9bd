package import Web

extension SignInDesk {
    /// Who asks the JSON API with a cookie. What changes something also repeats the form token in a header, which no page of another
    /// site can send.
    ///
    /// - Throws: ``Web/Problem``: 401 if nobody has signed in, 403 without the form token.
    package func viewer(ofCall request: Request) async throws -> Viewer {
        guard let viewer = try await viewer(of: request) else { throw Self.unknown }
        if ![.get, .head].contains(request.method), request.headers["Form-Token"] != viewer.formToken {
            throw Problem(
                status: 403, title: "页面已过期", detail: "The header Form-Token is not that of the session.",
                remedy: "请刷新页面后再提交。")
        }
        return viewer
    }

    /// Who asks for a page.
    ///
    /// - Throws: ``Web/SeeOther`` to the page to sign in on, or to change the password on; for a fragment that a script fetches, 401.
    package func viewer(ofPage request: Request) async throws -> Viewer {
        guard let viewer = try await viewer(of: request) else {
            if request.headers["X-Fragment"] != nil { throw Self.unknown }
            let isPage = request.method == .get || request.method == .head
            throw SeeOther(
                isPage && request.target != "/"
                    ? "/sign-in?next=\(PercentCoding.encode(request.target))" : "/sign-in")
        }
        if viewer.account?.mustChangePassword ?? false { throw SeeOther("/password") }
        return viewer
    }

    static let unknown = Problem(
        status: 401, title: "请先登录", detail: "Nobody has signed in, or the session is over.",
        remedy: "请在登录页登录。Commands: use them on the same machine and as the same user as the server.")
}

extension Request {
    /// Whether a program asks, who is told by a status, and no browser that can be led to another page.
    package var isCall: Bool { ["api", "metrics"].contains(segments.first ?? "") }
}

extension Permit {
    /// - Throws: ``Web/Problem`` of status 403 if it is not met.
    package func require(of viewer: Viewer) throws(Problem) {
        if isMet(by: viewer) { return }
        if viewer.account?.mustChangePassword ?? false {
            throw Problem(status: 403, title: "请先修改密码", remedy: "请在修改密码页设置自己的密码。")
        }
        throw Problem(
            status: 403, title: "您的岗位不能办理此事", remedy: "请由有权限的同事登录办理，或联系主管、管理员。")
    }
}
