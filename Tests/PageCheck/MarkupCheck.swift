/// What every page of a server must be, as far as its markup tells.
package struct MarkupCheck {
    private struct Tag {
        let name: String
        let attributes: [String: String]
        let isEnd: Bool
    }

    private static let void: Set<String> = ["meta", "link", "input", "img", "br", "hr"]
    private let markup: String
    private let tags: [Tag]

    package init(_ markup: String) {
        self.markup = markup
        tags = markup.matches(of: /<(\/?)([a-zA-Z0-9]+)((?:\s+[^\s=>"]+(?:="[^"]*")?)*)\s*>/).map { match in
            var attributes: [String: String] = [:]
            for pair in match.3.matches(of: /([^\s=>"]+)(?:="([^"]*)")?/) {
                attributes[String(pair.1)] = pair.2.map(String.init) ?? ""
            }
            return Tag(name: match.2.lowercased(), attributes: attributes, isEnd: !match.1.isEmpty)
        }
    }

    /// Everything that is wrong, in sentences.
    package var faults: [String] {
        var faults = nesting + labels
        if markup.utf8.count > 100_000 { faults.append("\(markup.utf8.count) bytes") }
        if tags.count(where: { $0.name == "h1" && !$0.isEnd }) != 1 { faults.append("not one h1") }
        if !markup.contains("<html lang=\"zh-CN\"") { faults.append("no language") }
        let ids = tags.compactMap { $0.attributes["id"] }
        if Set(ids).count != ids.count {
            faults.append("twice: \(Dictionary(grouping: ids) { $0 }.filter { $0.value.count > 1 }.keys)")
        }
        for tag in tags {
            if tag.attributes.keys.contains(where: { $0 == "style" || $0.hasPrefix("on") }) {
                faults.append("inline in \(tag.name)")
            }
            if tag.name == "script", !tag.isEnd, tag.attributes["src"] == nil {
                faults.append("inline script")
            }
            if tag.name == "style" { faults.append("inline style") }
            if tag.name == "img", tag.attributes["alt"] == nil { faults.append("a picture without words") }
        }
        return faults + forms
    }

    private var nesting: [String] {
        var open: [String] = []
        for tag in tags where !Self.void.contains(tag.name) {
            if !tag.isEnd {
                open.append(tag.name)
            } else if open.popLast() != tag.name {
                return ["</\(tag.name)> is out of place in \(open)"]
            }
        }
        return open.isEmpty ? [] : ["left open: \(open)"]
    }

    /// Every input has a label around it, or one that names it.
    private var labels: [String] {
        let named = Set(tags.filter { $0.name == "label" }.compactMap { $0.attributes["for"] })
        var (inLabel, faults) = (false, [String]())
        for tag in tags {
            if tag.name == "label" { inLabel = !tag.isEnd }
            guard ["input", "select", "textarea"].contains(tag.name), !tag.isEnd,
                tag.attributes["type"] != "hidden"
            else {
                continue
            }
            let isNamed =
                inLabel || tag.attributes["aria-label"] != nil || named.contains(tag.attributes["id"] ?? "")
            if !isNamed { faults.append("no label: \(tag.attributes["name"] ?? tag.name)") }
        }
        return faults
    }

    /// Every form that changes something carries its token, and a button.
    private var forms: [String] {
        markup.split(separator: "<form method=\"post\"").dropFirst().compactMap { piece in
            let text = piece.split(separator: "</form>", maxSplits: 1).first.map { String($0) } ?? ""
            if !text.contains("name=\"formToken\"") { return "a form without a token" }
            return text.contains("<button") ? nil : "a form without a button"
        }
    }
}
