/// What processes over one database have to know of each other.
package protocol SharingTransaction {
    /// Another number after each change of what is published or withdrawn and after each rebuild: who holds a copy of that in
    /// memory sees by it whether the copy is old. Nil before the first one. It is drawn by lot, so that a store that went back never
    /// comes to the same.
    func rulesMark() throws(CentralError) -> UInt64?
    func renewRulesMark() throws(CentralError)

    func keyMark(_ name: String) throws(CentralError) -> KeyMark?
    func put(_ mark: KeyMark) throws(CentralError)
}
