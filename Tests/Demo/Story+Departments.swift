import Foundation
import Programs

extension Story {
    /// Each department answers what is ready for it, until nothing is.
    mutating func departmentsAnswer() throws {
        narrator.chapter(8, "The departments answer 部门办理")
        for number in ["01", "06", "11", "16"] { try accept(number) }
        for window in town.windows { try window.tool.run("sync") }
        narrator.tell("The windows accept four more cases 受理. Some items wait for others:")
        let (first, window) = try place(of: "01")
        for item in try window.show(first.id)["items"].list where item["state"].text == "waiting" {
            narrator.tell("    \(item["name"].text)  \(item["reasons"].text)")
        }
        narrator.tell("Each department answers what is ready for it:")
        var round = 0
        while true {
            round += 1
            let answered = try answerOnce(round: round)
            if answered.isEmpty { break }
            let items = Dictionary(grouping: answered, by: \.self).map { "\($0.key)×\($0.value.count)" }
                .sorted()
            narrator.tell("  round \(round): \(items.joined(separator: "  "))")
            try requireQuietly(round <= 8, "the departments come to an end")
        }
        try require(round > 3, "No task is ready any more: \(results.count) results.")
        guard let last = results.last else { return }
        try town.central.run(last)
        narrator.confirm("The last of them came twice; it counts once.")
    }

    /// Answers every task that is ready now; tells the items.
    private mutating func answerOnce(round: Int) throws -> [String] {
        var ready: [(department: String, id: String, item: String)] = []
        for (department, token) in town.tokens.sorted(by: { $0.key < $1.key }) {
            let tasks = try town.central.run("task", "list", department, "--token", token)["tasks"].list
            for task in tasks where task["state"].text == "ready" {
                ready.append((department, task["caseID"].text, task["item"].text))
            }
        }
        for (department, id, item) in ready {
            var command = [
                "task", "result", department, id, item, "--id", "R\(round)-\(id.prefix(13))-\(item)",
                "--outcome", "done", "--date", Self.today, "--token", town.tokens[department] ?? "",
            ]
            if item == "hukou" { command.append("childIdNo=\(try citizenNumber(for: id))") }
            try town.central.run(command)
            results.append(command)
            tally.note(case: id, by: Tally.central)
        }
        return ready.map(\.item)
    }

    private static var today: String {
        let parts = Calendar(identifier: .gregorian).dateComponents([.year, .month, .day], from: Date())
        return [parts.year, parts.month, parts.day].map { number in
            let digits = "\(number ?? 1)"
            return digits.count < 2 ? "0" + digits : digits
        }.joined(separator: "-")
    }

    /// A number as the police give it.
    private func citizenNumber(for id: String) throws -> String {
        let fields = try town.central.run("case", "show", id)["fields"]
        return CitizenNumber.make(birthDate: fields["birthDate"].text, sex: fields["childSex"].text)
    }

    /// The results are where the parents ask: at the window.
    mutating func resultsArrive() throws {
        narrator.chapter(9, "The results are at the windows 办理结果")
        for window in town.windows { try window.tool.run("sync") }
        var done = 0
        for number in cases.keys.sorted() {
            let (registered, window) = try place(of: number)
            let shown = try window.show(registered.id)
            let states = shown["items"].list.map { $0["state"].text }
            done += states.count { $0 == "done" }
            guard number == "01" || number == "06" || number == "16" else { continue }
            narrator.tell("\(window.hospital.name)  \(shown["fields"]["childName"].text):")
            for item in shown["items"].list {
                let reasons = item["reasons"].text
                narrator.tell(
                    "    \(item["name"].text)  \(item["state"].text)\(reasons.isEmpty ? "" : "  \(reasons)")")
            }
            try requireQuietly(
                !states.isEmpty && states.allSatisfy { $0 == "done" }, "every item of \(number) is done")
        }
        try require(done == results.count, "All \(done) results are at the windows.")
    }
}
