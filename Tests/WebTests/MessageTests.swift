import Foundation
import Testing

@testable import Web

@Suite("Requests, responses and problems")
struct MessageTests {
    @Test("A problem is written as RFC 9457 has it, and read back the same")
    func writesProblem() throws {
        let problem = Problem(
            status: 409, title: "Taken", type: "urn:birthwindow:taken", detail: "Somebody was faster.",
            remedy: "Look again.")
        let response = problem.response
        #expect(response.status == 409)
        #expect(response.headers["content-type"] == "application/problem+json")
        let text = String(decoding: response.body, as: UTF8.self)
        #expect(
            text == #"{"detail":"Somebody was faster.","remedy":"Look again.","status":409,"title":"Taken","#
                + #""type":"urn:birthwindow:taken"}"#)
        #expect(try JSONDecoder().decode(Problem.self, from: Data(response.body)) == problem)
    }

    @Test("Members that say nothing are left out")
    func leavesOut() {
        let text = String(decoding: Problem(status: 404, title: "No").response.body, as: UTF8.self)
        #expect(text == #"{"status":404,"title":"No","type":"about:blank"}"#)
    }

    @Test("Header names are compared without case, repeats are joined, and writing replaces them")
    func comparesNames() {
        var headers: Headers = ["A": "1", "B": "2", "a": "3"]
        #expect(headers["a"] == "1, 3")
        #expect(headers.values(of: "A") == ["1", "3"])
        #expect(headers["c"] == nil)
        headers["A"] = "4"
        #expect(headers.fields.map(\.value) == ["2", "4"])
        headers["b"] = nil
        #expect(headers.fields.map(\.name) == ["A"])
    }

    @Test(
        "A header that could end its line, or whose name is no token, cannot be sent",
        arguments: [
            (["A": "b\r\nC: d"], false), (["A": "b\nc"], false), (["A b": "c"], false), (["": "c"], false),
            (["A\r\nB": "c"], false), (["A": "b\u{0}"], false), (["A-1": "b \t李"], true),
        ] as [(Headers, Bool)])
    func guardsLines(headers: Headers, isSendable: Bool) {
        #expect(headers.isSendable == isSendable)
    }

    @Test("A target is taken apart before it is decoded")
    func decodesTarget() {
        let request = Request(.get, "/a%2Fb/c%20d/?q=%3D%26&q=2&r&%E6%9D%8E=a+b%2B")
        #expect(request.segments == ["a/b", "c d", ""])
        #expect(request.path == "/a/b/c d/")
        #expect(request.query == ["q": "=&", "r": "", "李": "a b+"])
        #expect(Request(.get, "/").segments == [])
    }

    @Test("JSON is the same for equal values, and a page is a page")
    func writesBodies() throws {
        let json = try Response.json(["b": 1, "a": 2], status: 201)
        #expect(json.status == 201 && json.body == Array(#"{"a":2,"b":1}"#.utf8))
        #expect(json.headers["Content-Type"] == "application/json")
        #expect(Response.html("<p>").headers["Content-Type"] == "text/html; charset=utf-8")
        #expect(Response.noContent.status == 204 && Response.noContent.body.isEmpty)
    }
}
