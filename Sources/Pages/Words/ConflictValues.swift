package import Casework

/// The values of a group that contradict each other, side by side: what was there before, then each with its author and what differs
/// marked.
package struct ConflictValues: Sendable {
    private let report: ConflictReport
    private let words: ValueWords

    package init(_ report: ConflictReport, _ words: ValueWords) {
        (self.report, self.words) = (report, words)
    }

    /// - Parameter act: what can be done with the value of a place among those that stand.
    package func html(_ act: (Int, GroupHistory.Write) -> HTML?) -> HTML {
        let standing = report.standing
        let base = report.history.base(of: report.dots).map { write -> HTML in
            """
            <div class="value" data-state="base"><span class="small soft">原来的内容</span>\
            \(words.html(write.value, beside: []))\(words.author(write))</div>
            """
        }
        let values = standing.enumerated().map { index, write -> HTML in
            let others = standing.filter { $0.dot != write.dot }.map(\.value)
            let button = act(index, write).map { "<div class=\"act\">\($0)</div>" as HTML }
            return """
                <div class="value">\(words.html(write.value, beside: others))\
                \(words.author(write, as: report.history.origin(of: write).author))\(button)</div>
                """
        }
        return "<div class=\"versus\">\(base)\(values)</div>"
    }
}
