import Bundles
import Foundation

/// `bundle import FILE|DIR`, of both programs: takes what is for it, in whatever order that is possible.
package struct BundleImport: Sendable {
    let path: String
    let order: BundleImportOrder

    /// What came of a stick.
    struct Outcome: Encodable, Sendable {
        var bundles: [BundleReport] = []
        /// Those for others, and what is no bundle.
        var skipped = 0
        var failures: [Failure] = []
    }

    /// A bundle that was not taken.
    struct Failure: Encodable, Sendable {
        let file: String
        let reason: String
        let status: Int32
    }

    /// - Parameter takesRevoked: whether it may be decided here to take a revoked computer's.
    package static func command<S: Site>(_ site: S.Type, takesRevoked: Bool) -> Command {
        let revoked = """


            --revoked DEVICE --reason TEXT also takes those of DEVICE, a computer whose key was revoked: what it had not sent when \
            that was done. Look with --dry-run first, and ask who had it since. Its changes come as the clerks wrote them; the \
            computer itself is answered nothing.
            """
        return Command(
            "bundle import", "FILE|DIR [--dry-run]\(takesRevoked ? " [--revoked DEVICE --reason TEXT]" : "")",
            "take bundles from a stick",
            discussion: """
                Takes those of DIR that are for this machine, in any order; bundles for others are left where they are. Taking one \
                again is harmless. Nothing is removed from the stick. --dry-run checks signature and seal, and tells what is in it.
                """ + (takesRevoked ? revoked : ""),
            valued: takesRevoked ? ["--revoked", "--reason"] : []
        ) { arguments, console in
            let site = S(&arguments)
            let order = BundleImport(
                path: try arguments.word("the file or directory"),
                order: BundleImportOrder(
                    isDryRun: arguments.flag("--dry-run"), revoked: try decision(&arguments)))
            try arguments.finish()
            let outcome = try await site.withEndpoint { try await order.run($0) }
            try outcome.show(on: console, asJSON: site.isJSON)
            return ExitStatus(rawValue: outcome.failures.first?.status ?? 0) ?? .software
        }
    }

    private static func decision(_ arguments: inout Arguments) throws -> RevokedDecision? {
        switch (arguments.option("--revoked"), arguments.option("--reason")) {
        case (nil, nil): nil
        case (let device?, let reason?): RevokedDecision(device: device, reason: reason)
        default: throw UsageError("--revoked DEVICE and --reason TEXT go together")
        }
    }

    private func run(_ endpoint: Endpoint) async throws -> Outcome {
        let list = try JSONDecoder().decode(
            BundleRoutes.List.self, from: Data(try await endpoint.call(.get, "/api/v1/bundles")))
        var waiting: [String] = []
        var outcome = Outcome()
        let files = try BundleStick.files(at: path)
        for file in files {
            // A single file is handed over whatever it is: who named it wants to know why it is not taken.
            if files.count == 1 && file == path || BundleStick.addressee(of: file) == list.addressee {
                waiting.append(file)
            } else {
                outcome.skipped += 1
            }
        }
        // One that needs another may go after it: rounds, as long as one of them brings something.
        while true {
            let (taken, failed) = try await round(waiting, endpoint)
            outcome.bundles += taken
            waiting = failed.filter { $0.status == ExitStatus.unavailable.rawValue }.map(\.file)
            let isLast = taken.isEmpty || waiting.isEmpty
            outcome.failures += failed.filter { isLast || !waiting.contains($0.file) }
            if isLast { return outcome }
        }
    }

    private func round(_ files: [String], _ endpoint: Endpoint) async throws -> ([BundleReport], [Failure]) {
        var (taken, failed): ([BundleReport], [Failure]) = ([], [])
        for file in files {
            do {
                let answer = try await BundleStick.take(file, order, through: endpoint)
                taken.append(try JSONDecoder().decode(BundleReport.self, from: Data(answer)))
            } catch let error as CommandError {
                failed.append(Failure(file: file, reason: error.description, status: error.status.rawValue))
            }
        }
        return (taken, failed)
    }
}

extension BundleImport.Outcome {
    fileprivate func show(on console: Console, asJSON: Bool) throws {
        if asJSON { return console.print(String(decoding: try JSONEncoder().encode(self), as: UTF8.self)) }
        for bundle in bundles { console.print(bundle.importLine) }
        for failure in failures {
            console.printError("\(fileName(failure.file)) was not taken: \(failure.reason)")
        }
        if skipped > 0 { console.print("\(skipped) for others left where they are") }
        if bundles.isEmpty && failures.isEmpty { console.print("nothing here is for this machine") }
    }
}

extension BundleReport {
    fileprivate var importLine: String {
        var words = ["\(id.prefix(8))", isDryRun == true ? "holds" : "taken:", "\(changes) changes"]
        words.append("made \(Date(timeIntervalSince1970: Double(milliseconds) / 1000).formatted(.iso8601))")
        if photos > 0 { words.append("\(photos) photos") }
        if let confirmed { words.append("confirmed \(confirmed)") }
        if let received { words.append("new \(received)") }
        if let refused, refused > 0 { words.append("REFUSED \(refused)") }
        return words.joined(separator: "  ") + (note.map { "\n  \($0)" } ?? "")
    }
}
