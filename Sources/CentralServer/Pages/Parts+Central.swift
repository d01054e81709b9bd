import Casework
import Pages
import SyncProtocol

/// What central's pages are put together from, beside what both servers' are.
extension HTML {
    /// A form that asks for the same list with other filters; it works by its button.
    static func filters(_ address: Address, without names: Set<String>, _ inputs: HTML) -> HTML {
        """
        <form class="row filter" method="get" action="\(address.path)">\(address.carried(without: names))\(inputs)\
        <button>筛选</button></form>
        """
    }

    /// A choice that may be left open.
    static func filter(
        _ name: String, _ label: String, any: String, _ options: [(value: String, text: String)],
        chosen: String?
    ) -> HTML { .select(name, label, [("", any)] + options, chosen: chosen ?? "") }

    /// The way to the next page of a list.
    static func more(_ address: Address?, _ words: String = "下一页") -> HTML {
        guard let address else { return .empty }
        return "<p class=\"more\"><a class=\"button\" rel=\"next\" href=\"\(address.text)\">\(words)</a></p>"
    }

    /// A number with its word that leads to what it counts.
    static func linkedFigure(_ number: Int, _ word: String, _ address: String, _ state: String = "") -> HTML {
        """
        <a class="figure" data-state="\(number > 0 ? state : "")" href="\(address)"><b>\(number.grouped)</b><span>\(word)</span></a>
        """
    }

    /// The reason that a form asks for: one of the usual ones, and own words.
    static func reasonInputs(_ usual: [String], label: String = "依据") -> HTML {
        """
        \(HTML.select("basis", label, usual.map { ($0, $0) } + [("", "其他（请写明）")]))\
        \(HTML.input("reason", "补充说明", isRequired: false))
        """
    }
}

extension CaseState {
    /// What people call the case: the child's name, or all of them while they differ.
    func title(_ dictionary: FieldDictionary) -> String {
        if let name = text("childName", in: dictionary) { return name }
        let names = texts("childName", in: dictionary)
        return names.isEmpty ? "（未命名）" : names.sorted().joined(separator: " / ")
    }
}
