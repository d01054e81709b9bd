import Foundation

/// The policies at hand, in all their versions: those that are shipped, and those that central published.
package struct PolicyLibrary: Hashable, Sendable {
    /// By ID, and of one ID the newest first.
    package let policies: [Policy]
    /// Their files as they came; those that were published are minified.
    private let files: [PolicyName: [UInt8]]

    /// Versions by which no new case goes.
    package let withdrawn: Set<PolicyName>

    /// The policies that are shipped. More come as files from central: none needs new code.
    package static let standard = PolicyLibrary(shippedFiles.map { (shippedPolicy($0), $0.bytes) })

    /// The files that are compiled into the program. A test reads each of them with every check.
    package static let shippedFiles: [(name: String, bytes: [UInt8])] = [
        ("gx-yongfu.json", PackageResources.gx_yongfu_json),
        ("hl-fuyuan.json", PackageResources.hl_fuyuan_json),
        ("gx.json", PackageResources.gx_json),
        ("ah.json", PackageResources.ah_json),
        ("gx-liuzhou.json", PackageResources.gx_liuzhou_json),
    ]

    /// The rules of one of the shipped policies, without what is printed, and without reading the others.
    package static func rules(_ id: String) -> Policy? {
        shippedFiles.first { $0.name == "\(id).json" }.map { file in
            Casework.shipped(file.name) { try Policy(trusted: file.bytes, rulesOnly: true) }
        }
    }

    private static func shippedPolicy(_ file: (name: String, bytes: [UInt8])) -> Policy {
        Casework.shipped(file.name) { try Policy(trusted: file.bytes) }
    }

    /// Reads policy files, and checks all of each. Two files may not hold the same version of one policy.
    package init(files: [(name: String, bytes: [UInt8])]) throws(PolicyError) {
        var entries: [(Policy, [UInt8])] = []
        for file in files {
            let policy = try Policy(json: file.bytes, file: file.name)
            guard !entries.contains(where: { $0.0.name == policy.name }) else {
                throw PolicyError(
                    file: file.name, faults: [PolicyFault("version", "\(policy.id) has it twice")])
            }
            entries.append((policy, file.bytes))
        }
        self.init(entries)
    }

    private init(_ entries: [(policy: Policy, file: [UInt8])], withdrawn: Set<PolicyName> = []) {
        self.withdrawn = withdrawn
        policies = entries.map(\.policy).sorted { ($0.id, $1.version) < ($1.id, $0.version) }
        files = Dictionary(
            entries.map { ($0.policy.name, $0.file) }, uniquingKeysWith: { first, _ in first })
    }

    /// These policies and those that central published, as far as they can be used.
    ///
    /// A published policy that cannot be read, is not what it is called, or says something else under a version that is
    /// here already, is left out and reported: nothing that was decided by a version is judged by another text later.
    package func adding(_ published: some Sequence<PublishedPolicy>) -> (
        library: PolicyLibrary, faults: [PolicyError]
    ) {
        var library = self
        var faults: [PolicyError] = []
        for entry in published {
            do throws(PolicyError) { library = try library.adding(entry) } catch { faults.append(error) }
        }
        return (library, faults)
    }

    private func adding(_ entry: PublishedPolicy) throws(PolicyError) -> PolicyLibrary {
        let file = "\(entry.id) version \(entry.version)"
        let policy = try Policy(json: entry.file, file: file)
        guard policy.id == entry.id, policy.version == entry.version else {
            let fault = PolicyFault("id", "the file holds \(policy.id) version \(policy.version)")
            throw PolicyError(file: file, faults: [fault])
        }
        let minified = try Self.minified(entry.file, file: file)
        guard files[policy.name] == nil else {
            guard self.file(of: policy) == minified else {
                let fault = PolicyFault("version", "is here already with another content")
                throw PolicyError(file: file, faults: [fault])
            }
            return self
        }
        return PolicyLibrary(
            policies.map { ($0, files[$0.name] ?? []) } + [(policy, minified)], withdrawn: withdrawn)
    }

    /// The same policies, of which exactly these versions are withdrawn: they are found by version, and by ID no more.
    package func withdrawing(_ names: some Sequence<PolicyName>) -> PolicyLibrary {
        PolicyLibrary(policies.map { ($0, files[$0.name] ?? []) }, withdrawn: Set(names))
    }

    /// The files as they came, in the order of ``policies``.
    var orderedFiles: [[UInt8]] { policies.map { files[$0.name] ?? [] } }

    /// The newest version at hand that is not withdrawn, for a case that is not accepted yet.
    package subscript(id: String) -> Policy? {
        policies.first { $0.id == id && !withdrawn.contains($0.name) }
    }

    /// The version to which an accepted case is pinned.
    package subscript(id: String, version version: Int) -> Policy? {
        policies.first { $0.id == id && $0.version == version }
    }

    /// The file of a policy that is at hand: see ``minified(_:file:)``.
    package func file(of policy: Policy) -> [UInt8] {
        // Whatever is here was read as JSON before.
        (try? Self.minified(files[policy.name] ?? [], file: policy.id)) ?? []
    }

    /// A policy file as it is published and compared: JSON without spaces, its keys in order, so that the same value has
    /// the same bytes.
    package static func minified(_ bytes: [UInt8], file: String) throws(PolicyError) -> [UInt8] {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let minified = try encoder.encode(try JSON(parsing: bytes))
            // As a change holds texts.
            return Array(String(decoding: minified, as: UTF8.self).precomposedStringWithCanonicalMapping.utf8)
        } catch let error as JSONError {
            throw PolicyError(file: file, faults: [PolicyFault("", error.english)])
        } catch {
            throw PolicyError(file: file, faults: [PolicyFault("", "cannot be written as JSON")])
        }
    }

    /// Checks a file that is to be published.
    ///
    /// - Throws: all that is wrong with it.
    package static func publishable(
        _ bytes: [UInt8], file: String
    ) throws(PolicyError) -> (policy: Policy, published: PublishedPolicy) {
        let policy = try Policy(json: bytes, file: file)
        let minified = try minified(bytes, file: file)
        return (policy, PublishedPolicy(id: policy.id, version: policy.version, file: minified))
    }
}
