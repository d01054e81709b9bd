/// The shapes of numbers that are written as text. Each is judged on normalised text (trimmed, NFC).
package enum TextFormat: Hashable, Sendable {
    /// Mobile or land line (forms.md section 1, standards.md section 8).
    case phone
    /// One capital letter and nine digits (standards.md section 7).
    case birthCertificate
    /// 12 to 19 digits (standards.md section 8).
    case bankCard
    /// Six digits of GB/T 2260 (standards.md section 2).
    case countyCode
    /// `HH:mm`, 24 hours.
    case time
    /// ISO 8601 with seconds and the offset +08:00.
    case dateTime

    package func matches(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        switch self {
        case .phone:
            return Self.isMobile(text) || Self.isLandLine(bytes)
        case .birthCertificate:
            return bytes.count == 10 && bytes[0].isCapital && bytes[1...].allSatisfy(\.isDigit)
        case .bankCard:
            return 12...19 ~= bytes.count && bytes.allSatisfy(\.isDigit)
        case .countyCode:
            return bytes.count == 6 && bytes[0] != 0x30 && bytes.allSatisfy(\.isDigit)
        case .time:
            return Self.isTime(bytes[...])
        case .dateTime:
            return Self.isDateTime(text, bytes)
        }
    }

    /// `^1[3-9]\d{9}$`; the operator's digits are not judged.
    package static func isMobile(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.count == 11 && bytes[0] == 0x31 && 0x33...0x39 ~= bytes[1] && bytes.allSatisfy(\.isDigit)
    }

    /// `^0\d{2,3}-?\d{7,8}$`
    private static func isLandLine(_ bytes: [UInt8]) -> Bool {
        guard bytes.first == 0x30 else { return false }
        let parts = bytes.split(separator: 0x2D, omittingEmptySubsequences: false)
        guard parts.allSatisfy({ $0.allSatisfy(\.isDigit) }) else { return false }
        return switch parts.count {
        case 1: 10...12 ~= bytes.count
        case 2: 3...4 ~= parts[0].count && 7...8 ~= parts[1].count
        default: false
        }
    }

    private static func isTime(_ bytes: ArraySlice<UInt8>) -> Bool {
        let parts = bytes.split(separator: 0x3A, omittingEmptySubsequences: false)
        guard parts.map(\.count) == [2, 2], parts.allSatisfy({ $0.allSatisfy(\.isDigit) }) else {
            return false
        }
        let numbers = parts.map { $0.reduce(0) { $0 * 10 + Int($1) - 0x30 } }
        return numbers[0] < 24 && numbers[1] < 60
    }

    /// `2025-09-29T09:30:00+08:00`
    private static func isDateTime(_ text: String, _ bytes: [UInt8]) -> Bool {
        guard bytes.count == 25, bytes[10] == 0x54, text.hasSuffix("+08:00") else { return false }
        return CalendarDate(String(text.prefix(10))) != nil && isTime(bytes[11..<16])
            && bytes[16] == 0x3A && bytes[17].isDigit && bytes[17] < 0x36 && bytes[18].isDigit
    }
}

/// What is usual but not required: each is only a warning.
package enum UsualForm {
    /// Marriage certificates of the present style, `J110101-2010-000001` (standards.md section 13.1).
    package static func isMarriageCertificate(_ text: String) -> Bool {
        let parts = (text.hasPrefix("B") ? text.dropFirst() : text[...]).split(
            separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [7, 4, 6], parts[0].first == "J" else { return false }
        return (parts[0].dropFirst() + parts[1] + parts[2]).utf8.allSatisfy(\.isDigit)
    }

    /// A parent's ID number with a mark for the child, whose writing for twins is not clear: 002 五(五)6,
    /// policies.md section 3.9.
    package static func isPreEnrolmentNumber(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        let marks: Set<String> = ["x", "X", "Y", "y", "大B", "小B", "B", "b"]
        return bytes.count > 18 && bytes[..<17].allSatisfy(\.isDigit)
            && (bytes[17].isDigit || bytes[17] == 0x58) && marks.contains(String(text.dropFirst(18)))
    }

    /// The Luhn sum of a card number (ISO/IEC 7812); passbook accounts do not have it.
    package static func hasLuhnSum(_ digits: String) -> Bool {
        digits.utf8.reversed().enumerated().reduce(0) { sum, place in
            let digit = Int(place.element) - 0x30
            let doubled = digit * 2
            return sum + (place.offset % 2 == 0 ? digit : doubled > 9 ? doubled - 9 : doubled)
        } % 10 == 0
    }

    /// A name of 2 to 50 Chinese characters, with “·” only between them (standards.md section 13.4).
    package static func isChineseName(_ text: String) -> Bool {
        let parts = text.split(separator: "·", omittingEmptySubsequences: false)
        return 2...50 ~= text.count
            && parts.allSatisfy { !$0.isEmpty && $0.unicodeScalars.allSatisfy(\.properties.isIdeographic) }
    }

    /// A space of any width, or a Latin letter, full-width ones included.
    package static func hasSpaceOrLatin(_ text: String) -> Bool {
        text.unicodeScalars.contains { scalar in
            switch scalar.value {
            case 0x41...0x5A, 0x61...0x7A, 0xC0...0x24F, 0xFF21...0xFF3A, 0xFF41...0xFF5A: true
            default: scalar.properties.isWhitespace
            }
        }
    }

    /// Whether an area code begins with a province of GB/T 2260 (standards.md section 2); counties come and go, these
    /// stay.
    package static func isInProvince(_ areaCode: String) -> Bool {
        provinces.contains(String(areaCode.prefix(2)))
    }

    private static let provinces: Set = [
        "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42",
        "43",
        "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82",
    ]
}
