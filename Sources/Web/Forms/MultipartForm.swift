/// A form with files that a browser has sent (`multipart/form-data`, RFC 7578), for who works without script.
package struct MultipartForm: Hashable, Sendable {
    /// One part: a field, or a file.
    package struct Part: Hashable, Sendable {
        package let name: String
        /// As the browser names it; nil for a field. It is never used as a path.
        package let fileName: String?
        /// Lower case, without parameters; `text/plain` if the browser gives none.
        package let type: String
        package let bytes: [UInt8]
    }

    /// Parts of one form.
    package static let countMax = 64
    /// Bytes of the head of one part.
    package static let headBytesMax = 2 << 10
    /// Characters of a boundary (RFC 2046 section 5.1.1).
    static let boundaryCountMax = 70

    package let parts: [Part]

    /// - Throws: a problem of status 415, 413 or 400.
    package init(_ request: Request) throws(Problem) {
        guard let boundary = Self.boundary(in: request.headers["Content-Type"] ?? "") else {
            throw Problem(status: 415, title: "不是带文件的表单", remedy: "请从页面上提交。")
        }
        try self.init(body: request.body, boundary: boundary)
    }

    /// - Throws: as above, for a body whose boundary is known.
    package init(body: [UInt8], boundary: String) throws(Problem) {
        let mark = Array("\r\n--\(boundary)".utf8)
        // The first boundary has no line end before it.
        let text = [13, 10] + body
        var marks = Self.places(of: mark, in: text)[...]
        guard let first = marks.popFirst() else { throw Self.malformed }
        var start = first + mark.count
        var parts: [Part] = []
        while !text[start...].starts(with: Array("--".utf8)) {
            guard parts.count < Self.countMax else {
                throw Problem(status: 413, title: "一次提交的文件过多", remedy: "请分几次提交。")
            }
            guard let end = marks.popFirst() else { throw Self.malformed }
            parts.append(try Self.part(text[start..<end]))
            start = end + mark.count
        }
        self.parts = parts
    }

    /// The fields among the parts; a file is none.
    package var fields: FormFields {
        FormFields(
            parts.compactMap { part in
                guard part.fileName == nil, let text = String(validating: part.bytes, as: UTF8.self) else {
                    return nil
                }
                return FormFields.Field(part.name, text)
            })
    }

    /// The files that were chosen. A browser sends an empty part without a name for an empty choice.
    package var files: [Part] { parts.filter { !($0.fileName ?? "").isEmpty } }

    static func boundary(in contentType: String) -> String? {
        let pieces = contentType.split(separator: ";").map { String($0).trimmed }
        guard pieces.first?.lowercased() == "multipart/form-data" else { return nil }
        guard let piece = pieces.first(where: { $0.lowercased().hasPrefix("boundary=") }) else { return nil }
        let value = unquoted(String(piece.dropFirst("boundary=".count)))
        return (1...boundaryCountMax).contains(value.utf8.count) ? value : nil
    }

    /// A part from behind its boundary to before the next: line end, head, empty line, content.
    private static func part(_ bytes: ArraySlice<UInt8>) throws(Problem) -> Part {
        let rest = bytes.drop { $0 == 32 || $0 == 9 }
        guard rest.starts(with: [13, 10]) else { throw malformed }
        let blank = [UInt8]([13, 10, 13, 10])
        let head = Array(rest.prefix(headBytesMax + blank.count))
        guard let end = places(of: blank, in: head).first else { throw malformed }
        guard let text = String(validating: head[..<end], as: UTF8.self) else { throw malformed }
        var (name, fileName, type) = (nil as String?, nil as String?, "text/plain")
        for line in text.split(separator: "\r\n") {
            let sides = line.split(separator: ":", maxSplits: 1).map { String($0).trimmed }
            guard sides.count == 2 else { throw malformed }
            switch sides[0].lowercased() {
            case "content-disposition": (name, fileName) = try disposition(sides[1])
            case "content-type":
                type = (sides[1].split(separator: ";").first.map { String($0).trimmed } ?? "").lowercased()
            default: break
            }
        }
        guard let name else { throw malformed }
        return Part(
            name: name, fileName: fileName, type: type,
            bytes: Array(rest[(rest.startIndex + end + blank.count)...]))
    }

    /// `form-data; name="a"; filename="b"`. Quotes inside come as `%22` (HTML Living Standard, multipart form data).
    private static func disposition(_ text: String) throws(Problem) -> (name: String?, fileName: String?) {
        var (name, fileName) = (nil as String?, nil as String?)
        var rest = text[...]
        guard rest.lowercased().hasPrefix("form-data") else { throw malformed }
        rest = rest.dropFirst("form-data".count)
        while let semicolon = rest.firstIndex(of: ";") {
            rest = rest[rest.index(after: semicolon)...].drop { $0 == " " }
            guard let equals = rest.firstIndex(of: "=") else { throw malformed }
            let key = rest[..<equals].lowercased()
            rest = rest[rest.index(after: equals)...]
            let value: Substring
            if rest.first == "\"" {
                rest = rest.dropFirst()
                guard let quote = rest.firstIndex(of: "\"") else { throw malformed }
                value = rest[..<quote]
                rest = rest[rest.index(after: quote)...]
            } else {
                value = rest.prefix { $0 != ";" }
                rest = rest.dropFirst(value.count)
            }
            if key == "name" { name = String(value) }
            if key == "filename" { fileName = String(value) }
        }
        return (name, fileName)
    }

    private static func unquoted(_ text: String) -> String {
        text.count >= 2 && text.hasPrefix("\"") && text.hasSuffix("\"")
            ? String(text.dropFirst().dropLast()) : text
    }

    /// Where a pattern begins, ascending and without overlaps. Linear: the pattern's first byte occurs once in it.
    private static func places(of pattern: [UInt8], in bytes: [UInt8]) -> [Int] {
        var places: [Int] = []
        var index = 0
        while index + pattern.count <= bytes.count {
            if bytes[index] == pattern[0], bytes[index..<index + pattern.count].elementsEqual(pattern) {
                places.append(index)
                index += pattern.count
            } else {
                index += 1
            }
        }
        return places
    }

    private static let malformed = Problem(status: 400, title: "提交的文件无法读取", remedy: "请刷新页面后再提交。")
}
