/// The departments that fetch tasks and bring results.
package protocol DepartmentTransaction {
    func departments() throws(CentralError) -> [DepartmentRecord]
    func department(_ code: String) throws(CentralError) -> DepartmentRecord?
    /// Inserts or replaces.
    func put(_ department: DepartmentRecord) throws(CentralError)
}

/// A department and the hashes of its tokens.
package struct DepartmentRecord: Hashable, Sendable {
    package let code: String
    package let name: String
    package var tokenHash: [UInt8]
    /// Its tokens are refused.
    package var isDisabled = false
    /// The token before this one, which is good for a while after a change; empty if there is none.
    package var oldHash: [UInt8] = []
    /// Until when, milliseconds since 1970 by central's clock.
    package var oldUntil: UInt64 = 0

    package init(code: String, name: String, tokenHash: [UInt8]) {
        self.code = code
        self.name = name
        self.tokenHash = tokenHash
    }
}
