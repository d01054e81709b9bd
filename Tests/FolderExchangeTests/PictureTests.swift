import Casework
import Foundation
import Testing

@testable import FolderExchange

@Suite("Pictures of papers beside the tasks")
struct PictureTests {
    private let place: Place

    init() throws { place = try Place() }

    @Test(
        "A picture is there by its hash when the task file names it; a department that does not want them gets none"
    )
    func beside() async throws {
        defer { place.clear() }
        let hash = place.central.addShowing([1, 2, 3])
        let report = try await place.exchange(hasPapers: true).round()
        #expect(report.tasks == 1 && report.papers == 1 && report.lackingPapers == 0)
        #expect(try place.names("papers") == ["\(hash).jpg"])
        #expect(try place.text("out", place.names("out")[0]).contains("papers/\(hash).jpg"))
        #expect(try place.takeOut() == [1])
        place.central.addShowing([4])
        #expect(try await place.exchange().round().papers == 0)
        #expect(try place.names("papers").count == 1)
        #expect(try !place.text("out", place.names("out")[0]).contains("papers/"))
    }

    @Test(
        "What the window has not delivered comes later under the name that was told, and keeps no task back")
    func later() async throws {
        defer { place.clear() }
        let hash = place.central.addShowing([7], isHere: false)
        let first = try await place.exchange(hasPapers: true).round()
        #expect(first.tasks == 1 && first.lackingPapers == 1 && first.papers == 0)
        #expect(try place.text("out", place.names("out")[0]).contains("papers/\(hash).jpg"))
        #expect(try await place.exchange(hasPapers: true).round().lackingPapers == 1)
        place.central.deliver([7])
        // It was asked for just now.
        #expect(try await place.exchange(hasPapers: true).round().papers == 0)
        let pause = FolderExchange.wantedPauseMilliseconds
        #expect(try await place.exchange(hasPapers: true, ahead: pause).round().papers == 1)
        #expect(try place.names("papers") == ["\(hash).jpg"])
        #expect(try await place.exchange(hasPapers: true, ahead: 2 * pause).round().papers == 0)
    }

    @Test("What is wanted is asked for in turn, a bounded number at a time, and given up in the end")
    func bounded() async throws {
        defer { place.clear() }
        let count = FolderExchange.wantedPerRoundMax + 20
        for number in 0..<count { place.central.addShowing(Array("\(number)".utf8), isHere: false) }
        _ = try await place.exchange(hasPapers: true).round()
        let asked = Asked()
        let (pause, end) = (FolderExchange.wantedPauseMilliseconds, FolderExchange.wantedMilliseconds)
        for round in UInt64(1)...2 {
            _ = try await place.exchange(hasPapers: true, ahead: round * pause, asked: asked).round()
        }
        #expect(asked.count == 2 * FolderExchange.wantedPerRoundMax && asked.distinct == count)
        for round in UInt64(0)...1 {
            _ = try await place.exchange(hasPapers: true, ahead: end + round * pause).round()
        }
        #expect(try place.names(".state").filter { $0.hasPrefix(Picture.wanted) }.isEmpty)
    }

    @Test(
        "Bytes that are not what their name says are not handed on; a hash that could be a path is no answer")
    func wrong() async throws {
        defer { place.clear() }
        let hash = place.central.addShowing([9], isHere: false)
        place.central.deliver([8], as: hash)
        #expect(try await place.exchange(hasPapers: true).round().lackingPapers == 1)
        #expect(try place.names("papers").isEmpty)
        let page: JSON = .object(["hash": .text("../../x"), "mediaType": .text("image/jpeg")])
        place.central.add(["papers": .list([.object(["pages": .list([page])])])])
        await #expect(throws: FolderError.answer) { try await place.exchange(hasPapers: true).round() }
    }

    @Test("A table names the files in a column that is read over when it comes back, however many they are")
    func table() throws {
        let pages = (0..<80).map { number -> JSON in
            let digits = String(number, radix: 16)
            let hash = String(repeating: "0", count: 64 - digits.count) + digits
            return .object(["hash": .text(hash), "mediaType": .text("image/png")])
        }
        place.central.add(["papers": .list([.object(["name": .text("证"), "pages": .list(pages)])])])
        let tasks = (place.central.page(nil).members?["tasks"]).entries
        let file = TaskFile(department: "police", cursor: "ab-1", tasks: tasks)
        var table = try CSV.read(
            try file.bytes(FolderStyle(.csv, coding: .gb18030, hasPapers: true)), .gb18030)
        let column = try #require(table[0].firstIndex(of: "材料图片[files]"))
        #expect(table[1][column].hasPrefix(String(repeating: "0", count: 64) + ".png；"))
        #expect(table[1][column].hasSuffix("；…"))
        let outcome = try #require(table[0].firstIndex(of: "outcome"))
        table[1][outcome] = "办结"
        table[1][outcome + 1] = "2026-09-03"
        #expect(try ResultFile(CSV.write(table), .csv).rows.first?.result != nil)
    }
}
