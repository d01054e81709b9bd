package import SyncProtocol

/// A page of a material that was photographed or scanned: an entry of the group `attachments`.
package struct CasePage: Hashable, Sendable {
    /// Pages that one case shows at most.
    package static let perCaseMax = 200

    /// The SHA-256 of the file, 32 bytes: its name.
    package let hash: [UInt8]
    package let format: PageFormat
    /// Bytes of the file.
    package let byteCount: Int
    /// The material's code in the policy.
    package let material: String
    /// The page's name in the policy; empty where the material has none.
    package let part: String

    package init(hash: [UInt8], format: PageFormat, byteCount: Int, material: String, part: String) {
        (self.hash, self.format, self.byteCount) = (hash, format, byteCount)
        (self.material, self.part) = (material, part)
    }

    /// As a change holds it.
    package var cbor: CBOR {
        .array([
            .bytes(hash), .text(format.mediaType), .unsigned(UInt64(byteCount)), .text(material),
            part.isEmpty ? .null : .text(part),
        ])
    }

    /// Nil for an entry that another version wrote in a way that this one does not know.
    package init?(_ cbor: CBOR) {
        guard case .array(let parts) = cbor, parts.count >= 4, case .bytes(let hash) = parts[0],
            hash.count == 32, case .text(let type) = parts[1], let format = PageFormat(mediaType: type),
            case .unsigned(let count) = parts[2], let byteCount = Int(exactly: count),
            case .text(let material) = parts[3]
        else { return nil }
        let part = if parts.count > 4, case .text(let name) = parts[4] { name } else { "" }
        self.init(hash: hash, format: format, byteCount: byteCount, material: material, part: part)
    }

    /// The pages that a case shows, in the order in which they were added.
    package static func all(of answers: Answers) -> [CasePage] {
        guard case .array(let entries)? = answers["attachments"] else { return [] }
        return entries.compactMap { CasePage($0) }
    }
}

/// What kind of file a page is: its first bytes decide, whatever it is called.
package enum PageFormat: String, Hashable, Sendable, CaseIterable {
    case jpg, png, pdf

    package var mediaType: String {
        switch self {
        case .jpg: "image/jpeg"
        case .png: "image/png"
        case .pdf: "application/pdf"
        }
    }

    /// Bytes that decide.
    package static let magicByteCount = 8

    private var magic: [UInt8] {
        switch self {
        case .jpg: [0xFF, 0xD8, 0xFF]
        case .png: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        case .pdf: Array("%PDF-".utf8)
        }
    }

    /// Nil for any other kind of file.
    package init?(beginning bytes: some Collection<UInt8>) {
        guard let format = Self.allCases.first(where: { bytes.starts(with: $0.magic) }) else { return nil }
        self = format
    }

    init?(mediaType: String) {
        guard let format = Self.allCases.first(where: { $0.mediaType == mediaType }) else { return nil }
        self = format
    }
}

extension Policy.Material {
    /// The pages that a word names: a page's name, its number from 1, or `all` for a file that holds them all. Without a word
    /// the only page. Nil if there is no such page, or several.
    package func parts(named word: String?) -> [String]? {
        guard let word else { return parts.count > 1 ? nil : [parts.first ?? ""] }
        if word == "all" { return parts.isEmpty ? [""] : parts }
        if parts.contains(word) { return [word] }
        guard let number = Int(word), parts.indices.contains(number - 1) else { return nil }
        return [parts[number - 1]]
    }
}
