package import Casework
package import SyncProtocol

/// A value of a field group in the words of the form, and who wrote it, for a page.
package struct ValueWords: Sendable {
    package let group: GroupID
    private let dictionary: FieldDictionary
    package let times: TimeWords
    /// What an author is called, with the place.
    private let author: @Sendable (Author) -> String

    package init(
        _ group: GroupID, _ dictionary: FieldDictionary, times: TimeWords,
        author: @escaping @Sendable (Author) -> String
    ) {
        (self.group, self.dictionary, self.times, self.author) = (group, dictionary, times, author)
    }

    /// What the group is called.
    package var label: String { dictionary[group]?.label ?? "（程序不认识的内容）" }

    /// One text for each field of the group, in their order; nil for one that is not filled in.
    ///
    /// - Parameter isMasked: numbers that identify somebody are hidden.
    package func texts(_ value: [CBOR], isMasked: Bool = false) -> [String?] {
        guard let known = dictionary[group] else { return [] }
        let text = AnswerText(
            Answers(groups: [group: .array(value)], in: dictionary), isMasked: isMasked,
            dictionary: dictionary)
        return known.members.map { text($0.key) }
    }

    /// The value with what differs from the others marked.
    package func html(_ value: [CBOR], beside others: [[CBOR]]) -> HTML {
        guard let members = dictionary[group]?.members else { return "<p class=\"soft\">（不能显示）</p>" }
        let (own, rest) = (texts(value), others.map { texts($0) })
        let isAlone = members.count == 1
        let lines = members.indices.compactMap { index -> HTML? in
            let theirs = rest.compactMap { $0.indices.contains(index) ? $0[index] ?? "" : nil }
            if own[index] == nil, theirs.allSatisfy(\.isEmpty), !isAlone { return nil }
            let label: HTML? = isAlone ? nil : "<span class=\"small soft\">\(members[index].label)</span> "
            guard let text = own[index] else { return "<div>\(label)<span class=\"soft\">（未填）</span></div>" }
            return "<div class=\"big\">\(label)\(Self.marked(text, beside: theirs))</div>"
        }
        return "\(lines)"
    }

    /// The middle in which a text differs from others stands out.
    package static func marked(_ text: String, beside others: [String]) -> HTML {
        let differing = others.filter { $0 != text }
        guard differing.contains(where: { !$0.isEmpty }) else { return HTML(text: text) }
        let own = Array(text)
        var (start, end) = (own.count, own.count)
        for other in differing.map({ Array($0) }) {
            var prefix = 0
            while prefix < min(own.count, other.count), own[prefix] == other[prefix] { prefix += 1 }
            var suffix = 0
            while suffix < min(own.count, other.count) - prefix,
                own[own.count - 1 - suffix] == other[other.count - 1 - suffix]
            { suffix += 1 }
            (start, end) = (min(start, prefix), min(end, suffix))
        }
        let stop = max(start, own.count - end)
        return "\(String(own[..<start]))<mark>\(String(own[start..<stop]))</mark>\(String(own[stop...]))"
    }

    /// `本院 王芳 11月20日 10:02`, with a mark where the time is in doubt and with the reason.
    package func author(_ write: GroupHistory.Write, as role: Author? = nil) -> HTML {
        let author = author(role ?? write.author)
        let doubt: HTML? = write.isDoubtful ? " <span class=\"state\" data-state=\"wait\">时间可疑</span>" : nil
        let reason: HTML? = write.reason.map { "<div class=\"small\">“\($0)”</div>" }
        return """
            <div class="small soft">\(author) \(times(write.time.milliseconds))\(doubt)</div>\(reason)
            """
    }
}
