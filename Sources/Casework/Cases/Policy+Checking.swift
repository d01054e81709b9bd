import Foundation
import SyncProtocol

extension Policy {
    /// Reads a policy file and checks that everything it names exists.
    /// - Parameter file: its name, for the error.
    package init(
        json bytes: [UInt8], file: String, dictionary: FieldDictionary = .standard,
        codes: CodeLists = .standard
    ) throws(PolicyError) {
        do {
            let header = try JSONDecoder().decode(PolicyHeader.self, from: Data(bytes))
            guard header.format == 1 else { throw PolicyFault("format", "unknown format \(header.format)") }
            self = try JSONDecoder().decode(Policy.self, from: Data(bytes))
            try check(dictionary, codes)
        } catch let fault as PolicyFault {
            throw PolicyError(file: file, path: fault.path, fault: fault.text)
        } catch let error as DecodingError {
            throw PolicyError(file: file, decoding: error)
        } catch {
            throw PolicyError(file: file, path: "", fault: "\(error)")
        }
    }

    private func check(_ dictionary: FieldDictionary, _ codes: CodeLists) throws(PolicyFault) {
        guard !id.isEmpty, id.utf8.allSatisfy({ $0.isDigit || $0 == 0x2D || 0x61...0x7A ~= $0 }) else {
            throw PolicyFault("id", "not a word of small letters, digits and hyphens")
        }
        guard version > 0 else { throw PolicyFault("version", "must be 1 or more") }
        guard !countyPrefix.isEmpty, countyPrefix.utf8.allSatisfy(\.isDigit) else {
            throw PolicyFault("countyPrefix", "not digits")
        }
        try checkKeys(needs, at: "needs", dictionary)
        for (index, section) in sections.enumerated() {
            try check(section, at: "sections[\(index)]", dictionary)
        }
        for (index, item) in items.enumerated() {
            guard items.firstIndex(where: { $0.code == item.code }) == index else {
                throw PolicyFault("items[\(index)].code", "\(item.code) stands twice")
            }
            try check(item, at: "items[\(index)]", dictionary, codes)
        }
        try checkOrder()
    }

    private func check(_ section: Section, at path: String, _ dictionary: FieldDictionary) throws(PolicyFault)
    {
        let consumers = Set(departments.keys).union(["window", "platform", "post"])
        for (index, row) in section.fields.enumerated() {
            let path = "\(path).fields[\(index)]"
            guard !row.label.isEmpty else { throw PolicyFault("\(path).label", "is empty") }
            guard !row.keys.isEmpty else { throw PolicyFault("\(path).keys", "is empty") }
            try checkKeys(row.keys, at: "\(path).keys", dictionary)
            for consumer in row.consumers where !consumers.contains(consumer) {
                throw PolicyFault("\(path).consumers", "\(consumer) is no department of this policy")
            }
        }
    }

    private func check(
        _ item: Item, at path: String, _ dictionary: FieldDictionary, _ codes: CodeLists
    ) throws(PolicyFault) {
        guard codes.code(item.code, in: "item") != nil else {
            throw PolicyFault("\(path).code", "\(item.code) is no code of the list item")
        }
        guard departments[item.department] != nil else {
            throw PolicyFault("\(path).department", "\(item.department) is no department of this policy")
        }
        for code in item.after where self.item(code) == nil {
            throw PolicyFault("\(path).after", "\(code) is no item of this policy")
        }
        try checkKeys(item.needs, at: "\(path).needs", dictionary)
        guard !item.results.isEmpty else { throw PolicyFault("\(path).results", "is empty") }
        for name in item.results {
            guard let rule = dictionary.group(named: name)?.rule else {
                throw PolicyFault("\(path).results", "\(name) is no group")
            }
            guard rule == .owner(.department(item.department)) || rule == .owner(.window) else {
                throw PolicyFault("\(path).results", "\(name) belongs to another department")
            }
        }
    }

    private func checkKeys(_ keys: [String], at path: String, _ dictionary: FieldDictionary)
        throws(PolicyFault)
    {
        for key in keys where dictionary.field(key) == nil { throw PolicyFault(path, "\(key) is no field") }
    }

    /// Items that wait for each other would wait for ever.
    private func checkOrder() throws(PolicyFault) {
        var done: Set<String> = []
        var left = items
        while !left.isEmpty {
            let ready = left.filter { done.isSuperset(of: $0.after) }
            guard !ready.isEmpty else {
                throw PolicyFault("items", "\(left.map(\.code).joined(separator: ", ")) wait for each other")
            }
            done.formUnion(ready.map(\.code))
            left.removeAll { done.contains($0.code) }
        }
    }
}

/// Why a policy cannot be used: the file, the place in it and what is wrong there.
package struct PolicyError: Error, Hashable, Sendable, CustomStringConvertible {
    package let file: String
    /// For example `items[2].after`.
    package let path: String
    package let fault: String

    package var description: String { "\(file): \(path.isEmpty ? "" : path + ": ")\(fault)" }
}

extension PolicyError {
    fileprivate init(file: String, decoding error: DecodingError) {
        let (context, fault): (DecodingError.Context, String) =
            switch error {
            case .keyNotFound(let key, let context): (context, "\(key.stringValue) is missing")
            case .typeMismatch(let type, let context): (context, "is not of type \(type)")
            case .valueNotFound(_, let context): (context, "has no value")
            case .dataCorrupted(let context): (context, context.debugDescription)
            @unknown default: (DecodingError.Context(codingPath: [], debugDescription: ""), "\(error)")
            }
        let path = context.codingPath.reduce("") { path, key in
            key.intValue.map { "\(path)[\($0)]" }
                ?? (path.isEmpty ? key.stringValue : "\(path).\(key.stringValue)")
        }
        self.init(file: file, path: path, fault: fault)
    }
}

private struct PolicyFault: Error {
    let path: String
    let text: String

    init(_ path: String, _ text: String) {
        self.path = path
        self.text = text
    }
}

private struct PolicyHeader: Decodable {
    let format: Int
}
