/// What a technician, or central, said of a link, in the words of the command line. What nobody said is as usual.
package struct LinkSettings: Hashable, Sendable {
    /// What can be set.
    package enum Name: String, CaseIterable, Hashable, Sendable {
        case metered, photos, budget, schedule

        /// Under this name central sends it, in the settings of the hospital's record.
        package var atCentral: String { "link.\(rawValue)" }

        /// The words that it takes.
        package var usage: String {
            switch self {
            case .metered: "yes|no|auto"
            case .photos: "HH:MM-HH:MM|always|never|auto"
            case .budget: "BYTES|none|auto, bytes in a day like 5MB, from 100kB to 1TB"
            case .schedule: "MINUTES|none|auto, from 5 to 1440"
            }
        }
    }

    /// As central says, else as usual.
    package static let auto = "auto"
    /// Bytes of a budget.
    package static let budgetRange: ClosedRange<UInt64> = 100_000...1_000_000_000_000
    /// Minutes of a schedule.
    package static let scheduleRange: ClosedRange<UInt64> = 5...1440
    /// Characters of a value.
    static let valueLengthMax = 32

    /// Each value is one that ``set(_:to:)`` has taken.
    package private(set) var values: [Name: String] = [:]

    package init() {}

    /// What central sends; values that cannot be used are left out.
    package init(central settings: [String: String]) {
        for name in Name.allCases {
            guard let value = settings[name.atCentral] else { continue }
            // A newer central may know more words.
            try? set(name, to: value)
        }
    }

    /// Sets one value; `auto` forgets it.
    package mutating func set(_ name: Name, to value: String) throws(LinkSettingError) {
        if value == Self.auto {
            values[name] = nil
            return
        }
        var rules = LinkRules()
        try rules.take(name, value)
        values[name] = value
    }

    /// The rules, where these settings come before those.
    package func rules(over central: LinkSettings) -> LinkRules {
        var rules = LinkRules()
        for settings in [central, self] {
            for (name, value) in settings.values {
                // It was taken before.
                try? rules.take(name, value)
            }
        }
        return rules
    }
}

/// A value that cannot be used.
package struct LinkSettingError: Error, Hashable, Sendable, CustomStringConvertible {
    package let name: LinkSettings.Name

    package var description: String { "\(name.rawValue) takes \(name.usage)" }
}

extension LinkRules {
    fileprivate mutating func take(_ name: LinkSettings.Name, _ value: String) throws(LinkSettingError) {
        guard value.count <= LinkSettings.valueLengthMax, isTaken(name, value) else {
            throw LinkSettingError(name: name)
        }
    }

    private mutating func isTaken(_ name: LinkSettings.Name, _ value: String) -> Bool {
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
            guard let bytes = Self.bytes(value), LinkSettings.budgetRange ~= bytes else { return false }
            bytesPerDayMax = bytes
        case (.schedule, "none"): scheduleMinutes = nil
        case (.schedule, _):
            guard let minutes = Self.number(value), LinkSettings.scheduleRange ~= minutes else {
                return false
            }
            scheduleMinutes = minutes
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
