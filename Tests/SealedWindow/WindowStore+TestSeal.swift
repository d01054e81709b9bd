package import Casework
package import Cryptography
package import Persistence
package import WindowAgent

extension SecretBytes {
    /// What the stores of tests are sealed under unless they say otherwise.
    package static let testSeal = SecretBytes([UInt8](repeating: 7, count: 32))
}

extension WindowStore {
    /// A store under ``Cryptography/SecretBytes/testSeal``.
    package init(
        path: String, mode: Database.Mode = .create, dictionary: FieldDictionary,
        shipped: PolicyLibrary = .standard, duplicatesKey: SecretBytes? = nil, environment: Environment
    ) throws {
        try self.init(
            path: path, mode: mode, sealKey: .testSeal, dictionary: dictionary, shipped: shipped,
            duplicatesKey: duplicatesKey, environment: environment)
    }
}
