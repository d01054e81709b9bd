import Casework
import Commands
import Foundation
import Web
import WindowAgent

extension Command {
    static let outbox = Command(
        "outbox", "[--limit N]", "show what central has not confirmed yet", valued: ["--limit"]
    ) { arguments, console in
        let window = Window(&arguments)
        let limit = Int(arguments.option("--limit") ?? "100") ?? 100
        try arguments.finish()
        let answer = try await window.withEndpoint {
            try await $0.call(.get, "/api/v1/outbox?limit=\(limit)")
        }
        console.showList(answer, "outbox", asJSON: window.isJSON, empty: "nothing waits to be sent") { line in
            let error = line["lastError"].map { "  last error: \($0.word)" } ?? ""
            return "\(line["caseID"].word)  \(line["bytes"].word) bytes  \(line["state"].word)"
                + "  age \(line["ageSeconds"].word) s  tries \(line["tries"].word)\(error)"
        }
        return .ok
    }

    static let sync = Command(
        "sync", "[--watch]", "exchange with central now, until nothing is left to do",
        discussion: """
            With --watch it prints what happens, photos included, until nothing is left: what goes, how much of how much, how fast, \
            how long still, and failures with their reason and the next try. With --json each line is a status.
            """
    ) { arguments, console in
        let window = Window(&arguments)
        let isWatched = arguments.flag("--watch")
        try arguments.finish()
        if isWatched { return try await watch(window, console) }
        let answer = try await window.withEndpoint(isRunning: true) {
            try await $0.call(.post, "/api/v1/sync")
        }
        let report = try JSONDecoder().decode(SyncReport.self, from: Data(answer))
        if window.isJSON {
            console.print(String(decoding: answer, as: UTF8.self))
        } else {
            console.print(report.sentence)
        }
        if let error = report.error {
            console.printError("birthwindow: \(error) Nothing is lost; it is tried again by itself.")
            return .temporaryFailure
        }
        return .ok
    }

    static let status = Command("status", "", "show how this window stands with central") {
        arguments, console in
        let window = Window(&arguments)
        try arguments.finish()
        let answer = try await window.withEndpoint { try await $0.call(.get, "/api/v1/status") }
        if window.isJSON {
            console.print(String(decoding: answer, as: UTF8.self))
        } else {
            let status = try JSONDecoder().decode(WindowStatus.self, from: Data(answer))
            for line in status.lines { console.print(line) }
        }
        return .ok
    }

    static let resyncs = [
        verify,
        resync("push", "bring central everything of this hospital's cases that it lacks"),
        resync("pull", "push, then read the whole feed from central again"),
        resync("rebuild", "drop the caches and build them anew from the log"),
    ]

    private static func resync(_ kind: String, _ summary: String) -> Command {
        Command(
            "resync \(kind)", "[--case ID] [--dry-run]", summary,
            discussion: "It never discards an unconfirmed change, and may be interrupted at any point.",
            valued: ["--case"]
        ) { arguments, console in
            let window = Window(&arguments)
            let order = Resync(
                kind: kind, case: arguments.option("--case"), dryRun: arguments.flag("--dry-run"))
            try arguments.finish()
            let answer = try await window.withEndpoint(isRunning: true) { endpoint in
                try await endpoint.call(.post, "/api/v1/resync", json: order)
            }
            console.show(answer, asJSON: window.isJSON) { json in
                let verb = order.dryRun ? "would go through" : "went through"
                let rest =
                    json["isFinished"] == .bool(false) ? "; not finished yet, it goes on by itself" : ""
                return ["resync \(kind) \(verb) \(json["cases"].word) cases\(rest)"]
            }
            return json(answer, "isFinished") == .bool(false) ? .temporaryFailure : .ok
        }
    }

    private struct Resync: Encodable {
        let kind: String
        let `case`: String?
        let dryRun: Bool
    }

    private static func json(_ bytes: [UInt8], _ name: String) -> JSON? {
        // What is no JSON has no members.
        (try? JSON(parsing: bytes))?.members?[name]
    }
}

extension SyncReport {
    fileprivate var sentence: String {
        "\(exchanges) exchanges: \(confirmed) changes confirmed, \(received) received, "
            + "\(bytesUp) bytes up, \(bytesDown) bytes down"
    }
}

extension WindowStatus {
    fileprivate var lines: [String] {
        var lines = [
            "hospital      \(hospital.map { "\($0)  \(hospitalName ?? "")" } ?? "not enrolled")",
            "central       \(central ?? "none")",
            "cases         \(cases), of them with conflicts open: \(conflicts)",
            "changes       saved \(saved), acknowledged \(acknowledged), in a verified backup \(backedUp)",
            "outbox        \(outbox)\(oldestWaitingSeconds.map { ", the oldest \($0) s old" } ?? "")",
            "feed          position \(cursor), witness \(witness)",
        ]
        if setAside > 0 { lines.append("set aside     \(setAside) changes: see the cases") }
        if let losses, losses > 0 {
            lines.append("lost          values of \(losses) cases, by central: birthwindow losses")
        }
        if refused > 0 { lines.append("refused       \(refused) changes that central could not take") }
        if let repair {
            lines.append("repair        under way (\(repair)): bringing central what it lacks")
        } else if let last = sync.lastRepair {
            lines.append(
                "repair        ended, last under way \(moment(last)): central has again what it lacked")
        }
        if let mismatchAt {
            lines.append(
                "mismatch      found \(moment(mismatchAt)), \(mendedAt.map { "mended \(moment($0))" } ?? "not mended yet")"
            )
        }
        if let order = orderUnderWay { lines.append("order         \(order.sentence)") }
        if let order = orderEnded { lines.append("last order    \(order.sentence)") }
        if let photos = attachments {
            lines.append(
                "pages         waiting to go \(photos.waiting), being fetched \(photos.coming)")
            if photos.stuck > 0 { lines.append("              \(photos.stuck) that central does not take") }
            if photos.damaged > 0 {
                lines.append(
                    "              \(photos.damaged) whose file is damaged; fetched again when shown")
            }
        }
        lines += keeping?.lines ?? []
        if let damage { lines.append("DAMAGED       \(damage)") }
        lines += secondCopy?.lines ?? []
        if let error = sync.lastError { lines.append("last error    \(error) (\(sync.failures) in a row)") }
        return lines + link.lines
    }
}

extension KeepingStatus {
    fileprivate var lines: [String] {
        func rule(_ value: String, _ from: String) -> String {
            let who = SettingSources.Source(rawValue: from)?.sentence ?? from
            return (value == "never" ? "never by itself" : "after \(value) days, once in a verified backup")
                + " (\(who))"
        }
        return [
            "departed      \(departed) cases here, wiped \(rule(wipeDeparted, wipeDepartedFrom)); \(wipedCases) wiped so far",
            "old pictures  removed \(rule(tidyMaterials, tidyMaterialsFrom)); \(tidiedFiles) so far, "
                + SyncWatch.size(UInt64(tidiedBytes)),
        ]
    }
}

extension LinkStatus {
    fileprivate var lines: [String] {
        let speed = bytesPerSecond.map { ", last \(SyncWatch.size(UInt64($0)))/s" } ?? ""
        let budget = bytesPerDayMax.map { " of \(SyncWatch.size($0))" } ?? ""
        var lines = [
            "link          \(isMetered ? "metered" : "unmetered"), \(activity.rawValue)\(speed)",
            "today         \(SyncWatch.size(exchangeBytesToday + photoBytesToday))\(budget)"
                + (isBudgetSpent ? ": spent, photos and waiting stop until midnight" : ""),
        ]
        if outboxBytes > 0 { lines.append("to be sent    \(SyncWatch.size(outboxBytes)) of changes") }
        if feedRemaining > 0 { lines.append("to come       \(feedRemaining) entries") }
        if photos > 0 {
            let from = arePhotosForbidden ? ", never" : photosFrom.map { ", from \(moment($0))" } ?? ""
            lines.append("photos        \(photos), \(SyncWatch.size(photoBytes))\(from)")
        }
        if let secondsLeft, secondsLeft > 0 { lines.append("time left     about \(secondsLeft) s") }
        lines.append("next          \(nextTry.map(moment) ?? "when something is saved or somebody asks")")
        return lines + ["clerks see    \(sentence)"]
    }
}

extension OrderStatus {
    fileprivate var sentence: String {
        let time = moment(milliseconds)
        let what = "\(id): \(kind)\(caseID.map { " of case \($0)" } ?? "")\(isDryRun ? ", a dry run" : "")"
        let rest = note.map { " (\($0))" } ?? ""
        switch stage {
        case .seen, .underWay: return "\(what), under way since \(time)\(rest)"
        case .failed: return "\(what), could not be carried out, \(time)\(rest)"
        case .done: return "\(what), done \(time): \(figures.sentence)\(rest)"
        }
    }
}

/// A time, in milliseconds since 1970, as it is told.
private func moment(_ milliseconds: UInt64) -> String {
    Date(timeIntervalSince1970: Double(milliseconds) / 1000).formatted(.iso8601)
}
