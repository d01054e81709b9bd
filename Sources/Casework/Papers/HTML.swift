/// Markup that is safe by construction: text is escaped when it enters, elements and attributes come from closed lists
/// without scripts, handlers or inline styles, and nothing else makes markup.
package struct HTML: Hashable, Sendable {
    private let markup: String

    private init(markup: String) { self.markup = markup }

    /// Text, whatever it holds, as text.
    package init(_ text: String) { markup = Self.escaped(text) }

    /// One piece after the other.
    package init(_ pieces: [HTML]) { markup = pieces.map(\.markup).joined() }

    /// The elements that pages here are made of.
    package enum Tag: String, Hashable, Sendable, CaseIterable {
        case html, head, meta, title, link, body, main, header, footer, section
        case h1, h2, p, span, div, strong, br
        case table, colgroup, col, thead, tbody, tr, th, td, ol, ul, li, dl, dt, dd

        /// Without content and end tag (HTML Living Standard 13.1.2).
        var isVoid: Bool { [.meta, .link, .br, .col].contains(self) }
    }

    /// The attributes that pages here carry.
    package enum Attribute: String, Hashable, Sendable, CaseIterable {
        case lang, charset, name, content, rel, href, colspan, rowspan, scope, span
        case classes = "class"
        case kind = "data-kind"
    }

    /// An element with its content. What is given to an element that can have no content is left out.
    package static func element(
        _ tag: Tag, _ attributes: KeyValuePairs<Attribute, String> = [:], _ content: [HTML] = []
    ) -> HTML {
        let start =
            tag.rawValue + attributes.map { " \($0.key.rawValue)=\"\(escaped($0.value))\"" }.joined()
        if tag.isVoid { return HTML(markup: "<\(start)/>") }
        return HTML(markup: "<\(start)>" + content.map(\.markup).joined() + "</\(tag.rawValue)>")
    }

    /// Where a page's style comes from.
    package enum Style: Hashable, Sendable {
        /// By its address, for pages that are served under a content security policy.
        case linked(String)
        /// Inside the page, for a file that must stand alone. A style sheet of the program, never of data.
        case embedded(String)
    }

    /// A whole page in UTF-8.
    package static func page(title: String, style: Style, kind: String, body: [HTML]) -> [UInt8] {
        let head = [
            element(.meta, [.charset: "utf-8"]),
            element(.meta, [.name: "viewport", .content: "width=device-width"]),
            element(.title, [:], [HTML(title)]), sheet(style),
        ]
        let page = element(
            .html, [.lang: "zh-CN"], [element(.head, [:], head), element(.body, [.kind: kind], body)])
        return Array("<!doctype html>\n\(page.markup)\n".utf8)
    }

    private static func sheet(_ style: Style) -> HTML {
        switch style {
        case .linked(let address): return element(.link, [.rel: "stylesheet", .href: address])
        case .embedded(let css):
            // The content of <style> is raw text that ends at its end tag (HTML Living Standard 13.1.2.1).
            precondition(!css.contains("</"), "a style sheet with an end tag")
            return HTML(markup: "<style>\n\(css)</style>")
        }
    }

    /// Escaped for content and for attribute values in double quotes. Control characters, which no page may hold,
    /// become U+FFFD; lines and tabs stay.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            case _ where scalar.properties.generalCategory == .control: result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
