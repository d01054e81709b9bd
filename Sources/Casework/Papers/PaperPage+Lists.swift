// What the case brings: facts, reasons, items, and the rows of registers.
extension PaperPage {
    func list(_ list: PolicyPaper.List, title: String?) -> HTML? {
        let rows = rows(of: list)
        guard !rows.isEmpty else { return nil }
        let heading = title.map { [HTML.element(.h2, [:], [HTML($0)])] } ?? []
        return .element(.section, [.classes: list.rawValue], heading + rows)
    }

    private func rows(of list: PolicyPaper.List) -> [HTML] {
        switch list {
        case .facts: [facts]
        case .reasons: sentences(content.reasons)
        case .gaps: sentences(content.gaps)
        case .items: items
        case .materials: materials
        case .contacts: content.contacts.map { .element(.p, [:], [HTML($0)]) }
        case .handover: handover
        case .stock: stock
        case .closing: closing
        case .signed: signed
        }
    }

    private var facts: HTML {
        let answers = [
            ("办件编号", content.caseNumber), ("申请日期", answer("applyDate")),
            ("申请人", content.applicant), ("联系电话", answer(content.applicantPhoneKey)),
            ("新生儿姓名", answer("childName")), ("性别", answer("childSex")),
            ("出生日期", answer("birthDate")), ("出生医疗机构", answer("birthInstitutionName")),
        ]
        let rows = stride(from: 0, to: answers.count, by: 2).map { index in
            HTML.element(
                .tr, [:],
                answers[index..<index + 2].flatMap { label, value in
                    [
                        HTML.element(.th, [.classes: "label", .scope: "row"], [HTML(label)]),
                        HTML.element(.td, [:], [HTML(value ?? "")]),
                    ]
                })
        }
        return .element(.table, [.classes: "facts"], [.element(.tbody, [:], rows)])
    }

    private func sentences(_ reasons: [PaperContent.Reason]) -> [HTML] {
        guard !reasons.isEmpty else { return [] }
        return [.element(.ol, [:], reasons.map { .element(.li, [:], [HTML($0.text)]) })]
    }

    private var items: [HTML] {
        let hasDue = content.items.contains { $0.due != nil }
        let rows = content.items.enumerated().map { index, item in
            ["\(index + 1)", item.name, item.department] + (hasDue ? [item.due ?? "—"] : [])
        }
        let total = content.total.map { [HTML.element(.p, [.classes: "total"], [HTML("承诺总时限：\($0)")])] }
        return [grid(["序号", "办理事项", "办理部门"] + (hasDue ? ["计划办结日期"] : []), rows)] + (total ?? [])
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
            ["交接期间", handover.period, "交接日期", content.date.inChinese],
            ["移交单位", handover.from, "接收单位", handover.to],
            ["交接份数", "\(handover.certificates.count) 份", "编号起止", Self.span(handover.certificates)],
        ].map { cells in
            HTML.element(
                .tr, [:],
                cells.enumerated().map { index, text in
                    index % 2 == 0
                        ? HTML.element(.th, [.classes: "label", .scope: "row"], [HTML(text)])
                        : .element(.td, [:], [HTML(text)])
                })
        }
        return [
            .element(.table, [.classes: "facts"], [.element(.tbody, [:], facts)]),
            certificates(handover.certificates), signatures(["移交人签名", "接收人签名"]),
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
            .element(
                .div, [.classes: "seal"],
                [
                    .element(.p, [:], [HTML(content.hospitalName)]), .element(.p, [:], [HTML("（印章）")]),
                    .element(.p, [:], [HTML(content.date.inChinese)]),
                ]),
            signatures(["经办人：\(content.clerk ?? "")", "申请人签收", "签收日期"]),
        ]
    }

    private var signed: [HTML] {
        [
            .element(
                .div, [.classes: "seal"],
                [
                    .element(.p, [:], [HTML(content.hospitalName)]),
                    .element(.p, [:], [HTML("经办人：\(content.clerk ?? "　　　　　　")")]),
                    .element(.p, [:], [HTML(content.date.inChinese)]),
                ])
        ]
    }

    private func signatures(_ labels: [String]) -> HTML {
        .element(
            .div, [.classes: "signatures"],
            labels.map { label in
                let text = label.contains("：") ? label : "\(label)："
                return .element(
                    .p, [:],
                    [HTML(text)]
                        + (text.hasSuffix("：")
                            ? [.element(.span, [.classes: "blank"], [HTML("　　　　　　")])] : []))
            })
    }

    /// A table whose head is repeated on every sheet.
    private func grid(_ head: [String], _ rows: [[String]]) -> HTML {
        let heads = head.map { HTML.element(.th, [.classes: Self.width($0), .scope: "col"], [HTML($0)]) }
        let cells = rows.map { row in
            HTML.element(
                .tr, [:], zip(head, row).map { .element(.td, [.classes: Self.width($0)], [HTML($1)]) })
        }
        return .element(
            .table, [.classes: "grid"],
            [.element(.thead, [:], [.element(.tr, [:], heads)]), .element(.tbody, [:], cells)])
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
