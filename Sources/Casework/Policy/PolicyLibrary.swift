/// The policies at hand, in all their versions.
package struct PolicyLibrary: Hashable, Sendable {
    /// By ID, and of one ID the newest first.
    package let policies: [Policy]

    /// The policies that are shipped. More come as files from central: none needs new code.
    package static let standard = PolicyLibrary(policies: shippedFiles.map { file in shippedPolicy(file) })

    /// The files that are compiled into the program. A test reads each of them with every check.
    package static let shippedFiles: [(name: String, bytes: [UInt8])] = [
        ("gx-yongfu.json", PackageResources.gx_yongfu_json),
        ("hl-fuyuan.json", PackageResources.hl_fuyuan_json),
        ("gx.json", PackageResources.gx_json),
        ("ah.json", PackageResources.ah_json),
        ("gx-liuzhou.json", PackageResources.gx_liuzhou_json),
    ]

    /// One of the shipped policies, without reading the others.
    package static func shipped(_ id: String) -> Policy? {
        shippedFiles.first { $0.name == "\(id).json" }.map(shippedPolicy)
    }

    private static func shippedPolicy(_ file: (name: String, bytes: [UInt8])) -> Policy {
        Casework.shipped(file.name) { try Policy(trusted: file.bytes) }
    }

    /// Reads policy files, and checks all of each. Two files may not hold the same version of one policy.
    package init(files: [(name: String, bytes: [UInt8])]) throws(PolicyError) {
        var policies: [Policy] = []
        for file in files {
            let policy = try Policy(json: file.bytes, file: file.name)
            guard !policies.contains(where: { $0.id == policy.id && $0.version == policy.version }) else {
                throw PolicyError(
                    file: file.name, faults: [PolicyFault("version", "\(policy.id) has it twice")])
            }
            policies.append(policy)
        }
        self.init(policies: policies)
    }

    private init(policies: [Policy]) {
        self.policies = policies.sorted { ($0.id, $1.version) < ($1.id, $0.version) }
    }

    /// The newest version at hand, for a case that is not accepted yet.
    package subscript(id: String) -> Policy? { policies.first { $0.id == id } }

    /// The version to which an accepted case is pinned.
    package subscript(id: String, version version: Int) -> Policy? {
        policies.first { $0.id == id && $0.version == version }
    }
}
