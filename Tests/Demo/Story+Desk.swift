import Foundation
import Programs

extension Story {
    /// The network comes back: the outboxes drain.
    mutating func networkReturns() throws {
        narrator.chapter(6, "The network comes back 恢复联网")
        for window in town.windows {
            let (waiting, before) = (try window.status["outbox"].number, window.link.counts)
            window.link.heal()
            try window.tool.run("sync")
            let (left, after) = (try window.status["outbox"].number, window.link.counts)
            narrator.tell(
                "\(window.hospital.name)  outbox 待发 \(waiting) → \(left)  (\(after.bytesUp - before.bytesUp) bytes up, "
                    + "\(after.bytesDown - before.bytesDown) down, as counted on the wire)")
            try requireQuietly(waiting > 0 && left == 0, "\(window.hospital.name) has sent everything")
        }
        try require(try countAtCentral() == cases.count, "Central has all \(cases.count) cases.")
    }

    /// Both values are kept; a person decides.
    mutating func settle() throws {
        narrator.chapter(7, "Contradictions are kept and settled 冲突与处理")
        narrator.command("birthcentral desk list")
        let conflicts = try town.central.run("desk", "list")["entries"].list
        for conflict in conflicts { describe(conflict) }
        try require(
            conflicts.count == 2,
            "Two fields wait for a person, each with both values; no value was overwritten.")
        let shown = try town.windows.map { try $0.status["conflicts"].number }.reduce(0, +)
        try require(shown == 2, "The windows show both values, too; nobody has to stop working.")
        try describePhones()
        for conflict in conflicts {
            let (id, group) = (conflict["caseID"].text, conflict["group"].text)
            if id == cases["01"]?.id,
                let value = conflict["values"].list.first(where: { $0["role"].text == "window" })
            {
                let dot = value["dot"].text
                narrator.command(
                    "birthcentral desk settle \(id.prefix(8))… \(group) --dot \(dot.prefix(8))… --reason …")
                try town.central.run(
                    "desk", "settle", id, group, "--dot", dot, "--reason", "出生登记表原件为准", "--user", "中心核对员")
            } else {
                narrator.command(
                    "birthcentral desk settle \(id.prefix(8))… \(group) fatherName=测试父定 --reason …")
                try town.central.run(
                    "desk", "settle", id, group, "fatherName=测试父定", "--reason", "身份证原件为准", "--user", "中心核对员")
            }
            tally.note(case: id, by: Tally.central)
        }
        for window in town.windows { try window.tool.run("sync") }
        try requireShown("01", "childName", "测试安宁")
        try requireShown("16", "fatherName", "测试父定")
        try requireShown("11", "fatherPhone", "19900000111")
        try requireShown("11", "childBloodType", "2")
        let left = try town.windows.map { try $0.status["conflicts"].number }.reduce(0, +)
        try require(left == 0, "Settled at central, and at the windows: 测试安宁 and 测试父定 stand everywhere.")
    }

    private func describe(_ conflict: Value) {
        let number = cases.first { $0.value.id == conflict["caseID"].text }?.key ?? ""
        let labels = conflict["labels"].text
        narrator.tell("\(caseName(number))  \(labels.isEmpty ? conflict["name"].text : labels):")
        for value in conflict["values"].list {
            narrator.tell(
                "    \(narrator.strong(value["value"].text))  — \(value["role"].text) \(value["unit"].text) \(value["user"].text)"
            )
        }
    }

    /// A field of the rule “latest” needs nobody: the later value shows, and the other is kept beside it.
    private func describePhones() throws {
        let (registered, window) = try place(of: "06")
        let shown = try window.show(registered.id)
        let beside = shown["beside"].list.flatMap { $0["values"].list }.map {
            $0["value"]["motherPhone"].text
        }
        try require(
            Set([shown["fields"]["motherPhone"].text] + beside) == ["19900000061", "19900000062"],
            "母亲联系电话 shows the later \(shown["fields"]["motherPhone"].text); \(beside.joined(separator: ", ")) is kept beside it."
        )
    }

    private func requireShown(_ number: String, _ field: String, _ value: String) throws {
        let (registered, window) = try place(of: number)
        let shown = try window.show(registered.id)["fields"][field].text
        try requireQuietly(shown == value, "\(caseName(number)) shows \(field) = \(value), and not \(shown)")
    }
}
