import Testing

@testable import Casework

@Suite("What is set of a window")
struct WindowSettingsTests {
    private func rules(_ name: WindowSettings.Name, _ value: String) throws -> LinkRules {
        var settings = WindowSettings()
        try settings.set(name, to: value)
        return settings.linkRules
    }

    @Test("Words become rules")
    func words() throws {
        #expect(try rules(.metered, "yes").isMetered && !(try rules(.metered, "no").isMetered))
        #expect(
            try rules(.photos, "never").photos == .never && (try rules(.photos, "always").photos) == .always)
        let night = try #require(PhotoRules.DailyWindow(fromMinute: 1320, toMinute: 390))
        #expect(try rules(.photos, "22:00-06:30").photos == .daily(night))
        for (word, bytes) in [
            ("5MB", 5_000_000), ("100kb", 100_000), ("100000", 100_000), ("2GB", 2_000_000_000),
            ("none", nil),
            ("1TB", 1_000_000_000_000),
        ] as [(String, UInt64?)] {
            #expect(try rules(.budget, word).bytesPerDayMax == bytes, "\(word)")
        }
        #expect(try rules(.schedule, "5").scheduleMinutes == 5)
        #expect(try rules(.schedule, "1440").scheduleMinutes == 1440)
        #expect(try rules(.schedule, "none").scheduleMinutes == nil)
    }

    @Test(
        "Anything else is refused, and says what is taken",
        arguments: [
            (WindowSettings.Name.metered, "maybe"), (.metered, ""), (.photos, "22:00"),
            (.photos, "24:00-06:00"),
            (.photos, "22:60-06:00"), (.photos, "2:00-06:00"), (.photos, "22:00-06:00-07:00"),
            (.photos, "+2:00-06:00"), (.budget, "99999"), (.budget, "99kB"), (.budget, "-5MB"),
            (.budget, "5 MB"),
            (.budget, "2TB"), (.budget, "99999999999999999999"), (.budget, "99999999999999TB"),
            (.budget, "MB"),
            (.schedule, "4"), (.schedule, "1441"), (.schedule, "1e2"),
            (.budget, String(repeating: "0", count: 33)),
            (.lowStock, "100001"), (.lowStock, "none"), (.wipeDeparted, "3651"), (.wipeDeparted, "-1"),
            (.tidyMaterials, "none"), (.tidyMaterials, ""),
        ] as [(WindowSettings.Name, String)])
    func refused(name: WindowSettings.Name, word: String) throws {
        var settings = WindowSettings()
        let error = #expect(throws: WindowSettingError.self) { try settings.set(name, to: word) }
        #expect(error?.description == "\(name.rawValue) takes \(name.usage)")
        #expect(settings.values.isEmpty)
    }

    @Test(
        "What is set here comes before central's; auto goes back to it; what central sends in other words is left out"
    )
    func order() throws {
        let central = WindowSettings(record: [
            "link.metered": "yes", "link.budget": "5MB", "link.photos": "on sundays", "other": "x",
        ])
        #expect(Set(central.values.keys) == [.metered, .budget])
        var local = WindowSettings()
        try local.set(.metered, to: "no")
        #expect(!local.over(central).linkRules.isMetered)
        #expect(local.over(central).linkRules.bytesPerDayMax == 5_000_000)
        try local.set(.metered, to: "auto")
        #expect(local.over(central).linkRules.isMetered && local.values.isEmpty)
    }

    @Test("What was set counts for photos on any link, with the bytes of exchanges")
    func photos() throws {
        var rules = LinkRules()
        rules.photos = .never
        #expect(rules.photoRules.opening(now: 5, sentToday: 0) == 86_400_005)
        rules.photos = .always
        #expect(rules.photoRules.opening(now: 5, sentToday: 0) == nil)
        rules.bytesPerDayMax = 100_000
        #expect(rules.photoRules.opening(now: 5, sentToday: 100_000) != nil)
    }

    @Test("Here before the hospital's before all hospitals', and it is said whose holds")
    func sources() throws {
        var sources = SettingSources()
        #expect(sources.line(.wipeDeparted) == ("never", .usual) && sources.line(.lowStock) == ("20", .usual))
        try sources.all.set(.wipeDeparted, to: "30")
        try sources.all.set(.tidyMaterials, to: "90")
        try sources.hospital.set(.wipeDeparted, to: "never")
        #expect(sources.line(.wipeDeparted) == ("never", .hospital))
        #expect(sources.line(.tidyMaterials) == ("90", .all))
        #expect(sources.merged.keepingRules.wipeDepartedDays == nil)
        #expect(sources.merged.keepingRules.tidyMaterialsDays == 90)
        try sources.here.set(.wipeDeparted, to: "0")
        #expect(sources.line(.wipeDeparted) == ("0", .here))
        #expect(sources.merged.keepingRules.wipeDepartedDays == 0)
    }
}
