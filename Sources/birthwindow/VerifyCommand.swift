import Commands
import Foundation
import Web
import WindowAgent

extension Command {
    static let verify = Command(
        "resync verify", "[--case ID] [--dry-run]",
        "compare all cases with central's, and mend those that differ",
        discussion: """
            Equal is said after one short round trip. Own changes that central has not shown in the feed yet are sent first \
            and are no difference. It never discards an unconfirmed change, and may be interrupted at any point.
            """,
        valued: ["--case"]
    ) { arguments, console in
        let window = Window(&arguments)
        let order = VerifyOrder(case: arguments.option("--case"), dryRun: arguments.flag("--dry-run"))
        try arguments.finish()
        let answer = try await window.withEndpoint(isRunning: true) { endpoint in
            try await endpoint.call(.post, "/api/v1/resync", json: order)
        }
        let report = try JSONDecoder().decode(VerifyReport.self, from: Data(answer))
        if window.isJSON {
            console.print(String(decoding: answer, as: UTF8.self))
        } else {
            for line in report.lines { console.print(line) }
        }
        return report.isEqual || report.isMended == true || report.isDryRun ? .ok : .temporaryFailure
    }

    private struct VerifyOrder: Encodable {
        let kind = "verify"
        let `case`: String?
        let dryRun: Bool
    }
}

extension VerifyReport {
    fileprivate var lines: [String] {
        var lines: [String] = []
        if recached > 0 { lines.append("caches that did not fit the log, made anew: \(recached)") }
        if isEqual { return lines + ["equal, \(cases) cases (\(traffic))"] }
        lines += onlyHere.map { "only here     \($0)" } + onlyThere.map { "only central  \($0)" }
        lines += differing.map { "differs       \($0)" }
        let found = onlyHere.count + onlyThere.count + differing.count
        lines.append(
            isComplete
                ? "\(found) of \(cases) cases differ (\(traffic))"
                : "too many cases differ to name them all (\(traffic))")
        if isDryRun { return lines + ["nothing was mended: --dry-run"] }
        if isMended == true { return lines + ["mended: everything is equal now"] }
        return lines + remaining.map { "still differs \($0)" }
            + ["not all of it could be mended; see `birthwindow status`"]
    }

    private var traffic: String { "\(roundTrips) round trips, \(bytesUp) bytes up, \(bytesDown) down" }
}
