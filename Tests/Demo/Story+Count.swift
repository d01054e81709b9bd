import Foundation
import Programs

extension Story {
    /// A technician suspects that something is missing, and makes sure.
    mutating func resync() throws {
        narrator.chapter(11, "A technician makes sure 强制重新同步")
        let window = town.windows[0]
        let before = try window.status
        for command in [["resync", "pull", "--dry-run"], ["resync", "push"], ["resync", "pull"]] {
            narrator.command("birthwindow \(command.joined(separator: " "))")
            let answer = try window.tool.run(command)
            let verb = command.contains("--dry-run") ? "would go through" : "went through"
            narrator.tell("  \(verb) \(answer["cases"].number) cases")
        }
        let after = try window.status
        let names = ["saved", "acknowledged", "changes", "cases", "outbox", "conflicts", "fingerprint"]
        try require(
            names.allSatisfy { before[$0] == after[$0] },
            "Everything was sent and fetched again, and nothing differs: \(after["changes"].number) changes, as before."
        )
    }

    /// Compares every case at every replica, and counts.
    mutating func count() throws {
        narrator.chapter(12, "The count 核对")
        var differences: [String] = []
        for number in cases.keys.sorted() {
            let (registered, window) = try place(of: number)
            let here = try window.show(registered.id)
            let there = try town.central.run("case", "show", registered.id)
            for name in ["fields", "conflicts", "beside", "items", "seen", "changes", "fingerprint"]
            where here[name] != there[name] || here[name] == .null {
                differences.append("\(caseName(number)): \(name) differs between window and central")
            }
            let expected = tally.byCase[registered.id] ?? 0
            if here["changes"].number != expected {
                differences.append(
                    "\(caseName(number)) has \(here["changes"].number) changes and not \(expected)")
            }
        }
        for difference in differences { narrator.complain(difference) }
        try require(
            differences.isEmpty,
            "All \(cases.count) cases are the same at their window and at central: fields, conflicts, fingerprints."
        )
        try countSaves()
    }

    private func countSaves() throws {
        var lost = 0
        narrator.tell("                     answered    saved    acknowledged    lost")
        for window in town.windows {
            let status = try window.status
            let (saved, acknowledged) = (status["saved"].number, status["acknowledged"].number)
            let answered = tally.byAuthor[window.hospital.code] ?? 0
            lost += abs(answered - saved) + abs(saved - acknowledged)
            narrator.tell(
                "\(window.hospital.code) window            " + Self.column(answered, 8)
                    + Self.column(saved, 9)
                    + Self.column(acknowledged, 16) + Self.column(answered - acknowledged, 8))
        }
        let central = tally.byAuthor[Tally.central] ?? 0
        narrator.tell("central and departments" + Self.column(central, 6) + Self.column(central, 9))
        let waiting = try town.central.run("desk", "list")["entries"].list.count
        try require(waiting == 0, "No change was set aside, and nothing waits for a person.")
        try require(lost == 0, "\(tally.byAuthor.values.reduce(0, +)) changes, 0 lost.")
    }

    private static func column(_ number: Int, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - "\(number)".count)) + "\(number)"
    }
}
