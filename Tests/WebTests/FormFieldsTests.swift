import Testing
import Web

@Suite("Forms that browsers send")
struct FormFieldsTests {
    private func urlencoded(_ text: String) throws -> FormFields {
        try FormFields(
            Request(
                .post, "/", headers: ["Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"],
                body: Array(text.utf8)))
    }

    @Test("Fields come in order, with repeats, decoded, and with one kind of line end")
    func fields() throws {
        let form = try urlencoded("a=%E9%9F%A6+%26&items=x&items=y&b=1%0D%0A2&c&=d")
        #expect(form.fields.map(\.name) == ["a", "items", "items", "b", "c", ""])
        #expect(
            form["a"] == "韦 &" && form.all("items") == ["x", "y"] && form["b"] == "1\n2" && form["c"] == "")
        #expect(form["none"] == nil && form.names == ["a", "items", "b", "c", ""])
    }

    @Test(
        "What is no form is refused: another type, bad encoding, control characters",
        arguments: ["a=%", "a=%GG", "a=%FF", "a=%00", "a=%1B", "%7F=1"])
    func malformed(text: String) {
        #expect(throws: Problem.self) { try urlencoded(text) }
        #expect(throws: Problem.self) {
            try FormFields(
                Request(.post, "/", headers: ["Content-Type": "text/plain"], body: Array("a=1".utf8)))
        }
    }

    @Test("A form beyond its limits is refused, and one at them is not")
    func limits() throws {
        let many = Array(repeating: "a=1", count: FormFields.countMax).joined(separator: "&")
        #expect(try urlencoded(many).fields.count == FormFields.countMax)
        #expect(throws: Problem.self) { try urlencoded(many + "&a=1") }
        let long = "a=" + String(repeating: "x", count: FormFields.bytesMax - 2)
        #expect(try urlencoded(long)["a"]?.utf8.count == FormFields.bytesMax - 2)
        #expect(throws: Problem.self) { try urlencoded(long + "x") }
    }

    private static let boundary = "----WebKitFormBoundary7MA4YWxkTrZu0gW"

    private func multipart(_ body: String, boundary: String = boundary) throws -> MultipartForm {
        try MultipartForm(
            Request(
                .post, "/", headers: ["Content-Type": "multipart/form-data; boundary=\(boundary)"],
                body: Array(body.utf8)))
    }

    private func part(_ head: String, _ content: String) -> String {
        "--\(Self.boundary)\r\n\(head)\r\n\r\n\(content)\r\n"
    }

    @Test("Files and fields come apart byte for byte, also with line ends and marks inside")
    func parts() throws {
        let content = "\r\n--\r\n------WebKitForm\r\n\u{0}"
        let form = try multipart(
            part("Content-Disposition: form-data; name=\"material\"", "YF-M02a")
                + part(
                    "content-disposition: form-data; name=\"file\"; filename=\"a;b%22.jpg\"\r\nContent-Type: image/JPEG; x=1",
                    content)
                + part(
                    "Content-Disposition: form-data; name=\"none\"; filename=\"\"\r\nContent-Type: application/octet-stream",
                    "")
                + "--\(Self.boundary)--\r\n")
        #expect(form.fields["material"] == "YF-M02a" && form.files.count == 1)
        let file = try #require(form.files.first)
        #expect(
            file.fileName == "a;b%22.jpg" && file.type == "image/jpeg" && file.bytes == Array(content.utf8))
    }

    @Test("Forms that are cut anywhere are refused, never read past their end, and never half taken")
    func cut() throws {
        let whole =
            part("Content-Disposition: form-data; name=\"a\"; filename=\"f\"", "content")
            + "--\(Self.boundary)--"
        for count in 0..<whole.utf8.count - 1 {
            let cut = String(decoding: whole.utf8.prefix(count), as: UTF8.self)
            #expect(throws: Problem.self, "\(count)") { try multipart(cut) }
        }
        #expect(try multipart(whole).files.count == 1)
    }

    @Test("Too many parts, a head without end, a boundary without length are refused")
    func limitsOfParts() {
        let one = part("Content-Disposition: form-data; name=\"a\"", "1")
        let end = "--\(Self.boundary)--"
        #expect(throws: Never.self) {
            try multipart(String(repeating: one, count: MultipartForm.countMax) + end)
        }
        #expect(throws: Problem.self) {
            try multipart(String(repeating: one, count: MultipartForm.countMax + 1) + end)
        }
        let head = "X: " + String(repeating: "x", count: MultipartForm.headBytesMax)
        #expect(throws: Problem.self) {
            try multipart(part(head + "\r\nContent-Disposition: form-data; name=\"a\"", "1") + end)
        }
        #expect(throws: Problem.self) { try multipart("--\r\n", boundary: "") }
        #expect(throws: Problem.self) { try multipart("--\r\n", boundary: String(repeating: "b", count: 71)) }
    }

    @Test("A cookie is read by its name; one that came twice is nobody's")
    func cookies() {
        let request = Request(
            .get, "/", headers: ["Cookie": "a=1; session=abc-_; xsession=2", "cookie": "b=3"])
        #expect(
            request.cookie("session") == "abc-_" && request.cookie("b") == "3"
                && request.cookie("ession") == nil)
        #expect(Request(.get, "/", headers: ["Cookie": "a=1; a=2"]).cookie("a") == nil)
        var response = Response(status: 204)
        response.setCookie("session", "x", isSecure: true, maxAge: 0)
        #expect(
            response.headers["Set-Cookie"]
                == "session=x; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0")
    }
}
