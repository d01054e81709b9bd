// What the case brings: facts, reasons, items, and the rows of registers.
extension PaperPage {
    func list(_ list: PolicyPaper.List, title: String?) -> HTML? {
        let rows = rows(of: list)
        guard !rows.isEmpty else { return nil }
        let heading: HTML? = title.map { "<h2>\($0)</h2>" }
        return "<section class=\"\(list.rawValue)\">\(heading)\(rows)</section>"
    }

    private func rows(of list: PolicyPaper.List) -> [HTML] {
        switch list {
        case .facts: [facts]
        case .reasons: sentences(content.reasons)
        case .gaps: sentences(content.gaps)
        case .items: items
        case .materials: materials
        case .contacts: content.contacts.map { "<p>\($0)</p>" }
        case .handover: handover
        case .stock: stock
        case .closing: closing
        case .signed: signed
        }
    }

    private var facts: HTML {
        let answers: [(String, String?)] = [
            ("办件编号", content.caseNumber), ("申请日期", answer("applyDate")),
            ("申请人", content.applicant), ("联系电话", answer(content.applicantPhoneKey)),
            ("新生儿姓名", answer("childName")), ("性别", answer("childSex")),
            ("出生日期", answer("birthDate")), ("出生医疗机构", answer("birthInstitutionName")),
        ]
        return table(
            stride(from: 0, to: answers.count, by: 2).map { index in
                answers[index..<index + 2].map { ($0, $1 ?? "") }
            })
    }

    /// Rows of names with their values.
    private func table(_ rows: [[(name: String, value: String)]]) -> HTML {
        let rows = rows.map { row -> HTML in
            let cells = row.map { name, value -> HTML in
                "<th class=\"label\" scope=\"row\">\(name)</th><td>\(value)</td>"
            }
            return "<tr>\(cells)</tr>"
        }
        return "<table class=\"facts\"><tbody>\(rows)</tbody></table>"
    }

    private func sentences(_ reasons: [PaperContent.Reason]) -> [HTML] {
        guard !reasons.isEmpty else { return [] }
        return ["<ol>\(reasons.map { "<li>\($0.text)</li>" as HTML })</ol>"]
    }

    private var items: [HTML] {
        let hasDue = content.items.contains { $0.due != nil }
        let rows = content.items.enumerated().map { index, item in
            ["\(index + 1)", item.name, item.department] + (hasDue ? [item.due ?? "—"] : [])
        }
        let total: HTML? = content.total.map { "<p class=\"total\">承诺总时限：\($0)</p>" }
        return [grid(["序号", "办理事项", "办理部门"] + (hasDue ? ["计划办结日期"] : []), rows), total ?? .empty]
    }

    private var materials: [HTML] {
        guard !content.materials.isEmpty else { return [] }
        let rows = content.materials.enumerated().map { index, material in
            ["\(index + 1)", material.name, material.pages.joined(separator: "、")]
        }
        return [grid(["序号", "材料名称", "页"], rows)]
    }

    private var handover: [HTML] {
        guard let handover = content.handover else { return [] }
        let facts = [
            [("交接期间", handover.period), ("交接日期", content.date.inChinese)],
            [("移交单位", handover.from), ("接收单位", handover.to)],
            [
                ("交接份数", "\(handover.certificates.count) 份"),
                ("编号起止", Self.span(handover.certificates)),
            ],
        ]
        return [
            table(facts), certificates(handover.certificates), signatures(["移交人签名", "接收人签名"]),
        ]
    }

    private static func span(_ numbers: [String]) -> String {
        guard let first = numbers.min(), let last = numbers.max() else { return "" }
        return first == last ? first : "\(first) — \(last)"
    }

    /// Numbers in three columns, counted across: a quarter fits on few sheets.
    private func certificates(_ numbers: [String]) -> HTML {
        let width = 3
        let rows = stride(from: 0, to: numbers.count, by: width).map { start in
            (start..<start + width).flatMap { index in
                index < numbers.count ? ["\(index + 1)", numbers[index]] : ["", ""]
            }
        }
        let head = (0..<width).flatMap { _ in ["序号", "出生医学证明编号"] }
        return grid(head, rows)
    }

    private var stock: [HTML] {
        let rows = content.stock.enumerated().map { index, range in
            [
                "\(index + 1)", "\(range.first) — \(range.last)", range.received?.inChinese ?? "",
                "\(range.used)",
                "\(range.voided)", "\(range.remaining)",
            ]
        }
        let sums = [\PaperContent.Stock.used, \.voided, \.remaining].map { path in
            "\(content.stock.reduce(0) { $0 + $1[keyPath: path] })"
        }
        return [
            grid(
                ["序号", "证件编号范围", "领入日期", "已用", "作废", "结存"], rows + [["", "合计", ""] + sums]),
            signatures(["保管人签名", "核对人签名"]),
        ]
    }

    private var closing: [HTML] {
        [
            "<div class=\"seal\"><p>\(content.hospitalName)</p><p>（印章）</p><p>\(content.date.inChinese)</p></div>",
            signatures(["经办人：\(content.clerk ?? "")", "申请人签收", "签收日期"]),
        ]
    }

    private var signed: [HTML] {
        [
            """
            <div class="seal"><p>\(content.hospitalName)</p><p>经办人：\(content.clerk ?? "　　　　　　")</p>\
            <p>\(content.date.inChinese)</p></div>
            """
        ]
    }

    private func signatures(_ labels: [String]) -> HTML {
        let places = labels.map { label -> HTML in
            let text = label.contains("：") ? label : "\(label)："
            return "<p>\(text)\(if: text.hasSuffix("："), "<span class=\"blank\">　　　　　　</span>")</p>"
        }
        return "<div class=\"signatures\">\(places)</div>"
    }

    /// A table whose head is repeated on every sheet.
    private func grid(_ head: [String], _ rows: [[String]]) -> HTML {
        let heads = head.map { "<th class=\"\(Self.width($0))\" scope=\"col\">\($0)</th>" as HTML }
        let lines = rows.map { row -> HTML in
            "<tr>\(zip(head, row).map { "<td class=\"\(Self.width($0))\">\($1)</td>" as HTML })</tr>"
        }
        return "<table class=\"grid\"><thead><tr>\(heads)</tr></thead><tbody>\(lines)</tbody></table>"
    }

    private static func width(_ head: String) -> String {
        switch head {
        case "序号": "count"
        case "办理事项", "材料名称", "证件编号范围": "wide"
        case "已用", "作废", "结存": "sum"
        default: "even"
        }
    }
}
