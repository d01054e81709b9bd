import Cryptography

/// What is left of a change when its case was erased: enough for every sum, chain and order, and nothing that anybody wrote.
///
///     erased = [case: bstr .size 16, edition: uint, 0, content ID: bstr .size 32]
///
/// It stands wherever the body stood: in logs, feeds, pushes, bundles and journals. It bears the content ID that it names, not the
/// hash of its own bytes, so nothing that was computed of the change is another afterwards. It has no content.
package enum ErasedBody {
    /// What stands for a schema in it; a change has 1 or more.
    package static let schema: UInt64 = 0

    /// The head of an array of four, and that of 16 bytes.
    private static let prefix: [UInt8] = [0x84, 0x50]

    /// The content ID that is named; nil for any other body.
    static func name(in body: [UInt8]) -> Digest? {
        // Nearly every body is seen by its first bytes or its length not to be one.
        guard body.count <= 64, body.starts(with: prefix) else { return nil }
        var reader = CBORReader(body)
        do throws(CBORError) {
            try reader.readArray(count: 4)
            _ = try reader.readCaseID()
            guard try reader.readCounter() > 0, try reader.readUnsigned() == schema else { return nil }
            let name = try reader.readDigest()
            try reader.finish()
            return name
        } catch { return nil }
    }

    static func encoded(_ caseID: CaseID, edition: UInt64, name: ContentID) -> [UInt8] {
        var writer = CBORWriter()
        writer.writeArray(4)
        writer.write(caseID.bytes)
        writer.write(edition)
        writer.write(schema)
        writer.write(name.bytes)
        return writer.bytes
    }
}
