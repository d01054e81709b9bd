import Casework
import Foundation
import Testing

/// `BIRTHWINDOW_WRITE_PAPERS=1` writes the fixtures anew; `BIRTHWINDOW_PAPERS_FOLDER=F` writes all papers into a folder.
private let environment = ProcessInfo.processInfo.environment

/// One small paper per region as it came out, so that a change of any of them is seen before it is printed.
@Suite("Papers, byte for byte")
struct PaperGoldenTests {
    private static let golden: [String: (PaperKind, String)] = [
        "gx-yongfu": (.refusal, "refuse"), "hl-fuyuan": (.correction, "correct"), "gx": (.refusal, "refuse"),
        "ah": (.refusal, "offline"), "gx-liuzhou": (.posting, "accept"),
    ]

    @Test("The page is the one that was looked at", arguments: Fixture.regions)
    func golden(region: String) throws {
        let (kind, outcome) = try #require(Self.golden[region])
        let page = try Fixture.paper(region).html(kind, try .example(region, outcome: outcome))
        let name = "papers/\(region)-\(kind.rawValue).html"
        if environment["BIRTHWINDOW_WRITE_PAPERS"] != nil {
            let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
            try Data(page).write(to: folder.appending(path: name))
        }
        #expect(
            String(decoding: page, as: UTF8.self) == String(decoding: try Fixture.bytes(name), as: UTF8.self))
    }

    @Test(
        "All papers of all regions are written out to be looked at",
        .enabled(if: environment["BIRTHWINDOW_PAPERS_FOLDER"] != nil))
    func write() throws {
        let folder = URL(filePath: try #require(environment["BIRTHWINDOW_PAPERS_FOLDER"]))
        for region in Fixture.regions {
            let papers = try Fixture.paperFile(region).papers
            let maker = try Fixture.paper(region)
            for paper in papers {
                let content = try PaperContent.example(region, outcome: paper.outcome ?? "accept")
                let page = try maker.html(paper.kind, content, standsAlone: true)
                let name = [region, paper.kind.rawValue, paper.outcome].compactMap { $0 }.joined(
                    separator: "-")
                try Data(page).write(to: folder.appending(path: name + ".html"))
                var empty = content
                empty.answers = Answers()
                try Data(maker.html(paper.kind, empty, standsAlone: true))
                    .write(to: folder.appending(path: name + "-empty.html"))
            }
        }
    }
}
