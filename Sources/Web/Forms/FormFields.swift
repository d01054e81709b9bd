/// The fields of a form that a browser has sent (`application/x-www-form-urlencoded`, URL Standard 5.1): in order, repeats kept.
package struct FormFields: Hashable, Sendable {
    /// One field as it was sent.
    package struct Field: Hashable, Sendable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Bytes of one form, as sent.
    package static let bytesMax = 256 << 10
    /// Fields of one form.
    package static let countMax = 2000

    package let fields: [Field]

    package init(_ fields: [Field]) { self.fields = fields }

    /// - Throws: a problem of status 415, 413 or 400, for another type, too much, or what cannot be decoded.
    package init(_ request: Request) throws(Problem) {
        let type =
            request.headers["Content-Type"]?.split(separator: ";").first.map { String($0).trimmed } ?? ""
        guard type.lowercased() == "application/x-www-form-urlencoded" else {
            throw Problem(status: 415, title: "不是表单", remedy: "请从页面上提交。")
        }
        try self.init(body: request.body)
    }

    /// - Throws: as above, for bytes whose type is known.
    package init(body: [UInt8]) throws(Problem) {
        guard body.count <= Self.bytesMax else {
            throw Problem(status: 413, title: "表单内容过多", remedy: "请分几次填写并保存。")
        }
        var fields: [Field] = []
        for pair in body.split(separator: UInt8(ascii: "&")) {
            guard fields.count < Self.countMax else {
                throw Problem(status: 413, title: "表单内容过多", remedy: "请分几次填写并保存。")
            }
            let sides = pair.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(sides[0]), let value = Self.decoded(sides.count > 1 ? sides[1] : [])
            else {
                throw Problem(status: 400, title: "表单内容无法读取", remedy: "请刷新页面后再提交。")
            }
            fields.append(Field(name, value))
        }
        self.fields = fields
    }

    /// Lines may stand in a value; every line end becomes one line feed.
    private static func decoded(_ bytes: ArraySlice<UInt8>) -> String? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        return PercentCoding.decode(text, plusIsSpace: true, allowsLines: true)
    }

    /// The first value of a name; nil if the form has no such field.
    package subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    /// All values of a name, in order.
    package func all(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

    /// The distinct names, in order.
    package var names: [String] {
        var seen: Set<String> = []
        return fields.map(\.name).filter { seen.insert($0).inserted }
    }
}

extension String {
    /// Without spaces and tabs around it.
    var trimmed: String {
        var rest = self[...]
        while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return String(rest)
    }
}
