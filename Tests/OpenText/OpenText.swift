import Foundation

/// Looks through files for texts that must not lie open in them, in whatever form a program could have written them.
package struct OpenText: Sendable {
    private let forms: [(text: String, bytes: Data)]

    /// - Parameter texts: names, numbers, phones, addresses; each so long that it is not found by chance.
    package init(_ texts: some Sequence<String>) {
        var forms: [(String, Data)] = []
        for text in Set(texts) {
            precondition(text.utf8.count >= 6, "found by chance: \(text)")
            for bytes in Self.forms(of: text) { forms.append((text, bytes)) }
        }
        self.forms = forms
    }

    /// What was found where, `text in path`; empty if nothing was. Folders are gone through to their ends.
    package func found(in paths: String...) throws -> [String] {
        var found: [String] = []
        for path in paths {
            for file in try Self.files(in: path) {
                // One that a running program has removed meanwhile holds nothing.
                guard let content = try? Data(contentsOf: URL(filePath: file), options: .alwaysMapped) else {
                    continue
                }
                for form in forms {
                    if content.range(of: form.bytes) != nil { found.append("\(form.text) in \(file)") }
                    if file.contains(form.text) { found.append("\(form.text) in the name of \(file)") }
                }
            }
        }
        return Array(Set(found)).sorted()
    }

    /// GB18030, which China's older programs write.
    private static let national = String.Encoding(rawValue: 0x8000_0632)

    /// UTF-8, UTF-16 both ways, GB18030, hexadecimal in both cases, and Base64 at each of its three places.
    private static func forms(of text: String) -> [Data] {
        let plain = [
            Data(text.utf8), text.data(using: .utf16LittleEndian), text.data(using: .utf16BigEndian),
            text.data(using: national),
        ]
        .compactMap { $0 }
        var forms = plain
        for bytes in plain {
            let hexadecimal = bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
            forms += [Data(hexadecimal.utf8), Data(hexadecimal.uppercased().utf8)]
            for shift in 0..<3 {
                // What depends on the bytes before and behind is left away.
                let padded = Data(count: shift) + bytes
                let whole = padded.prefix(padded.count / 3 * 3).base64EncodedString()
                forms.append(Data(whole.dropFirst(shift == 0 ? 0 : 4).utf8))
            }
        }
        return forms
    }

    private static func files(in path: String) throws -> [String] {
        if isFile(path) { return [path] }
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        return try FileManager.default.subpathsOfDirectory(atPath: path).map { path + "/" + $0 }
            .filter(isFile)
    }

    private static func isFile(_ path: String) -> Bool {
        // What is not there is no file.
        let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
        return type == .typeRegular
    }
}
