import Casework
import Testing

@Suite("HTML")
struct HTMLTests {
    private func page(_ body: HTML) -> String {
        String(decoding: HTML.page(title: "", style: .linked("/s.css"), kind: "k", body: body), as: UTF8.self)
    }

    @Test("Markup in text is text, and markup in markup is markup")
    func text() {
        let evil = "<script>alert(\"1\" & '2')</script>"
        let inner: HTML = "<b>\(evil)</b>"
        let page = page("<p>\(inner)</p>")
        #expect(
            page.contains("<p><b>&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;</b></p>")
        )
        #expect(!page.contains("<script"))
        #expect(HTML(text: evil) == "\(evil)")
    }

    @Test("A value cannot leave its attribute")
    func attribute() {
        let page = page("<td headers=\"\("2\" onclick=\"x\" '<")\"></td>")
        #expect(page.contains("<td headers=\"2&quot; onclick=&quot;x&quot; &#39;&lt;\"></td>"))
    }

    @Test("Control characters never reach a page; lines and tabs do")
    func controls() {
        #expect(
            page("\("a\u{0}b\u{1B}c\u{85}d\u{7F}\ne\tf")").contains(
                "a\u{FFFD}b\u{FFFD}c\u{FFFD}d\u{FFFD}\ne\tf"))
    }

    @Test("What is only there if something holds, and what is nil, leaves nothing behind")
    func optional() {
        let none: HTML? = nil
        #expect(
            "<i\(if: true, " checked")\(if: false, " disabled")>\(none)\(3)</i>" as HTML == "<i checked>3</i>"
        )
    }

    @Test("Pages of random text are balanced, and the text comes back", arguments: 0..<200)
    func random(seed: UInt64) {
        var random = PaperRandom(seed: seed)
        let text = random.text()
        let page = page("<p class=\"\(text)\">\(text)</p>")
        #expect(Balance.fault(in: page) == nil, "seed \(seed)")
        #expect(Balance.text(of: page).contains(text), "seed \(seed)")
        let value = page.split(separator: "<p class=\"")[1].prefix { $0 != "\"" }
        #expect(Balance.text(of: String(value)) == text, "seed \(seed)")
    }
}

/// A small generator for text that tries to break out.
struct PaperRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        // xorshift64*: Marsaglia, "Xorshift RNGs", and Vigna.
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }

    private static let pieces = [
        "<", ">", "\"", "'", "&", "/", "=", " ", "amp;", "&lt;", "<script>", "</td>", "-->", "]]>", "onload=",
        "{", "}",
        "测试", "·", "母", "𠮷", "e\u{301}", "0", "{childName}", "<!--", "</style>", "\u{202E}",
    ]

    /// Between one and twelve pieces.
    mutating func text() -> String {
        (0..<Int.random(in: 1...12, using: &self)).map { _ in
            Self.pieces[Int.random(in: 0..<Self.pieces.count, using: &self)]
        }.joined()
    }
}

/// Whether every element of a page is closed in its turn: as much of a parser as these pages need.
enum Balance {
    private static let void: Set<String> = ["meta", "link", "br", "col"]

    /// nil if the page is well formed.
    static func fault(in page: String) -> String? {
        var open: [String] = []
        for tag in tags(of: page) where !tag.hasPrefix("<!doctype") {
            let name = String(tag.drop { $0 == "<" || $0 == "/" }.prefix { $0.isLetter || $0.isNumber })
            if tag.hasPrefix("</") {
                guard open.popLast() == name else { return "\(tag) closes nothing" }
            } else if tag.hasSuffix("/>") {
                guard void.contains(name) else { return "\(tag) is not void" }
            } else {
                open.append(name)
            }
        }
        return open.isEmpty ? nil : "not closed: \(open)"
    }

    /// The text between the tags, with its references resolved.
    static func text(of page: String) -> String {
        var result = ""
        var isTag = false
        for scalar in page.unicodeScalars {
            if scalar == "<" { isTag = true }
            if !isTag { result.unicodeScalars.append(scalar) }
            if scalar == ">" { isTag = false }
        }
        for (reference, character) in [
            ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&"),
        ] { result = result.replacing(reference, with: character) }
        return result
    }

    static func tags(of page: String) -> [String] {
        page.split(separator: "<").dropFirst().compactMap { piece in
            piece.firstIndex(of: ">").map { "<" + piece[...$0] }
        }
    }
}
