package import Casework
package import Web

/// A page of the window or of central: the head that all pages of a server share, and what is the page's own.
package struct Page: Sendable {
    /// A way to another page, in the head.
    package struct Tab: Hashable, Sendable {
        package let address: String
        package let title: String
        /// What waits there; nil or 0 shows nothing.
        package let count: Int?

        package init(_ title: String, _ address: String, count: Int? = nil) {
            self.address = address
            self.title = title
            self.count = count
        }
    }

    /// How one thing stands that everybody must see at any time: in words, and never by a colour alone.
    package struct Light: Hashable, Sendable {
        package enum State: String, Hashable, Sendable { case good, wait, bad }

        package let state: State
        package let sentence: String
        /// What can be done about it: a small form or a link.
        package let action: HTML

        package init(_ state: State, _ sentence: String, action: HTML = .empty) {
            self.state = state
            self.sentence = sentence
            self.action = action
        }
    }

    /// What all pages of one visit have in common.
    package struct Frame: Sendable {
        /// The place whose pages these are: a hospital, or the name of central.
        package let place: String
        package let tabs: [Tab]
        package let lights: [Light]
        /// Today, in words.
        package let day: String
        /// Who is signed in, with the role; nil before.
        package let user: String?
        /// Repeated by every form, so that no other site can send one.
        package let formToken: String
        package let isLargeType: Bool

        package init(
            place: String, tabs: [Tab], lights: [Light], day: String, user: String?, formToken: String,
            isLargeType: Bool
        ) {
            self.place = place
            self.tabs = tabs
            self.lights = lights
            self.day = day
            self.user = user
            self.formToken = formToken
            self.isLargeType = isLargeType
        }
    }

    /// The product's name.
    package static let product = "出生一窗"

    package let title: String
    /// The address of the tab under which it stands.
    package let tab: String
    package let content: HTML
    /// The module of `Assets` that makes it quick; it works without.
    package let script: Asset?

    package init(_ title: String, under tab: String, script: Asset? = nil, content: HTML) {
        self.title = title
        self.tab = tab
        self.content = content
        self.script = script
    }

    /// The whole page.
    package func html(in frame: Frame) -> HTML {
        """
        <!doctype html>
        <html lang="zh-CN"\(if: frame.isLargeType, " data-type=\"large\"")><head><meta charset="utf-8">\
        <meta name="viewport" content="width=device-width"><title>\(title) · \(Self.product)</title>\
        <link rel="icon" href="\(Asset.icon.address)"><link rel="stylesheet" href="\(Asset.style.address)">\
        <script type="module" src="\(Asset.common.address)"></script>\
        \(script.map { "<script type=\"module\" src=\"\($0.address)\"></script>" as HTML })</head>
        <body><a class="skip" href="#main">跳到正文</a>
        \(head(frame))
        \(Self.strip(frame))
        <main id="main">
        \(content)
        </main></body></html>

        """
    }

    private func head(_ frame: Frame) -> HTML {
        let tabs = frame.tabs.map { tab -> HTML in
            let count: HTML? = (tab.count ?? 0) > 0 ? "<span class=\"count\">\(tab.count ?? 0)</span>" : nil
            let mark: HTML = tab.address == self.tab ? " aria-current=\"page\"" : ""
            return "<li><a href=\"\(tab.address)\"\(mark)>\(tab.title)\(count)</a></li>"
        }
        let user: HTML? = frame.user.map { name in
            """
            <a class="who" href="/password" title="修改密码">\(name)</a><form method="post" action="/sign-out">\(FormToken.field(frame.formToken))\
            <button class="link">退出</button></form>
            """
        }
        return """
            <header class="head"><a class="brand" href="/">\(Self.product)<small>\(frame.place)</small></a>\
            <nav class="tabs" aria-label="主菜单"><ul>\(tabs)</ul></nav>\(user)</header>
            """
    }

    /// The line under the head, which scripts fetch anew by itself.
    package static func strip(_ frame: Frame) -> HTML {
        let lights = frame.lights.map { light -> HTML in
            "<span class=\"light\" data-state=\"\(light.state.rawValue)\">\(light.sentence)</span>\(light.action)"
        }
        let size: HTML = """
            <form method="post" action="/type-size">\(FormToken.field(frame.formToken))\
            <button class="quiet" name="size" value="\(frame.isLargeType ? "usual" : "large")">\
            \(frame.isLargeType ? "标准字号" : "大字")</button></form>
            """
        return """
            <div class="strip" id="strip" role="status">\(lights)<span class="push soft">\(frame.day)</span>\(size)</div>
            """
    }

    /// The page as an answer.
    package func response(in frame: Frame, status: Int = 200) -> Response {
        html(in: frame).response(status: status)
    }
}

extension HTML {
    /// What a browser may do with these pages: nothing but what this server itself sends, no inline script or style, and no other
    /// site may frame them or receive their forms (Content Security Policy Level 3).
    package static let contentPolicy =
        "default-src 'self'; img-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

    /// A page or a fragment as an answer.
    package func response(status: Int = 200) -> Response {
        var response = Response.html(markup, status: status)
        response.headers["Content-Security-Policy"] = Self.contentPolicy
        response.headers["Referrer-Policy"] = "same-origin"
        return response
    }
}

/// The token that each form repeats, so that a form of another site is refused.
package enum FormToken {
    /// The field's name.
    package static let name = "formToken"

    package static func field(_ token: String) -> HTML {
        .hidden(name, token)
    }
}
