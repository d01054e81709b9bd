package import SyncProtocol

/// An edit as both ends' APIs take it: `{"set": {key: answer}, "seen": {group: [dot]}, "reason": text, "alsoLinked": bool}`.
package struct EditOrder: Hashable, Sendable {
    /// By field key; null takes an answer back.
    package let set: [String: JSON]
    /// The dots that the page showed, by group; a group that is absent is taken as it stands.
    package let seen: [GroupID: [Dot]]
    package let reason: String?
    /// Answers that siblings have in common are written to all linked cases; only a window does this.
    package let alsoLinked: Bool

    /// - Throws: a sentence about the first thing that cannot be read.
    package init(_ body: [UInt8]) throws(EditOrderError) {
        let json: JSON
        do { json = try JSON(parsing: body) } catch {
            throw EditOrderError("The body is no JSON that can be read.")
        }
        guard let members = json.members, let set = members["set"]?.members else {
            throw EditOrderError("The body is not {\"set\": {key: answer}, …}.")
        }
        guard members.keys.allSatisfy(["set", "seen", "reason", "alsoLinked"].contains) else {
            throw EditOrderError("There is an unknown member; known are set, seen, reason and alsoLinked.")
        }
        switch members["alsoLinked"] ?? .null {
        case .null: alsoLinked = false
        case .bool(let flag): alsoLinked = flag
        default: throw EditOrderError("“alsoLinked” is not true or false.")
        }
        self.set = set
        switch members["reason"] ?? .null {
        case .null: reason = nil
        case .text(let text): reason = text
        default: throw EditOrderError("“reason” is not a text.")
        }
        seen = try Self.seen(members["seen"])
    }

    /// The dots that a page showed: `{group: [dot]}`, each group's at most ``SyncProtocol/Limits/dotsPerGroupMax``.
    static func seen(_ json: JSON?) throws(EditOrderError) -> [GroupID: [Dot]] {
        var seen: [GroupID: [Dot]] = [:]
        for (group, entry) in json?.members ?? [:] {
            guard let id = UInt32(group), case .list(let texts) = entry, texts.count <= Limits.dotsPerGroupMax
            else {
                throw EditOrderError("“seen” is not {group: [dot]}.")
            }
            var dots: [Dot] = []
            for text in texts {
                guard case .text(let text) = text, let dot = Dot(text) else {
                    throw EditOrderError("A dot in “seen” cannot be read.")
                }
                dots.append(dot)
            }
            seen[GroupID(rawValue: id)] = dots
        }
        return seen
    }
}

/// Why an edit cannot be read.
package struct EditOrderError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
