import Foundation
import Glibc

/// Tells the story on standard output, in colour if that is a terminal.
struct Narrator: Sendable {
    private let isColoured =
        isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
    private let began = ContinuousClock.now

    private enum Colour: String {
        case bold = "1"
        case faint = "2"
        case green = "32"
        case red = "31"
        case blue = "1;34"
    }

    /// Seconds since the story began.
    var seconds: Int { Int((ContinuousClock.now - began).components.seconds) }

    func chapter(_ number: Int, _ title: String) {
        say("\n\(paint("\(number). \(title)", .blue))  \(paint("\(seconds) s", .faint))")
    }

    func say(_ text: String) {
        // If nobody reads any more, the story still goes on to its end, and clears away.
        try? FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8))
    }

    /// A sentence of the story.
    func tell(_ text: String) { say("   \(text)") }

    /// A command that somebody gives.
    func command(_ text: String) { say("   \(paint("$ \(text)", .faint))") }

    /// A fact that had to be so.
    func confirm(_ text: String) { say("   \(paint("✓", .green)) \(text)") }

    func complain(_ text: String) { say("   \(paint("✗", .red)) \(text)") }

    func strong(_ text: String) -> String { paint(text, .bold) }

    private func paint(_ text: String, _ colour: Colour) -> String {
        isColoured ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
    }
}
