/// The list of a program's commands, grouped by who uses them, in two languages.
package struct Guide: Sendable {
    /// The commands of one kind of user.
    package struct Section: Sendable {
        package let english: String
        package let chinese: String
        /// Each command's name and its summary in Chinese; the English one is the command's own.
        package let commands: [(name: String, chinese: String)]

        package init(_ english: String, _ chinese: String, _ commands: [(name: String, chinese: String)]) {
            (self.english, self.chinese, self.commands) = (english, chinese, commands)
        }
    }

    package let sections: [Section]

    package init(_ sections: [Section]) { self.sections = sections }

    /// The heading of commands that no section has: there should be none.
    package static let (otherEnglish, otherChinese) = ("Other", "其他")

    /// The lines of the help: a heading for each section, and a line for each command.
    func lines(_ commands: [Command], _ language: Language) -> [String] {
        let width = commands.map(\.name.count).max() ?? 0
        func line(_ command: Command, _ summary: String) -> String {
            "  \(command.name.padding(toLength: width, withPad: " ", startingAt: 0))  \(summary)"
        }
        if sections.isEmpty { return commands.map { line($0, $0.summary) } }
        var lines: [String] = []
        for section in sections {
            lines += ["", language == .chinese ? "\(section.chinese)：" : "\(section.english):"]
            for (name, chinese) in section.commands {
                guard let command = commands.first(where: { $0.name == name }) else { continue }
                lines.append(line(command, language == .chinese ? chinese : command.summary))
            }
        }
        let known = Set(sections.flatMap { $0.commands.map(\.name) })
        let others = commands.filter { !known.contains($0.name) }
        guard !others.isEmpty else { return Array(lines.dropFirst()) }
        lines += ["", language == .chinese ? "\(Self.otherChinese)：" : "\(Self.otherEnglish):"]
        return Array((lines + others.map { line($0, $0.summary) }).dropFirst())
    }
}

/// The language of the help.
package enum Language: Hashable, Sendable {
    case english
    case chinese

    /// As POSIX finds it: the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is not empty.
    package init(environment: [String: String]) {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }.first {
            !$0.isEmpty
        }
        self = locale?.hasPrefix("zh") == true ? .chinese : .english
    }
}
