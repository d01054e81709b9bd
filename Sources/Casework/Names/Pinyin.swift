import Foundation

/// How names are read aloud: Chinese characters to pinyin, without tones and with v for ü, as it is typed.
///
/// The table (`Pinyin.txt`, made by `pinyin.py` from Unihan) holds the 20,992 characters of the first Unicode block and the rest of
/// the General Standard list. Surnames with readings of their own (曾 zeng, 单 shan, 仇 qiu, 解 xie, 区 ou) are read so at the beginning
/// of a name, and nowhere else.
package struct Pinyin: Sendable {
    /// The table that is shipped with the program.
    package static let standard = shipped("Pinyin.txt") { try Pinyin(PackageResources.Pinyin_txt) }

    /// Characters of a name that are read; what comes behind is left out.
    package static let nameLongest = 50

    /// Character to its readings, the customary one first.
    private let readings: [Character: [String]]
    /// A surname of one or two characters to its reading.
    private let surnames: [String: String]
    /// The longest surname in characters.
    private static let surnameLongest = 2

    /// - Throws: for a line that is none of the table's.
    init(_ bytes: [UInt8]) throws(DictionaryError) {
        var readings: [Character: [String]] = [:]
        readings.reserveCapacity(21_000)
        var surnames: [String: String] = [:]
        var isSurname = false
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: " ")
            guard let first = parts.first, parts.count <= 2 else {
                throw DictionaryError("a line of \(parts.count) parts")
            }
            if parts.count == 1 {
                isSurname = first == "surnames"
            } else if isSurname {
                surnames[String(parts[1])] = String(first)
            } else {
                for character in parts[1] { readings[character, default: []].append(String(first)) }
            }
        }
        (self.readings, self.surnames) = (readings, surnames)
    }

    /// All readings of a character, the customary one first; none for what is no Chinese character.
    package func readings(of character: Character) -> [String] { readings[character] ?? [] }

    /// A name as it is read: one syllable for each character, a surname first. What is no Chinese character stands for itself, in lower case.
    package func syllables(ofName name: String) -> [String] {
        let characters = Array(name.prefix(Self.nameLongest))
        let surname = surname(of: characters)
        return surname.syllables + characters.dropFirst(surname.count).map(syllable)
    }

    /// The first letters of the syllables of a name: 王小明 is `wxm`.
    package func initials(ofName name: String) -> String {
        String(syllables(ofName: name).compactMap(\.first))
    }

    /// Whether two names have as many characters and each of them may be read as the one in its place. A surname may be read as such or as
    /// usual.
    ///
    /// - Parameter folding: what is done to a syllable before it is compared.
    package func soundsAlike(
        _ left: String, _ right: String, folding: (String) -> String = { $0 }
    ) -> Bool {
        let (left, right) = (candidates(left), candidates(right))
        guard left.count == right.count, !left.isEmpty else { return false }
        return zip(left, right).allSatisfy { one, other in
            !Set(one.map(folding)).isDisjoint(with: other.map(folding))
        }
    }

    /// For each character all that it may be read as.
    private func candidates(_ name: String) -> [[String]] {
        let characters = Array(name.prefix(Self.nameLongest))
        let surname = surname(of: characters)
        var candidates = characters.map { character in
            let known = readings(of: character)
            return known.isEmpty ? [syllable(character)] : known
        }
        if surname.syllables.count == surname.count {
            for (place, syllable) in surname.syllables.enumerated() { candidates[place].append(syllable) }
        }
        return candidates
    }

    private func syllable(_ character: Character) -> String {
        readings(of: character).first ?? character.lowercased()
    }

    /// The surname at the beginning, if it is read in its own way: how many characters it has, and their reading.
    private func surname(of characters: [Character]) -> (count: Int, syllables: [String]) {
        for count in stride(from: Self.surnameLongest, through: 1, by: -1) where characters.count > count {
            let word = String(characters.prefix(count))
            guard let reading = surnames[word] else { continue }
            return (count, Self.split(reading, count))
        }
        return (0, [])
    }

    /// A surname of two characters is written as one word; its syllables are told apart where a consonant begins the second.
    private static func split(_ reading: String, _ count: Int) -> [String] {
        guard count > 1 else { return [reading] }
        let parts = reading.split(separator: "'").map(String.init)
        return parts.count == count ? parts : [reading]
    }
}

/// Syllables as they are mixed up where no difference is heard: zh and z, ch and c, sh and s, n and l, and a final -ng and -n.
package func foldedSyllable(_ syllable: String) -> String {
    var folded = syllable
    for (long, short) in [("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l")] where folded.hasPrefix(long) {
        folded = short + folded.dropFirst(long.count)
        break
    }
    if folded.hasSuffix("ng") { folded.removeLast() }
    return folded
}
