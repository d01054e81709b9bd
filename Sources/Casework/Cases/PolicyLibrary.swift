import Foundation

/// The policies at hand, in all their versions: those that are shipped, and those that central published.
package struct PolicyLibrary: Hashable, Sendable {
    /// By ID, and of one ID the newest first.
    package let policies: [Policy]
    /// Their files without what only people need: see ``minified(_:file:)``.
    private let files: [Name: [UInt8]]

    /// Bytes of a policy file as it is published: with the names beside it, it fits one change's body (64 KiB).
    package static let fileBytesMax = 60_000
    /// Bytes of a policy file as a person writes it.
    package static let sourceBytesMax = 256 * 1024
    /// Nesting of a policy file.
    static let depthMax = 32

    /// A version of a policy, which never changes once it is published.
    private struct Name: Hashable {
        let id: String
        let version: Int

        init(_ policy: Policy) { (id, version) = (policy.id, policy.version) }
    }

    /// The policies that are shipped. More come as files from central: none needs new code.
    package static let standard = shipped("Policies") {
        try PolicyLibrary(files: [
            ("gx-yongfu.json", PackageResources.gx_yongfu_json),
            ("hl-fuyuan.json", PackageResources.hl_fuyuan_json),
            ("gx.json", PackageResources.gx_json),
            ("ah.json", PackageResources.ah_json),
            ("gx-liuzhou.json", PackageResources.gx_liuzhou_json),
        ])
    }

    /// Reads policy files. Two files may not hold the same version of one policy.
    package init(files: [(name: String, bytes: [UInt8])]) throws(PolicyError) {
        var policies: [Policy] = []
        var minified: [Name: [UInt8]] = [:]
        for file in files {
            let policy = try Policy(json: file.bytes, file: file.name)
            guard minified[Name(policy)] == nil else {
                throw PolicyError(file: file.name, path: "version", fault: "\(policy.id) has it twice")
            }
            policies.append(policy)
            minified[Name(policy)] = try Self.minified(file.bytes, file: file.name)
        }
        self.init(policies, minified)
    }

    private init(_ policies: [Policy], _ files: [Name: [UInt8]]) {
        self.policies = policies.sorted { ($0.id, $1.version) < ($1.id, $0.version) }
        self.files = files
    }

    /// These policies and those that central published, as far as they can be used.
    ///
    /// A published policy that cannot be read, is not what it is called, or says something else under a version that is
    /// here already, is left out and reported: nothing that was decided by a version is judged by another text later.
    package func adding(_ published: some Sequence<PublishedPolicy>) -> (
        library: PolicyLibrary, faults: [PolicyError]
    ) {
        var (policies, files) = (policies, files)
        var faults: [PolicyError] = []
        for entry in published {
            let file = "\(entry.id) version \(entry.version)"
            do throws(PolicyError) {
                let policy = try Policy(json: entry.file, file: file)
                guard policy.id == entry.id, policy.version == entry.version else {
                    throw PolicyError(
                        file: file, path: "id", fault: "the file holds \(policy.id) version \(policy.version)"
                    )
                }
                let minified = try Self.minified(entry.file, file: file)
                if let known = files[Name(policy)] {
                    guard known == minified else {
                        throw PolicyError(
                            file: file, path: "version", fault: "is here already with another content")
                    }
                } else {
                    policies.append(policy)
                    files[Name(policy)] = minified
                }
            } catch {
                faults.append(error)
            }
        }
        return (PolicyLibrary(policies, files), faults)
    }

    /// The newest version at hand, for a case that is not accepted yet.
    package subscript(id: String) -> Policy? { policies.first { $0.id == id } }

    /// The version to which an accepted case is pinned.
    package subscript(id: String, version version: Int) -> Policy? {
        policies.first { $0.id == id && $0.version == version }
    }

    /// The file of a policy that is at hand: JSON without spaces, its keys in order.
    package func file(of policy: Policy) -> [UInt8] { files[Name(policy)] ?? [] }

    /// A policy file as it is published and compared: the same JSON value has the same bytes.
    package static func minified(_ bytes: [UInt8], file: String) throws(PolicyError) -> [UInt8] {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let minified = try encoder.encode(try JSON(parsing: bytes, depthMax: depthMax))
            // As a change holds texts.
            return Array(String(decoding: minified, as: UTF8.self).precomposedStringWithCanonicalMapping.utf8)
        } catch let error as JSONError {
            throw PolicyError(
                file: file, path: "", fault: "line \(error.line), column \(error.column): \(error.reason)")
        } catch {
            throw PolicyError(file: file, path: "", fault: "cannot be written as JSON")
        }
    }

    /// Checks a file that is to be published.
    ///
    /// - Throws: what is wrong with it, also if it is larger than ``fileBytesMax`` when minified.
    package static func publishable(
        _ bytes: [UInt8], file: String
    ) throws(PolicyError) -> (policy: Policy, published: PublishedPolicy) {
        guard bytes.count <= sourceBytesMax else {
            throw PolicyError(file: file, path: "", fault: "larger than \(sourceBytesMax) bytes")
        }
        let minified = try minified(bytes, file: file)
        let policy = try Policy(json: minified, file: file)
        guard minified.count <= fileBytesMax else {
            throw PolicyError(
                file: file, path: "",
                fault: "\(minified.count) bytes without spaces; at most \(fileBytesMax) can be published")
        }
        return (policy, PublishedPolicy(id: policy.id, version: policy.version, file: minified))
    }
}
