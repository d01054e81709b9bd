import Casework
import Foundation
import Testing

@Suite("The example cases")
struct CheckCasesTests {
    @Test(
        "Every example case, and every further one, gets exactly the expected answer",
        arguments: Fixture.births + Fixture.furtherBirths)
    func expected(number: String) throws {
        let bytes = try Fixture.bytes("cases/\(number).json")
        let whole = try #require(try JSON(parsing: bytes).members)
        let expect = try #require(whole["expect"]?.members)
        let file = try CheckFile(bytes) { PolicyLibrary.standard[$0] }
        let answer = try #require(CheckAnswer(file, calendar: .standard).json.members)
        #expect(Set(answer.keys) == Set(expect.keys))
        for (key, value) in expect { #expect(answer[key] == value, "\(number) \(key)") }
    }

    @Test(
        "An example case that is accepted has every answer that its form requires", arguments: Fixture.births)
    func complete(number: String) throws {
        let file = try CheckFile(try Fixture.bytes("cases/\(number).json")) { PolicyLibrary.standard[$0] }
        let evaluation = CheckAnswer(file, calendar: .standard).shown
        guard evaluation.decision == .accept else { return }
        #expect(evaluation.unanswered == [], "\(number)")
    }
}
