import Foundation
import SyncProtocol
import Web

/// What was typed into a form and is not saved: kept on this machine at every change, so that a power cut loses nothing.
struct SectionDraft: Hashable, Sendable, Codable {
    /// Of a case that is still to be registered: its policy, and how many newborns the delivery had.
    var policy: String?
    var newborns: Int?
    /// Names and texts of the inputs.
    var fields: [[String]]

    init(_ form: FormFields, policy: String? = nil, newborns: Int? = nil) {
        (self.policy, self.newborns) = (policy, newborns)
        fields = form.fields.map { [$0.name, $0.value] }
    }

    /// Nil for what no page of this window has kept.
    init?(_ bytes: [UInt8]) {
        guard let draft = try? JSONDecoder().decode(Self.self, from: Data(bytes)) else { return nil }
        self = draft
    }

    var form: FormFields {
        FormFields(fields.compactMap { $0.count == 2 ? FormFields.Field($0[0], $0[1]) : nil })
    }

    var bytes: [UInt8] { get throws { Array(try JSONEncoder().encode(self)) } }

    /// The draft of a section of a case.
    static func id(_ caseID: CaseID, _ index: Int) -> String { "\(casePrefix)\(caseID)-\(index)" }

    static let casePrefix = "case-"
    /// A registration that was begun.
    static let newPrefix = "new-"
}
