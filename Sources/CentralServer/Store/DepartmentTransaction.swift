/// The departments that fetch tasks and bring results.
package protocol DepartmentTransaction {
    func departments() throws(CentralError) -> [DepartmentRecord]
    func department(_ code: String) throws(CentralError) -> DepartmentRecord?
    /// Inserts or replaces.
    func put(_ department: DepartmentRecord) throws(CentralError)
}

/// A department and the hash of its token.
package struct DepartmentRecord: Hashable, Sendable {
    package let code: String
    package let name: String
    package let tokenHash: [UInt8]

    package init(code: String, name: String, tokenHash: [UInt8]) {
        self.code = code
        self.name = name
        self.tokenHash = tokenHash
    }
}
