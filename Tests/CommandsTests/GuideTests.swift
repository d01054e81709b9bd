import Testing

@testable import Commands

@Suite("The grouped help")
struct GuideTests {
    private static let commands = [
        Command("bed add", "", "add a bed") { _, _ in .ok },
        Command("serve", "", "run the ward") { _, _ in .ok },
        Command("new", "", "not in the guide") { _, _ in .ok },
    ]
    private static let guide = Guide([
        Guide.Section("Nurses", "护士", [("bed add", "添加床位"), ("gone", "没有的命令")]),
        Guide.Section("Technician", "技术人员", [("serve", "运行病区")]),
    ])

    @Test("Commands stand under who uses them, and those that were forgotten under a heading of their own")
    func english() {
        #expect(
            Self.guide.lines(Self.commands, .english) == [
                "Nurses:", "  bed add  add a bed", "", "Technician:", "  serve    run the ward", "", "Other:",
                "  new      not in the guide",
            ])
    }

    @Test("In Chinese the summaries are the guide's")
    func chinese() {
        #expect(
            Self.guide.lines(Array(Self.commands.prefix(2)), .chinese) == [
                "护士：", "  bed add  添加床位", "", "技术人员：", "  serve    运行病区",
            ])
    }

    @Test(
        "The language is that of the first variable that says something",
        arguments: [
            ([:], Language.english), (["LANG": "zh_CN.UTF-8"], .chinese), (["LANG": "en_US.UTF-8"], .english),
            (["LC_ALL": "", "LC_MESSAGES": "zh_TW", "LANG": "C"], .chinese),
            (["LC_ALL": "C", "LANG": "zh_CN.UTF-8"], .english),
        ])
    func languages(environment: [String: String], language: Language) {
        #expect(Language(environment: environment) == language)
    }
}
