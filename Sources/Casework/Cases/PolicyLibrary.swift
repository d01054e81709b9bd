/// The policies at hand, in all their versions.
package struct PolicyLibrary: Hashable, Sendable {
    /// By ID, and of one ID the newest first.
    package let policies: [Policy]

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
        for file in files {
            let policy = try Policy(json: file.bytes, file: file.name)
            guard !policies.contains(where: { $0.id == policy.id && $0.version == policy.version }) else {
                throw PolicyError(file: file.name, path: "version", fault: "\(policy.id) has it twice")
            }
            policies.append(policy)
        }
        self.policies = policies.sorted { ($0.id, $1.version) < ($1.id, $0.version) }
    }

    /// The newest version at hand, for a case that is not accepted yet.
    package subscript(id: String) -> Policy? { policies.first { $0.id == id } }

    /// The version to which an accepted case is pinned.
    package subscript(id: String, version version: Int) -> Policy? {
        policies.first { $0.id == id && $0.version == version }
    }
}
