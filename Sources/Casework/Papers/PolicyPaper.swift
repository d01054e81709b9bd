/// The papers that are told apart when one is asked for. Their titles are the region's own.
package enum PaperKind: String, Hashable, Sendable, CaseIterable, Decodable {
    case acceptance, correction, refusal, application, delegation, posting, receipt, handover, stock

    /// What the clerk calls it; also the sentence about a region that does not have it uses it.
    package var name: String {
        switch self {
        case .acceptance: "受理通知书"
        case .correction: "一次性告知补正"
        case .refusal: "不予受理（不予联办）通知"
        case .application: "申请表（登记表）"
        case .delegation: "授权委托书"
        case .posting: "材料寄递委托书"
        case .receipt: "登记回执"
        case .handover: "副页交接登记表"
        case .stock: "出生医学证明库存清单"
        }
    }

    /// A form carries the family's own numbers in full; everything else hides them (standards.md section 14.4).
    var isMasked: Bool { self != .application && self != .delegation }
}

/// One paper of a region as the policy file has it under `papers`: its title and layout are data.
package struct PolicyPaper: Hashable, Sendable {
    package let kind: PaperKind
    package let title: String
    /// Whether the seed names no title, so that this is ours and nothing official may be read into it.
    package let isWorkingTitle: Bool
    /// The decision to which it belongs, a code of the list `decision`; nil for any.
    package let outcome: String?
    /// Whether its tables are short enough for large type and space to write by hand.
    package let isRoomy: Bool
    /// Where the seed says so.
    package let source: String
    package let body: [Part]
    /// The form's own words for the codes of a field.
    package let choices: [String: [Policy.Choice]]

    /// What stands on a paper, from top to bottom.
    package enum Part: Hashable, Sendable {
        case paragraph(FormText)
        /// The line that addresses the reader.
        case salutation(FormText)
        /// Small print.
        case note(FormText)
        case list(List, title: String?)
        /// A table in the form's own layout.
        case blocks([Block])
        /// A table that is made from the policy's sections of that form, row by row.
        case form(String)
    }

    /// What the case brings, as a list or table.
    package enum List: String, Hashable, Sendable, CaseIterable, Decodable {
        case facts, reasons, gaps, items, materials, contacts, handover, stock
        /// Hospital with its seal, clerk and date, and the line of the one who receives the paper.
        case closing
        /// Clerk and date only, for what is no official document.
        case signed
    }

    /// A part of the form with its name at the side.
    package struct Block: Hashable, Sendable, Decodable {
        package let title: String?
        package let rows: [[Cell]]
    }

    /// One cell. Its span counts of 24 columns; cells without one share what is left.
    package struct Cell: Hashable, Sendable {
        package let text: FormText
        package let isLabel: Bool
        package let span: Int?
    }

    package static let columnCount = 24
    package static let labelSpan = 3
    /// Papers of one policy.
    package static let countMax = 32
    /// Parts, or cells of all tables, of one paper.
    package static let cellsMax = 2000
}

extension PolicyPaper: Decodable {
    private enum CodingKeys: String, CodingKey {
        case kind, title, working, outcome, roomy, source, body, choices
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        kind = try container.decode(PaperKind.self, forKey: .kind)
        title = try container.decode(String.self, forKey: .title)
        isWorkingTitle = try container.decodeIfPresent(Bool.self, forKey: .working) ?? false
        outcome = try container.decodeIfPresent(String.self, forKey: .outcome)
        isRoomy = try container.decodeIfPresent(Bool.self, forKey: .roomy) ?? false
        source = try container.decode(String.self, forKey: .source)
        body = try container.decode([Part].self, forKey: .body)
        choices = try container.decodeIfPresent([String: [Policy.Choice]].self, forKey: .choices) ?? [:]
    }
}

extension PolicyPaper.Part: Decodable {
    private enum CodingKeys: String, CodingKey { case salutation, note, list, title, blocks, form }

    /// Text is a paragraph; an object names what else it is.
    package init(from decoder: any Decoder) throws {
        if decoder.holdsText {
            self = .paragraph(try FormText(from: decoder))
            return
        }
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if container.contains(.salutation) {
            self = .salutation(try container.decode(FormText.self, forKey: .salutation))
        } else if container.contains(.note) {
            self = .note(try container.decode(FormText.self, forKey: .note))
        } else if container.contains(.blocks) {
            self = .blocks(try container.decode([PolicyPaper.Block].self, forKey: .blocks))
        } else if container.contains(.form) {
            self = .form(try container.decode(String.self, forKey: .form))
        } else {
            let title = try container.decodeIfPresent(String.self, forKey: .title)
            self = .list(try container.decode(PolicyPaper.List.self, forKey: .list), title: title)
        }
    }
}

extension PolicyPaper.Cell: Decodable {
    private enum CodingKeys: String, CodingKey { case label, text, span }

    /// Text alone is a cell to fill; an object with `label` names what stands beside it.
    package init(from decoder: any Decoder) throws {
        if decoder.holdsText {
            self.init(text: try FormText(from: decoder), isLabel: false, span: nil)
            return
        }
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let isLabel = container.contains(.label)
        self.init(
            text: try container.decode(FormText.self, forKey: isLabel ? .label : .text), isLabel: isLabel,
            span: try container.decodeIfPresent(Int.self, forKey: .span)
                ?? (isLabel ? PolicyPaper.labelSpan : nil))
    }
}

extension Decoder {
    /// Whether a text stands here. It is found by asking: a refusal only means "something else".
    fileprivate var holdsText: Bool { (try? singleValueContainer().decode(String.self)) != nil }
}
