package import SyncProtocol

/// Pages of materials: added beside all that stands, and taken back one by one.
extension CaseEdit {
    private var pages: FieldGroup? { dictionary.group(named: "attachments") }

    private var standing: [Standing] { pages.flatMap { state.registers[$0.id]?.standing } ?? [] }

    private static func entries(of value: [CBOR]) -> [CBOR] {
        guard case .array(let entries)? = value.first else { return [] }
        return entries
    }

    /// The write that adds pages; none if the case shows them all.
    package func adding(_ added: [CasePage]) -> [GroupID: ChangeContent.Write] {
        let known = Set(standing.flatMap { Self.entries(of: $0.value) })
        let new = added.map(\.cbor).filter { !known.contains($0) }
        guard let pages, !new.isEmpty else { return [:] }
        return [pages.id: ChangeContent.Write(value: [.array(new)], replaces: [])]
    }

    /// The write that takes a file out of a material; what was added together with it stays. None if the case does not show it.
    package func removing(_ hash: [UInt8], from material: String) -> [GroupID: ChangeContent.Write] {
        let isIt = { (entry: CBOR) in
            CasePage(entry).map { $0.hash == hash && $0.material == material } ?? false
        }
        let touched = standing.filter { Self.entries(of: $0.value).contains(where: isIt) }
        guard let pages, !touched.isEmpty else { return [:] }
        let rest = touched.flatMap { Self.entries(of: $0.value) }.filter { !isIt($0) }
        return [
            pages.id: ChangeContent.Write(
                value: [rest.isEmpty ? .null : .array(rest)], replaces: Set(touched.map(\.dot)).sorted())
        ]
    }
}

extension FieldDictionary {
    /// The attachments that writes name, in whatever field: 32 bytes each.
    package func attachments(in writes: [GroupID: ChangeContent.Write]) -> Set<[UInt8]> {
        var found: Set<[UInt8]> = []
        for (id, write) in writes {
            for (field, value) in zip(self[id]?.members ?? [], write.value) {
                field.type.collectHashes(in: value, into: &found)
            }
        }
        return found
    }
}

extension FieldType {
    fileprivate func collectHashes(in value: CBOR, into found: inout Set<[UInt8]>) {
        switch (self, value) {
        case (.hash, .bytes(let bytes)) where bytes.count == 32: found.insert(bytes)
        case (.list(let element), .array(let values)):
            for value in values { element.collectHashes(in: value, into: &found) }
        case (.record(let parts), .array(let values)):
            for (part, value) in zip(parts, values) { part.type.collectHashes(in: value, into: &found) }
        default: break
        }
    }
}
