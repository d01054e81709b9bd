import Casework
import Cryptography
import Foundation
import SyncProtocol
import WindowAgent

/// A window's directory with many cases, each saved as a clerk saves it: change, cache, outbox, sealed. Made once and kept beside the build.
struct WorkListStore {
    /// What a clerk knows of some of the cases, by which they are looked for.
    struct Known: Codable {
        var name, initials, identity, phone, number, certificate: String
    }

    let directory: AgentDirectory
    let known: [Known]

    /// Cases of which something is remembered, all over the years.
    private static let knownCount = 200
    /// One in so many was accepted and waits for departments: what is at hand among the cases of years.
    private static let acceptedEvery = 25

    /// - Parameter path: where it is, or is made.
    init(path: String, cases: Int) async throws {
        directory = AgentDirectory(path: path)
        let remembered = URL(filePath: path).appending(path: "known-\(cases).json")
        if let bytes = try? Data(contentsOf: remembered) {  // without it the store is not whole
            known = try JSONDecoder().decode([Known].self, from: bytes)
            return
        }
        try? FileManager.default.removeItem(atPath: path)  // nothing there is well
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        known = try await Self.fill(directory, cases: cases)
        try JSONEncoder().encode(known).write(to: remembered)
    }

    private static func fill(_ directory: AgentDirectory, cases: Int) async throws -> [Known] {
        // Without the tokens by which the same child is found: no list reads them, and made-up births are all of one day.
        let desk = try await Desk(path: directory.database, seed: 11, sealKey: directory.storeKey().database)
        var known: [Known] = []
        for place in 0..<cases {
            let certificate = "T45" + String(10_000_000 + place).dropFirst()
            let (id, answers, number) = try await desk.register(["birthCertNo": .text(certificate)])
            if place % acceptedEvery == 0 { try await desk.accept(id) }
            if place % max(1, cases / knownCount) == 0 {
                known.append(Self.known(answers, number: number, certificate: certificate))
            }
        }
        return known
    }

    private static func known(_ answers: Answers, number: String, certificate: String) -> Known {
        let words = SearchText(answers).text.split(separator: "\n").map(String.init)
        return Known(
            name: answers.text("childName") ?? "", initials: words.count > 1 ? words[1] : "",
            identity: answers.text("motherIdNo") ?? "", phone: answers.text("motherPhone") ?? "",
            number: number,
            certificate: certificate)
    }
}
