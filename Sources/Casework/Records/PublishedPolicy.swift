import Foundation

/// A policy's file as central published it. It travels in parts, each a value of the group `publishedPolicy`, because a file
/// can be larger than one change.
package struct PublishedPolicy: Hashable, Sendable {
    package let id: String
    package let version: Int
    /// As ``PolicyLibrary/minified(_:file:)`` writes it.
    package let file: [UInt8]

    /// Bytes of one part: with the names beside it, it fits one change's body (64 KiB).
    package static let partBytesMax = 48_000
    /// Parts of one file: more than ``Policy/bytesMax`` needs.
    package static let partsMax = 8

    package init(id: String, version: Int, file: [UInt8]) {
        (self.id, self.version, self.file) = (id, version, file)
    }

    /// The members of the group, part by part.
    package var parts: [[String: JSON]] {
        let texts = Self.split(String(decoding: file, as: UTF8.self))
        return texts.enumerated().map { index, text in
            [
                "publishedPolicyID": .text(id), "publishedPolicyVersion": .number(Decimal(version)),
                "publishedPolicyFile": .text(text), "publishedPolicyPart": .number(Decimal(index + 1)),
                "publishedPolicyParts": .number(Decimal(texts.count)),
            ]
        }
    }

    /// Cuts between two characters that are no space, because a text loses the space at its ends.
    private static func split(_ text: String) -> [String] {
        var (parts, part, bytes) = ([String](), "", 0)
        var last: Character = " "
        for character in text {
            if bytes + 4096 > partBytesMax, !last.isWhitespace, !character.isWhitespace {
                parts.append(part)
                (part, bytes) = ("", 0)
            }
            part.append(character)
            bytes += character.utf8.count
            last = character
        }
        return parts + [part]
    }

    /// The parts of one file as they are found.
    struct Parts {
        private var texts: [Int: String] = [:]
        private var count: Int?

        /// False if something else stands there already, or the numbers make no sense; the first stays.
        mutating func take(_ text: String, part: Int, of count: Int) -> Bool {
            guard 1...PublishedPolicy.partsMax ~= count, 1...count ~= part, self.count ?? count == count,
                texts[part] ?? text == text
            else { return false }
            self.count = count
            texts[part] = text
            return true
        }

        /// The file, once all parts are there.
        var whole: [UInt8]? {
            guard let count, texts.count == count else { return nil }
            return (1...count).flatMap { Array((texts[$0] ?? "").utf8) }
        }
    }
}
