import Foundation

extension Policy {
    /// Bytes of a policy file.
    package static let bytesMax = 256 * 1024

    /// Reads a policy file and checks all of it: its shape by the schema, and that everything it names
    /// exists.
    ///
    /// - Parameter file: its name, for the error.
    /// - Throws: every fault at once.
    package init(
        json bytes: [UInt8], file: String, dictionary: FieldDictionary = .standard,
        codes: CodeLists = .standard
    ) throws(PolicyError) {
        guard bytes.count <= Self.bytesMax else {
            throw PolicyError(file: file, faults: [PolicyFault("", "is larger than \(Self.bytesMax) bytes")])
        }
        let document: JSON
        do { document = try JSON(parsing: bytes) } catch {
            throw PolicyError(file: file, faults: [PolicyFault("", error.english)])
        }
        if let format = Self.laterFormat(of: document) {
            let text =
                "needs newer software: this program reads format \(Self.format), the file is of format \(format)"
            throw PolicyError(file: file, faults: [PolicyFault("format", text)])
        }
        let shape = Self.schema.faults(in: document)
        guard shape.isEmpty else { throw PolicyError(file: file, faults: shape) }
        let unread = Self.expressionFaults(in: document, dictionary: dictionary, codes: codes)
        guard unread.isEmpty else { throw PolicyError(file: file, faults: unread) }
        let policy: Policy
        do { policy = try Self(trusted: bytes) } catch {
            throw PolicyError(file: file, faults: [error])
        }
        var checks = PolicyChecks(policy, dictionary: dictionary, codes: codes)
        checks.run()
        guard checks.faults.isEmpty else { throw PolicyError(file: file, faults: checks.faults) }
        self = policy
    }

    /// Reads a file that is known to be sound: it was compiled into the program, and a test checks it.
    ///
    /// - Parameter rulesOnly: whether ``papers`` and ``messages`` are left out.
    init(trusted bytes: [UInt8], rulesOnly: Bool = false) throws(PolicyFault) {
        let decoder = JSONDecoder()
        if rulesOnly { decoder.userInfo[.rulesOnly] = true }
        do { self = try decoder.decode(Policy.self, from: Data(bytes)) } catch let error as DecodingError {
            throw PolicyFault(error)
        } catch {
            throw PolicyFault("", "\(error)")
        }
    }

    /// The format of policy files that this program reads.
    package static let format = 2

    /// The format of a file that a later program wrote; nil for any other file.
    private static func laterFormat(of document: JSON) -> String? {
        guard case .number(let format)? = document.members?["format"], format > Decimal(Self.format) else {
            return nil
        }
        return "\(format)"
    }

    /// The published schema of policy files.
    package static let schema = shipped("policy.schema.json") {
        try JSONSchema(JSON(parsing: PackageResources.policy_schema_json))
    }
}
