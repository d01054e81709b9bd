import Casework
import Foundation

extension APIContract {
    /// Nesting of a document.
    private static let depthMax = 48

    static func join(_ parts: [(name: String, bytes: [UInt8])]) throws(ContractError) -> [String: JSON] {
        var root: [String: JSON] = [:]
        for part in parts {
            let json: JSON
            do throws(JSONError) { json = try JSON(parsing: part.bytes, depthMax: depthMax) } catch {
                throw ContractError("\(part.name): \(error.english)")
            }
            root = try joined(root, json.members ?? [:], depth: 3, at: part.name)
        }
        return withReasons(withRates(root))
    }

    /// Where the parts have an answer for who gives no reason for reading a case that is over, whatever reads a case may give it.
    private static func withReasons(_ root: [String: JSON]) -> [String: JSON] {
        guard root["components"]?.members?["responses"]?.members?["ReasonNeeded"] != nil else { return root }
        let answer = JSON.object(["$ref": .text("#/components/responses/ReasonNeeded")])
        var root = root
        root["paths"] = root["paths"]?.members.map { paths in
            var paths = paths
            for (pattern, path) in paths where pattern.contains("/cases/{") || pattern.contains("{first}") {
                guard var methods = path.members, let look = methods["get"] else { continue }
                methods["get"] = answering(428, with: answer, in: look)
                paths[pattern] = .object(methods)
            }
            return .object(paths)
        }
        return root
    }

    /// Where the parts have an answer for who asks too often, any operation may give it: they do not repeat that each time.
    private static func withRates(_ root: [String: JSON]) -> [String: JSON] {
        guard root["components"]?.members?["responses"]?.members?["TooMany"] != nil else { return root }
        let answer = JSON.object(["$ref": .text("#/components/responses/TooMany")])
        var root = root
        root["paths"] = root["paths"]?.members.map { paths in
            .object(
                paths.mapValues { path in
                    .object((path.members ?? [:]).mapValues { answering(429, with: answer, in: $0) })
                })
        }
        return root
    }

    /// An operation that may give an answer; anything else as it is.
    private static func answering(_ status: Int, with answer: JSON, in operation: JSON) -> JSON {
        guard var members = operation.members, var responses = members["responses"]?.members else {
            return operation
        }
        responses["\(status)"] = responses["\(status)"] ?? answer
        members["responses"] = .object(responses)
        return .object(members)
    }

    /// Objects are joined down to a depth: `components`, then `schemas`, then what has a name of its own. Deeper, or elsewhere, a
    /// name stands once.
    private static func joined(
        _ left: [String: JSON], _ right: [String: JSON], depth: Int, at path: String
    ) throws(ContractError) -> [String: JSON] {
        var joined = left
        for (name, value) in right {
            guard let known = joined[name] else {
                joined[name] = value
                continue
            }
            // Two parts may say the same of a path's parameters.
            if known == value { continue }
            guard depth > 1, case .object(let own) = known, case .object(let more) = value else {
                throw ContractError("\(path): \(name) is there already")
            }
            joined[name] = .object(
                try self.joined(own, more, depth: depth - 1, at: "\(path) \(name)"))
        }
        return joined
    }

    static func encode(_ members: [String: JSON]) throws(ContractError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do { return Array(try encoder.encode(JSON.object(members))) } catch {
            throw ContractError("the document cannot be written")
        }
    }
}
