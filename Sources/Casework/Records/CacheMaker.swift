package import Cryptography
import SyncProtocol

/// What decides how a case is cached, beside its changes: the field dictionary, the policies and days off that came with the
/// program, and the schema of changes that it reads. Caches that another one made are made anew: what was kept
/// and not understood may be understood now.
package struct CacheMaker: Hashable, Sendable {
    package let fingerprint: Digest

    package init(_ dictionary: FieldDictionary, _ shipped: PolicyLibrary) {
        var writer = CBORWriter()
        writer.write(Self.generation)
        writer.write(Change.schema)
        for group in dictionary.groups {
            writer.write(UInt64(group.id.rawValue))
            writer.write("\(group.rule) \(group.members.map { "\($0.key):\($0.type)" })")
        }
        for file in shipped.orderedFiles { writer.write(file) }
        writer.write(PackageResources.Calendar_json)
        writer.write(PackageResources.Duplicates_json)
        writer.write(PackageResources.Pinyin_txt)
        fingerprint = SHA256.hash(writer.bytes)
    }

    /// One higher whenever the program makes caches in another way.
    private static let generation: UInt64 = 3
}
