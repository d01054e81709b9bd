import Foundation
import SyncProtocol

/// By what a clerk finds a case: names with their pinyin, numbers of documents, phones, the case's and the certificate's number.
///
/// It is personal data: it lies only where summaries do, and is never sent.
package struct SearchText: Hashable, Sendable {
    /// The words, each behind a line feed, in small letters; UTF-8.
    package let bytes: [UInt8]

    /// Nothing is found by it.
    package static let empty = SearchText(bytes: [])

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// As ``text`` writes it.
    package init(_ text: String) { bytes = Array(text.utf8) }

    package init(_ answers: Answers, pinyin: Pinyin = .standard) {
        var words: [String] = []
        for name in Self.names.compactMap(answers.text) {
            let syllables = pinyin.syllables(ofName: name)
            words += [name, String(syllables.compactMap(\.first)), syllables.joined()]
        }
        words += Self.numbers.compactMap(answers.text)
        let text = words.map { SearchTerms.folded($0) }.filter { !$0.isEmpty }.map { "\n" + $0 }.joined()
        bytes = Array(text.utf8.prefix(Self.bytesMax))
    }

    /// The same as text, to be kept.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Bytes of one case: what is longer is cut.
    package static let bytesMax = 1024

    private static let names = ["childName", "motherName", "fatherName"]
    private static let numbers = [
        "caseNumber", "birthCertNo", "motherIdNo", "fatherIdNo", "childIdNo", "motherPhone", "fatherPhone",
        "inpatientNo",
    ]
}

/// What a clerk types to find a case: words that must all be found, each anywhere in a name or number; of letters alone, at the beginning of a
/// name's pinyin or of its initials.
package struct SearchTerms: Hashable, Sendable {
    private let needles: [[UInt8]]

    /// Characters that are looked at.
    package static let countMax = 100
    /// Words that are looked at.
    package static let termsMax = 6

    package init(_ typed: String) {
        let words = Self.folded(String(typed.prefix(Self.countMax))).split(separator: " ").prefix(
            Self.termsMax)
        needles = words.map { word in
            let isLetters = word.utf8.allSatisfy { 0x61...0x7A ~= $0 }
            return Array((isLetters ? "\n" + word : String(word)).utf8)
        }
    }

    /// Nothing was typed: everything is found.
    package var isEmpty: Bool { needles.isEmpty }

    package func find(_ text: SearchText) -> Bool {
        needles.allSatisfy { Self.holds($0, in: text.bytes) }
    }

    /// Small letters, narrow signs, and one blank for any run of them.
    static func folded(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0xFF01...0xFF5E: result.append(Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar)
            case _ where scalar.properties.isWhitespace || scalar.properties.generalCategory == .control:
                if result.last != " " { result.append(" ") }
            default: result.append(scalar)
            }
        }
        return String(result).lowercased().trimmingCharacters(in: .whitespaces)
    }

    /// Looks for the last byte and compares backwards: the first bytes of Chinese characters are the same in all of them.
    private static func holds(_ needle: [UInt8], in text: [UInt8]) -> Bool {
        guard let last = needle.last else { return true }
        var end = needle.count - 1
        return unsafe text.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return false }
            while end < bytes.count {
                guard let hit = unsafe memchr(base + end, Int32(last), bytes.count - end) else {
                    return false
                }
                let place = unsafe hit - UnsafeMutableRawPointer(mutating: base)
                var back = 1
                while back < needle.count, place >= back,
                    unsafe bytes[place - back] == needle[needle.count - 1 - back]
                { back += 1 }
                if back == needle.count { return true }
                end = place + 1
            }
            return false
        }
    }
}
