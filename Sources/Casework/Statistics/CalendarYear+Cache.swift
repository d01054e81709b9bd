import SyncProtocol

/// A year's notice as central caches it: deterministic CBOR `[year, source, [* [day, name]], [* [day, name]]]`, days ascending.
extension CalendarYear {
    package var encoded: [UInt8] {
        var writer = CBORWriter()
        writer.writeArray(4)
        writer.write(UInt64(year))
        writer.write(source)
        for days in [holidays, workdays] {
            writer.writeArray(days.count)
            for (day, name) in days.sorted(by: { $0.key < $1.key }) {
                writer.writeArray(2)
                writer.write(day.description)
                writer.write(name)
            }
        }
        return writer.bytes
    }

    /// Reads what ``encoded`` wrote; nil for anything else.
    package init?(decoding bytes: [UInt8]) {
        var reader = CBORReader(bytes)
        guard case .array(let members)? = try? reader.readValue(depthMax: 4), members.count == 4,
            case .unsigned(let year) = members[0], case .text(let source) = members[1],
            let calendar = try? CalendarYear(
                year: Int(clamping: year), holidays: Self.days(members[2]), workdays: Self.days(members[3]),
                source: source)
        else { return nil }
        self = calendar
    }

    private static func days(_ list: CBOR) -> [CalendarDate: String] {
        guard case .array(let entries) = list else { return [:] }
        var days: [CalendarDate: String] = [:]
        for case .array(let pair) in entries where pair.count == 2 {
            guard case .text(let day) = pair[0], case .text(let name) = pair[1], let date = CalendarDate(day)
            else { continue }
            days[date] = name
        }
        return days
    }
}
