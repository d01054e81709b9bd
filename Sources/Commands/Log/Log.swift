import Casework
import Foundation
package import Web

/// Where a program tells its technician what happens: a line on standard error for each event.
package struct Log: Sendable {
    /// How a line is written.
    package enum Format: String, Hashable, Sendable, CaseIterable {
        /// A sentence for who reads along.
        case text
        /// An object for a program that collects logs: `event`, `fields`, `level`, `message`, `program`, `time`.
        case json
    }

    /// The option that names the format.
    package static let option = "--log"
    /// How the help shows it.
    package static let usage = "[--log text|json]"

    package let format: Format
    private let program: String
    private let now: @Sendable () -> UInt64
    private let write: @Sendable (String) -> Void

    /// - Parameters:
    ///   - now: milliseconds since 1970.
    ///   - write: takes a line, without its end.
    package init(
        _ program: String, _ format: Format = .text,
        now: @escaping @Sendable () -> UInt64 = { UInt64(max(0, Date().timeIntervalSince1970 * 1000)) },
        write: @escaping @Sendable (String) -> Void = Console.standard.printError
    ) {
        (self.program, self.format, self.now, self.write) = (program, format, now, write)
    }

    /// Writes an event.
    package func callAsFunction(_ event: LogEvent) { write(line(event)) }

    /// Takes the option.
    package static func format(_ arguments: inout Arguments) throws(UsageError) -> Format {
        guard let word = arguments.option(option) else { return .text }
        guard let format = Format(rawValue: word) else {
            throw UsageError("\(option) takes \(Format.allCases.map(\.rawValue).joined(separator: " or "))")
        }
        return format
    }

    private func line(_ event: LogEvent) -> String {
        switch format {
        // A line of text is one line, whatever a sentence of another part holds.
        case .text: "\(program): \(event.sentence.replacing("\n", with: " "))"
        case .json: Self.text(object(event))
        }
    }

    private func object(_ event: LogEvent) -> JSON {
        let fields = event.fields.mapValues { value -> JSON in
            switch value {
            case .text(let text): .text(text)
            case .number(let number): .number(.init(number))
            }
        }
        return .object([
            "event": .text(event.name), "fields": .object(fields), "level": .text(event.level.rawValue),
            "message": .text(event.sentence), "program": .text(program), "time": .text(Self.time(now())),
        ])
    }

    /// RFC 3339, UTC, to the millisecond.
    private static func time(_ milliseconds: UInt64) -> String {
        let second = Date(timeIntervalSince1970: Double(milliseconds / 1000)).formatted(.iso8601)
        return second.dropLast() + "." + String(1000 + milliseconds % 1000).dropFirst() + "Z"
    }

    private static func text(_ json: JSON) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // What is made of texts and numbers alone can be written.
        return (try? encoder.encode(json)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}
