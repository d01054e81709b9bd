/// What a technician, or central, said of a window, in the words of the command line. What nobody said is as usual.
package struct WindowSettings: Hashable, Sendable {
    /// What can be set.
    package enum Name: String, CaseIterable, Hashable, Sendable {
        case metered, photos, budget, schedule
        case lowStock = "low-stock"
        case wipeDeparted = "wipe-departed"
        case tidyMaterials = "tidy-materials"

        /// Under this name it stands in the settings of a record of central's.
        package var atCentral: String {
            switch self {
            case .metered, .photos, .budget, .schedule: "link.\(rawValue)"
            case .lowStock: "lowCertificateStock"
            case .wipeDeparted: "cases.wipeDeparted"
            case .tidyMaterials: "materials.tidy"
            }
        }

        /// The words that it takes.
        package var usage: String {
            switch self {
            case .metered: "yes|no|auto"
            case .photos: "HH:MM-HH:MM|always|never|auto"
            case .budget: "BYTES|none|auto, bytes in a day like 5MB, from 100kB to 1TB"
            case .schedule: "MINUTES|none|auto, from 5 to 1440"
            case .lowStock: "COUNT|auto, from 0 to 100000"
            case .wipeDeparted, .tidyMaterials: "DAYS|never|auto, from 0 to 3650"
            }
        }

        /// What holds where nobody has set anything.
        package var usual: String {
            switch self {
            case .metered: "no"
            case .photos: "always"
            case .budget, .schedule: "none"
            case .lowStock: "\(CertificateStock.lowCountDefault)"
            case .wipeDeparted, .tidyMaterials: "never"
            }
        }
    }

    /// As the next one says that is asked: this window, its hospital's record, what is for all hospitals; else as usual.
    package static let auto = "auto"
    /// Bytes of a budget.
    package static let budgetRange: ClosedRange<UInt64> = 100_000...1_000_000_000_000
    /// Minutes of a schedule.
    package static let scheduleRange: ClosedRange<UInt64> = 5...1440
    /// Certificates that are left when it is told.
    package static let lowStockRange: ClosedRange<UInt64> = 0...100_000
    /// Days after which something goes.
    package static let daysRange: ClosedRange<UInt64> = 0...3650
    /// Characters of a value.
    package static let valueLengthMax = 32

    /// Each value is one that ``set(_:to:)`` has taken.
    package private(set) var values: [Name: String] = [:]

    package init() {}

    /// What a record of central's says; values that cannot be used are left out.
    package init(record settings: [String: String]) {
        for name in Name.allCases {
            guard let value = settings[name.atCentral] else { continue }
            // A newer central may know more words.
            try? set(name, to: value)
        }
    }

    /// Sets one value; `auto` forgets it.
    package mutating func set(_ name: Name, to value: String) throws(WindowSettingError) {
        if value == Self.auto {
            values[name] = nil
            return
        }
        var rules = Rules()
        guard value.count <= Self.valueLengthMax, rules.takes(name, value) else {
            throw WindowSettingError(name: name)
        }
        values[name] = value
    }

    /// These, and where they say nothing, those.
    package func over(_ others: WindowSettings) -> WindowSettings {
        var merged = self
        merged.values.merge(others.values) { mine, _ in mine }
        return merged
    }

    /// What the link may be used for.
    package var linkRules: LinkRules { rules.link }

    /// How long is kept what need not be.
    package var keepingRules: KeepingRules { rules.keeping }

    /// Remaining certificates at which a warning is due.
    package var lowStockCount: Int {
        values[.lowStock].flatMap { Int($0) } ?? CertificateStock.lowCountDefault
    }

    private var rules: Rules {
        var rules = Rules()
        // Each was taken before.
        for (name, value) in values { _ = rules.takes(name, value) }
        return rules
    }

    /// What the words come to.
    private struct Rules {
        var link = LinkRules()
        var keeping = KeepingRules()

        /// False for a word that cannot be used.
        mutating func takes(_ name: Name, _ value: String) -> Bool {
            switch name {
            case .metered, .photos, .budget, .schedule: return link.isTaken(name, value)
            case .lowStock: return LinkRules.number(value).map(WindowSettings.lowStockRange.contains) ?? false
            case .wipeDeparted: return Self.takes(days: value, &keeping.wipeDepartedDays)
            case .tidyMaterials: return Self.takes(days: value, &keeping.tidyMaterialsDays)
            }
        }

        private static func takes(days value: String, _ days: inout UInt64?) -> Bool {
            days = value == "never" ? nil : LinkRules.number(value)
            return value == "never" || days.map(WindowSettings.daysRange.contains) ?? false
        }
    }
}

/// How long a window keeps what it need not keep; nil: for ever, until a technician says otherwise.
package struct KeepingRules: Hashable, Sendable {
    /// Days after which the content of a case goes that left the hospital.
    package var wipeDepartedDays: UInt64?
    /// Days after which the files of a case go that is over.
    package var tidyMaterialsDays: UInt64?

    package init() {}
}

/// What was said of a window, by whom.
package struct SettingSources: Hashable, Sendable {
    /// By this window's technician.
    package var here = WindowSettings()
    /// In its hospital's record.
    package var hospital = WindowSettings()
    /// In central's own record.
    package var all = WindowSettings()

    package init() {}

    /// What holds: here before the hospital's before all hospitals'.
    package var merged: WindowSettings { here.over(hospital).over(all) }

    /// Who said what holds.
    package enum Source: String, Hashable, Sendable {
        case here, hospital, all, usual
    }

    /// What holds of one setting, and who said it.
    package func line(_ name: WindowSettings.Name) -> (value: String, from: Source) {
        for (settings, source) in [(here, Source.here), (hospital, .hospital), (all, .all)] {
            if let value = settings.values[name] { return (value, source) }
        }
        return (name.usual, .usual)
    }
}

extension HospitalRecordView {
    /// What central said of the hospital's windows.
    package var settingSources: SettingSources {
        var sources = SettingSources()
        sources.hospital = WindowSettings(record: settings)
        sources.all = WindowSettings(record: settingsForAll)
        return sources
    }
}

/// A value that cannot be used.
package struct WindowSettingError: Error, Hashable, Sendable, CustomStringConvertible {
    package let name: WindowSettings.Name

    package var description: String { "\(name.rawValue) takes \(name.usage)" }
}

extension LinkRules {
    fileprivate mutating func isTaken(_ name: WindowSettings.Name, _ value: String) -> Bool {
        switch (name, value) {
        case (.metered, "yes"), (.metered, "no"): isMetered = value == "yes"
        case (.metered, _): return false
        case (.photos, "always"): photos = .always
        case (.photos, "never"): photos = .never
        case (.photos, _):
            guard let window = PhotoRules.DailyWindow(value) else { return false }
            photos = .daily(window)
        case (.budget, "none"): bytesPerDayMax = nil
        case (.budget, _):
            guard let bytes = Self.bytes(value), WindowSettings.budgetRange ~= bytes else { return false }
            bytesPerDayMax = bytes
        case (.schedule, "none"): scheduleMinutes = nil
        case (.schedule, _):
            guard let minutes = Self.number(value), WindowSettings.scheduleRange ~= minutes else {
                return false
            }
            scheduleMinutes = minutes
        default: return false
        }
        return true
    }

    /// `5MB`, `500kB`, `1GB`, `1TB`, or plain bytes; decimal.
    private static func bytes(_ text: String) -> UInt64? {
        let units: [(String, UInt64)] = [
            ("kb", 1000), ("mb", 1_000_000), ("gb", 1_000_000_000), ("tb", 1_000_000_000_000),
        ]
        let text = text.lowercased()
        guard let (unit, factor) = units.first(where: { text.hasSuffix($0.0) }) else { return number(text) }
        guard let count = number(text.dropLast(unit.count)) else { return nil }
        let (bytes, isTooLarge) = count.multipliedReportingOverflow(by: factor)
        return isTooLarge ? nil : bytes
    }

    /// Digits only: no sign, no space.
    fileprivate static func number(_ text: some StringProtocol) -> UInt64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return UInt64(text)
    }
}

extension PhotoRules.DailyWindow {
    /// Reads `22:00-06:00`.
    init?(_ text: String) {
        let minutes = text.split(separator: "-", omittingEmptySubsequences: false).map { end -> Int? in
            let parts = end.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 }),
                let hour = LinkRules.number(parts[0]), let minute = LinkRules.number(parts[1]),
                hour < 24, minute < 60
            else { return nil }
            return Int(hour * 60 + minute)
        }
        guard minutes.count == 2, let from = minutes[0], let to = minutes[1] else { return nil }
        self.init(fromMinute: from, toMinute: to)
    }
}
