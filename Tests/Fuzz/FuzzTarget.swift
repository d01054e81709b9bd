/// A parser that reads what others have sent, with the laws that must hold for every input.
///
/// The fuzzer picks one by its name; the tests run every kept input through it.
package enum FuzzTarget: String, CaseIterable, Sendable {
    // Messages of the protocol.
    case cbor, change, exchange, verify, bundle, recovery
    // Compressed frames.
    case zstd
    // What is data and not code.
    case policy, predicate, template, calendar
    // What comes by HTTP.
    case signature, tus, query, form, multipart
    // Bodies and files.
    case json, order, csv, results

    /// Runs one input through the parser. It returns at once, or within the time that a bound on the input allows.
    ///
    /// - Throws: the law that the parser breaks. That it does not crash, hang or hoard is for the fuzzer to see.
    package func check(_ input: [UInt8]) throws(BrokenLaw) {
        switch self {
        case .cbor: try MessageLaws.cbor(input)
        case .change: try MessageLaws.change(input)
        case .exchange: try MessageLaws.exchange(input)
        case .verify: try MessageLaws.verify(input)
        case .bundle: try MessageLaws.bundle(input)
        case .recovery: try MessageLaws.recovery(input)
        case .zstd: try WebLaws.zstd(input)
        case .policy: try RuleLaws.policy(input)
        case .predicate: try RuleLaws.predicate(input)
        case .template: try RuleLaws.template(input)
        case .calendar: try RuleLaws.calendar(input)
        case .signature: try WebLaws.signature(input)
        case .tus: try WebLaws.tus(input)
        case .query: try WebLaws.query(input)
        case .form: try WebLaws.form(input)
        case .multipart: try WebLaws.multipart(input)
        case .json: try FileLaws.json(input)
        case .order: try FileLaws.order(input)
        case .csv: try FileLaws.csv(input)
        case .results: try FileLaws.results(input)
        }
    }
}

/// A law that an input has shown not to hold.
package struct BrokenLaw: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// Throws unless it holds.
    static func unless(_ holds: Bool, _ law: String) throws(BrokenLaw) {
        if !holds { throw BrokenLaw(description: law) }
    }
}
