import Casework
import SyncProtocol
import Web

/// The dots that a page shows, as its forms carry them: opaque to the browser, so that who saves names what they saw.
enum SeenDots {
    /// The field of one group in a form of a section.
    static func name(_ group: GroupID) -> String { "seen.\(group.rawValue)" }

    static func text(_ dots: [Dot]) -> String { dots.map(\.description).joined(separator: " ") }

    /// The dots of all groups in one field, for a form that judges the whole case.
    static func text(of state: CaseState) -> String {
        state.registers.keys.sorted().map { id in
            "\(id.rawValue):\(text(state.registers[id]?.dots ?? []))"
        }.joined(separator: ";")
    }

    /// - Throws: for what no page of this window wrote.
    static func dots(_ text: String) throws -> [Dot] {
        let parts = text.split(separator: " ")
        let dots = parts.compactMap { Dot(String($0)) }
        guard dots.count == parts.count, dots.count <= SyncProtocol.Limits.dotsPerGroupMax else {
            throw unreadable
        }
        return dots
    }

    /// Reads what ``text(of:)`` writes.
    static func all(_ text: String) throws -> [GroupID: [Dot]] {
        var seen: [GroupID: [Dot]] = [:]
        for part in text.split(separator: ";") {
            let sides = part.split(separator: ":", omittingEmptySubsequences: false)
            guard sides.count == 2, let id = UInt32(sides[0]) else { throw unreadable }
            seen[GroupID(rawValue: id)] = try dots(String(sides[1]))
        }
        return seen
    }

    private static var unreadable: Web.Problem {
        Web.Problem(status: 400, title: "页面内容无法读取", remedy: "请刷新页面后再提交。")
    }
}
