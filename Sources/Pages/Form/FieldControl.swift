package import Casework

/// One field of a form: its label in the words of the paper, the inputs that its type needs, and what is to be said about it.
package struct FieldControl: Sendable {
    /// What is to be said about a field.
    package struct Remark: Hashable, Sendable {
        package enum Kind: String, Hashable, Sendable { case bad, wait, good }

        package let kind: Kind
        package let sentence: String

        package init(_ kind: Kind, _ sentence: String) {
            self.kind = kind
            self.sentence = sentence
        }
    }

    package let field: Field
    /// In the words of the form.
    package let label: String
    /// What can be chosen; empty for a field that is not chosen.
    package let choices: [Policy.Choice]
    package let values: FormValues
    package var isRequired = false
    /// Shown, and not to be changed here.
    package var isFixed = false
    package var remarks: [Remark] = []
    /// The values that contradict each other, if they do; they stand above the input.
    package var conflict: HTML?
    /// The number of the group that is saved and merged as one; scripts go by it.
    package var group: UInt32?

    package init(
        _ field: Field, label: String, choices: [Policy.Choice], values: FormValues, isRequired: Bool = false,
        isFixed: Bool = false, remarks: [Remark] = [], conflict: HTML? = nil
    ) {
        self.field = field
        self.label = label
        self.choices = choices
        self.values = values
        self.isRequired = isRequired
        self.isFixed = isFixed
        self.remarks = remarks
        self.conflict = conflict
    }

    package var html: HTML {
        let state = conflict != nil ? "conflict" : remarks.contains { $0.kind == .bad } ? "bad" : ""
        let must: HTML = "\(if: isRequired, "<span class=\"must\" title=\"必填\">*</span>")"
        let sentences = remarks.map {
            "<p class=\"say\" data-state=\"\($0.kind.rawValue)\">\($0.sentence)</p>" as HTML
        }
        let say: HTML = "<div id=\"say-\(field.key)\" data-live aria-live=\"polite\">\(sentences)</div>"
        let name: HTML = "id=\"f-\(field.key)\"\(group.map { " data-group=\"\(Int($0))\"" as HTML })"
        if hasOneInput {
            return """
                <div class="field w\(width)" \(name) data-state="\(state)"><label for="\(field.key)">\(label)\(must)</label>\
                \(conflict)\(input)\(say)</div>
                """
        }
        return """
            <fieldset class="field w\(width)" \(name) data-state="\(state)"\(describedBy)><legend>\(label)\(must)</legend>\
            \(conflict)\(input)\(say)</fieldset>
            """
    }

    private var describedBy: HTML { remarks.isEmpty ? "" : " aria-describedby=\"say-\(field.key)\"" }

    private var hasOneInput: Bool {
        switch field.type {
        case .code: !isSpread
        case .bool, .list(.code), .record: false
        default: true
        }
    }

    /// A few short choices are all shown; of many, one is picked from a list.
    private var isSpread: Bool { choices.count <= 5 }

    /// Columns of twelve.
    private var width: Int {
        switch field.type {
        case .date, .money: 3
        case .int, .decimal, .format(.time): 2
        case .lines, .list, .pairs: 12
        case .record: field.typeName == "signature" ? 6 : 12
        case .bool: label.count > 14 ? 12 : 3
        case .code where isSpread:
            choices.reduce(0) { $0 + $1.label.count + 3 } > 24 ? 12 : choices.count > 2 ? 6 : 3
        case .text where field.key.hasSuffix("Address"): 8
        default: 4
        }
    }

    private var input: HTML {
        switch field.type {
        case .bool:
            radios([Policy.Choice(code: "true", label: "是"), Policy.Choice(code: "false", label: "否")])
        case .code where isSpread: radios(choices)
        case .code: select
        case .list(.code): boxes
        case .list, .lines, .pairs:
            """
            <textarea id="\(field.key)" name="\(field.key)" rows="3"\(attributes)>\(
                values[field.key].joined(separator: "\n"))</textarea>
            """
        case .record(let parts): record(parts)
        default: line(field.key, field.type, values.text(field.key), more: attributes)
        }
    }

    private var attributes: HTML {
        let isBad = remarks.contains { $0.kind == .bad }
        return
            "\(if: isFixed, " readonly")\(if: isRequired, " aria-required=\"true\"")\(if: isBad, " aria-invalid=\"true\"")\(describedBy)"
    }

    private func line(_ name: String, _ type: FieldType, _ text: String, more: HTML) -> HTML {
        let (mode, hint, longest) = Self.typing(type)
        return """
            <input type="text" id="\(name)" name="\(name)" value="\(text)" maxlength="\(longest)" autocomplete="off"\
            \(mode.map { " inputmode=\"\($0)\"" as HTML })\(hint.map { " placeholder=\"\($0)\"" as HTML })\(more)>
            """
    }

    /// Which keys are offered on a touch screen, what an empty input shows, and how many characters it takes.
    private static func typing(_ type: FieldType) -> (mode: String?, hint: String?, longest: Int) {
        switch type {
        case .date: ("numeric", "年-月-日", 20)
        case .format(.time): ("numeric", "时:分", 10)
        case .format(.dateTime): ("numeric", "年-月-日 时:分", 30)
        case .format(.phone): ("tel", nil, 30)
        case .int: ("numeric", nil, 20)
        case .decimal, .money: ("decimal", nil, 20)
        case .text(let longest): (nil, nil, longest)
        default: (nil, nil, FieldType.textLongest)
        }
    }

    private func radios(_ choices: [Policy.Choice]) -> HTML {
        let chosen = values.text(field.key)
        let radios = choices.map { choice -> HTML in
            """
            <label><input type="radio" name="\(field.key)" value="\(choice.code)"\(if: choice.code == chosen, " checked")\
            \(if: isFixed, " disabled")>\(choice.label)</label>
            """
        }
        // Who has ticked one by mistake can take it back.
        let none: HTML = """
            <label class="soft"><input type="radio" name="\(field.key)" value=""\(if: chosen.isEmpty, " checked")\
            \(if: isFixed, " disabled")>未填</label>
            """
        return "<div class=\"choices\">\(radios)\(none)</div>"
    }

    private var boxes: HTML {
        let chosen = Set(values[field.key])
        let boxes = choices.map { choice -> HTML in
            """
            <label><input type="checkbox" name="\(field.key)" value="\(choice.code)"\
            \(if: chosen.contains(choice.code), " checked")\(if: isFixed, " disabled")>\(choice.label)</label>
            """
        }
        return "<div class=\"choices\">\(boxes)</div>"
    }

    private var select: HTML {
        let chosen = values.text(field.key)
        // A code that the form does not offer was chosen elsewhere, and must not be lost by saving.
        let foreign =
            chosen.isEmpty || choices.contains { $0.code == chosen }
            ? [] : [Policy.Choice(code: chosen, label: chosen)]
        let options = (choices + foreign).map { choice -> HTML in
            "<option value=\"\(choice.code)\"\(if: choice.code == chosen, " selected")>\(choice.label)</option>"
        }
        return """
            <select id="\(field.key)" name="\(field.key)"\(if: isFixed, " disabled")\(attributes)>\
            <option value="">请选择</option>\(options)</select>
            """
    }

    private func record(_ parts: [FieldType.Part]) -> HTML {
        let inputs = parts.compactMap { part -> HTML? in
            guard let label = Self.partLabels[part.name] else { return nil }
            let name = "\(field.key).\(part.name)"
            if case .code(let list) = part.type {
                let options = CodeLists.standard[list].map { code -> HTML in
                    "<option value=\"\(code.code)\"\(if: code.code == values.text(name), " selected")>\(code.label)</option>"
                }
                return
                    "<label>\(label)<select name=\"\(name)\"\(if: isFixed, " disabled")><option value=\"\">未签</option>\(options)</select></label>"
            }
            return
                "<label>\(label)\(line(name, part.type, values.text(name), more: isFixed ? " readonly" : ""))</label>"
        }
        // What has no input here is carried along.
        let carried = parts.filter { Self.partLabels[$0.name] == nil }.map { part -> HTML in
            let name = "\(field.key).\(part.name)"
            return "<input type=\"hidden\" name=\"\(name)\" value=\"\(values.text(name))\">"
        }
        return "<div class=\"parts\">\(inputs)</div>\(carried)"
    }

    private static let partLabels = [
        "province": "省（自治区）", "city": "市", "county": "县（市、区）", "town": "乡镇（街道）", "village": "村（社区）",
        "text": "详细地址", "name": "派出所", "kind": "方式", "signedAt": "签署时间",
    ]
}
