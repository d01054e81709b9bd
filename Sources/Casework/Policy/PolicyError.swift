import Foundation

/// One thing that is wrong with a policy file: where in it, and what.
package struct PolicyFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// For example `stages[0].conditions[3].rule`; empty for the file as a whole.
    package let path: String
    /// The rule's code there, for example `YF-E04`, if it has one.
    package let code: String?
    package let text: String

    package init(_ path: String, code: String? = nil, _ text: String) {
        self.path = path
        self.code = code
        self.text = text
    }

    package var description: String {
        let place = path.isEmpty ? "" : "\(path): "
        return place + (code.map { "\($0): " } ?? "") + text
    }
}

/// Why a policy cannot be used: every fault of the file at once.
package struct PolicyError: Error, Hashable, Sendable, CustomStringConvertible {
    package let file: String
    /// Never empty.
    package let faults: [PolicyFault]

    /// A line for each fault.
    package var description: String { faults.map { "\(file): \($0)" }.joined(separator: "\n") }
}

extension PolicyFault {
    init(_ error: DecodingError) {
        let (context, text): (DecodingError.Context, String) =
            switch error {
            case .keyNotFound(let key, let context): (context, "\(key.stringValue) is missing")
            case .typeMismatch(let type, let context): (context, "is not of type \(type)")
            case .valueNotFound(_, let context): (context, "has no value")
            case .dataCorrupted(let context): (context, context.debugDescription)
            @unknown default: (DecodingError.Context(codingPath: [], debugDescription: ""), "\(error)")
            }
        let path = context.codingPath.reduce("") { path, key in
            key.intValue.map { "\(path)[\($0)]" } ?? JSONSchema.joined(path, key.stringValue)
        }
        self.init(path, text)
    }
}
