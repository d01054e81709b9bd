package import Casework

/// What pages are put together from.
extension HTML {
    /// A block with a heading.
    ///
    /// - Parameters:
    ///   - id: by which a script takes the block anew from the server.
    ///   - aside: what stands at the end of the heading's line.
    package static func card(_ title: String, id: String? = nil, aside: HTML = .empty, _ body: HTML) -> HTML {
        let name: HTML? = id.map { " id=\"\($0)\"" }
        return """
            <section class="card"\(name)><header><h2>\(title)</h2>\(aside)</header><div class="body">\(body)</div></section>

            """
    }

    /// A block whose content reaches its edges, as a list does.
    package static func listCard(_ title: String, id: String? = nil, aside: HTML = .empty, _ list: HTML)
        -> HTML
    {
        let name: HTML? = id.map { " id=\"\($0)\"" }
        return "<section class=\"card\"\(name)><header><h2>\(title)</h2>\(aside)</header>\(list)</section>\n"
    }

    /// Words with what they mean, one under the other.
    package static func pairs(_ pairs: [(String, HTML)]) -> HTML {
        "<dl class=\"pairs\">\(pairs.map { "<dt>\($0.0)</dt><dd>\($0.1)</dd>" as HTML })</dl>"
    }

    /// How something stands, in a word with a colour beside it.
    ///
    /// - Parameter state: `good`, `wait`, `bad`, `live`, or empty.
    package static func state(_ word: String, _ state: String) -> HTML {
        "<span class=\"state\" data-state=\"\(state)\">\(word)</span>"
    }

    /// A sentence that stands out.
    package static func note(_ state: String, _ sentences: [String]) -> HTML {
        "<div class=\"note\" data-state=\"\(state)\">\(sentences.map { "<p>\($0)</p>" as HTML })</div>"
    }

    /// A table of a list; nothing but a sentence where it has no rows.
    package static func list(_ heads: [String], _ rows: [HTML], ifEmpty sentence: String) -> HTML {
        if rows.isEmpty { return "<p class=\"body soft\">\(sentence)</p>" }
        return """
            <table class="list"><thead><tr>\(heads.map { "<th scope=\"col\">\($0)</th>" as HTML })</tr></thead>\
            <tbody>\(rows)</tbody></table>
            """
    }

    /// A number that is to be seen from afar, with its word.
    package static func figure(_ number: String, _ word: String, _ state: String = "") -> HTML {
        "<div class=\"figure\" data-state=\"\(state)\"><b>\(number)</b><span>\(word)</span></div>"
    }

    /// A field that nobody sees.
    package static func hidden(_ name: String, _ value: String) -> HTML {
        "<input type=\"hidden\" name=\"\(name)\" value=\"\(value)\">"
    }

    /// A short input with its label.
    ///
    /// - Parameter hint: what an empty one shows.
    package static func input(
        _ name: String, _ label: String, value: String = "", hint: String = "", isRequired: Bool = true,
        longest: Int = 200
    ) -> HTML {
        """
        <label class="line"><span>\(label)</span><input type="text" name="\(name)" value="\(value)" placeholder="\(hint)" \
        maxlength="\(longest)" autocomplete="off"\(if: isRequired, " required")></label>
        """
    }

    /// A choice of one of a few, with its label; the first, unless another is chosen.
    package static func select(
        _ name: String, _ label: String, _ options: [(value: String, text: String)], chosen: String? = nil
    ) -> HTML {
        let lines = options.map { option -> HTML in
            """
            <option value="\(option.value)"\(if: option.value == chosen, " selected")>\(option.text)</option>
            """
        }
        return """
            <label class="line"><span>\(label)</span><select name="\(name)">\(lines)</select></label>
            """
    }
}
