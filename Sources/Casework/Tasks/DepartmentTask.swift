package import SyncProtocol

/// One item of a case as its department gets it: what the region's rules say that the department uses, and nothing else
/// (DESIGN section 8). While the item is held there are neither answers nor papers in it.
package struct DepartmentTask: Hashable, Sendable {
    package let status: ItemStatus
    /// The number under which the window and the family know the case.
    package let caseNumber: String?
    /// In the order of the policy; without what is not answered.
    package let fields: [Shown]
    package let papers: [Paper]
    /// What the department finds out itself and may bring with its result.
    package let expected: [Expectation]
    /// The answer that stands.
    package let result: ItemResult?
    /// The dots that stand in what is shown and in what the department writes; a result repeats them.
    package let asOf: [GroupID: [Dot]]

    /// A field with its answer, coded.
    package struct Shown: Hashable, Sendable {
        package let field: Field
        package let value: CBOR
        /// As a form prints it.
        package let text: String
    }

    /// A paper that the item needs, with what is here of it.
    package struct Paper: Hashable, Sendable {
        /// Its code in the policy.
        package let code: String
        package let name: String
        /// The pages that the window has seen, in order of their names.
        package let parts: [String]
        /// Those that are pictures or files.
        package let pages: [CasePage]
    }

    /// A field of the department's own.
    package struct Expectation: Hashable, Sendable {
        package let field: Field
        /// Later items of this case need it: without it the item is not done.
        package let isRequired: Bool
    }
}
