/// Markup that is safe by construction: a literal is the program's own markup, and whatever is interpolated into it is text and
/// is escaped, unless it is markup already.
///
///     let row: HTML = "<td class=\"\(state)\">\(name)</td>"
///
/// Attribute values stand in double quotes. There is no way to make markup of text that was not a literal.
package struct HTML: Hashable, Sendable {
    /// As it is sent, in UTF-8.
    package private(set) var markup: String

    private init(markup: String) { self.markup = markup }

    /// Text, whatever it holds, as text.
    package init(text: String) { markup = Self.escaped(text) }

    /// One piece after the other.
    package init(_ pieces: [HTML]) { markup = pieces.map(\.markup).joined() }

    /// Nothing.
    package static let empty = HTML(markup: "")

    package var isEmpty: Bool { markup.isEmpty }

    package static func += (html: inout HTML, more: HTML) { html.markup += more.markup }
}

extension HTML: ExpressibleByStringInterpolation {
    package init(stringLiteral literal: StaticString) { markup = literal.description }

    package init(stringInterpolation pieces: Interpolation) { markup = pieces.markup }

    /// Gathers literals as they are, and everything else escaped.
    package struct Interpolation: StringInterpolationProtocol {
        fileprivate var markup = ""

        package init(literalCapacity: Int, interpolationCount: Int) {
            markup.reserveCapacity(literalCapacity + 16 * interpolationCount)
        }

        package mutating func appendLiteral(_ literal: StaticString) { markup += literal.description }

        /// Text, escaped; for content and for attribute values in double quotes.
        package mutating func appendInterpolation(_ text: String) { markup += HTML.escaped(text) }

        package mutating func appendInterpolation(_ number: Int) { markup += "\(number)" }

        package mutating func appendInterpolation(_ html: HTML) { markup += html.markup }

        /// Nothing for nil.
        package mutating func appendInterpolation(_ html: HTML?) { markup += html?.markup ?? "" }

        package mutating func appendInterpolation(_ pieces: [HTML]) {
            for piece in pieces { markup += piece.markup }
        }

        /// Markup if something holds, as `\(if: isChosen, " checked")`.
        package mutating func appendInterpolation(if isThere: Bool, _ html: HTML) {
            if isThere { markup += html.markup }
        }
    }
}

extension HTML {
    /// Escaped for content and for attribute values in double quotes. Control characters, which no page may hold,
    /// become U+FFFD; lines and tabs stay.
    private static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: isSpecial) else { return text }
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

    /// Whether a byte can belong to a character that does not stay as it is: the controls above ASCII begin with 0xC2.
    private static func isSpecial(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"),
            0x7F, 0xC2:
            true
        default: byte < 0x20
        }
    }
}

extension HTML {
    /// Where a page's style comes from.
    package enum Style: Hashable, Sendable {
        /// By its address, for pages that are served under a content security policy.
        case linked(String)
        /// Inside the page, for a file that must stand alone. A style sheet of the program, never of data.
        case embedded(String)
    }

    /// A whole page without script, to print: in UTF-8.
    package static func page(title: String, style: Style, kind: String, body: HTML) -> [UInt8] {
        let page: HTML = """
            <!doctype html>
            <html lang="zh-CN"><head><meta charset="utf-8"/><meta name="viewport" content="width=device-width"/>\
            <title>\(title)</title>\(sheet(style))</head><body data-kind="\(kind)">\(body)</body></html>

            """
        return Array(page.markup.utf8)
    }

    private static func sheet(_ style: Style) -> HTML {
        switch style {
        case .linked(let address): return "<link rel=\"stylesheet\" href=\"\(address)\"/>"
        case .embedded(let css):
            // The content of <style> is raw text that ends at its end tag (HTML Living Standard 13.1.2.1).
            precondition(!css.contains("</"), "a style sheet with an end tag")
            return HTML(markup: "<style>\n\(css)</style>")
        }
    }
}
