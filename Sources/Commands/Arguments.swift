/// What follows a command's name. Options may stand anywhere; `--` ends them.
package struct Arguments: Hashable, Sendable {
    private var options: [(name: String, value: String?)] = []
    private var words: [String] = []

    /// - Parameter valued: the options that take a value, as `--name VALUE` or `--name=VALUE`.
    package init(_ arguments: [String], valued: Set<String>) throws(UsageError) {
        var rest = arguments[...]
        while let next = rest.popFirst() {
            guard next.hasPrefix("--"), next != "--" else {
                if next == "--" {
                    words += rest
                    break
                }
                words.append(next)
                continue
            }
            let parts = next.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
                String.init)
            if parts.count == 2 {
                options.append((parts[0], parts[1]))
            } else if valued.contains(next) {
                guard let value = rest.popFirst() else { throw UsageError("\(next) needs a value") }
                options.append((next, value))
            } else {
                options.append((next, nil))
            }
        }
    }

    /// Whether a flag was given.
    package mutating func flag(_ name: String) -> Bool {
        let found = options.contains { $0.name == name && $0.value == nil }
        options.removeAll { $0.name == name && $0.value == nil }
        return found
    }

    /// The value of an option; the last counts.
    package mutating func option(_ name: String) -> String? {
        let found = options.last { $0.name == name }?.value
        options.removeAll { $0.name == name && $0.value != nil }
        return found
    }

    /// Every value of an option that may be given several times, in order.
    package mutating func options(_ name: String) -> [String] {
        let found = options.filter { $0.name == name }.compactMap(\.value)
        options.removeAll { $0.name == name && $0.value != nil }
        return found
    }

    /// The value of an option that must be there.
    package mutating func required(_ name: String) throws(UsageError) -> String {
        guard let value = option(name) else { throw UsageError("\(name) is missing") }
        return value
    }

    /// The next word.
    package mutating func word(_ meaning: String) throws(UsageError) -> String {
        guard !words.isEmpty else { throw UsageError("\(meaning) is missing") }
        return words.removeFirst()
    }

    /// All words that are left.
    package mutating func rest() -> [String] {
        defer { words = [] }
        return words
    }

    /// Refuses what nobody asked for.
    package func finish() throws(UsageError) {
        if let option = options.first { throw UsageError("\(option.name) is not an option of this command") }
        if let word = words.first { throw UsageError("“\(word)” is one word too many") }
    }

    package static func == (left: Arguments, right: Arguments) -> Bool {
        left.words == right.words && left.options.map(\.name) == right.options.map(\.name)
            && left.options.map(\.value) == right.options.map(\.value)
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(words) }
}
