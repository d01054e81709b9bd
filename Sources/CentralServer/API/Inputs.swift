import Casework
import Cryptography
import Foundation
import SyncProtocol
import Web

/// Reading JSON bodies and parameters. What cannot be read is refused without quoting it.
extension Request {
    /// JSON bodies of the API at most.
    static let jsonBytesMax = 256 * 1024

    func decoded<Body: Decodable>(as type: Body.Type) throws(CentralError) -> Body {
        guard body.count <= Self.jsonBytesMax else {
            throw CentralError.refused(.malformed("The body is too large."))
        }
        do { return try JSONDecoder().decode(type, from: Data(body)) } catch {
            throw CentralError.refused(.malformed("The body is not the JSON that is wanted here."))
        }
    }

    /// The presented bearer token.
    var bearer: String? {
        guard let field = headers["Authorization"], field.hasPrefix("Bearer ") else { return nil }
        return String(field.dropFirst(7))
    }

    func parameter(_ name: String) throws(CentralError) -> String {
        guard let value = parameters[name] else {
            throw CentralError.refused(.malformed("\(name) is missing."))
        }
        return value
    }

    func caseID(_ name: String = "id") throws(CentralError) -> CaseID {
        guard let id = CaseID(try parameter(name)) else { throw CentralError.refused(.unknownCase) }
        return id
    }

    /// `?limit=`, within bounds.
    var limit: Int { min(max(Int(query["limit"] ?? "") ?? 50, 1), 200) }

    /// Who acts: who has signed in, or whom the command names.
    var operatorName: String { user.isEmpty ? "staff" : user }
}

extension Dot {
    /// Reads what `description` writes.
    init(reading text: String) throws(CentralError) {
        guard let dot = Dot(text) else {
            throw CentralError.refused(.malformed("A dot is not REPLICA.EDITION."))
        }
        self = dot
    }

    static func list(_ texts: [String]) throws(CentralError) -> [Dot] {
        guard texts.count <= SyncProtocol.Limits.dotsPerGroupMax else {
            throw CentralError.refused(.malformed("Too many dots."))
        }
        var dots: [Dot] = []
        for text in texts { dots.append(try Dot(reading: text)) }
        return Array(Set(dots)).sorted()
    }
}

extension ContentID {
    init(reading text: String) throws(CentralError) {
        guard let bytes = [UInt8](hexadecimal: text), let digest = Digest(bytes: bytes) else {
            throw CentralError.refused(.malformed("A change is not named by 64 hexadecimal digits."))
        }
        self.init(rawValue: digest)
    }
}

extension Casebook {
    /// Codes the members of one group; those left out are unanswered.
    func value(_ members: [String: JSON], of group: GroupID) throws(CentralError) -> [CBOR] {
        guard let fields = dictionary[group]?.members,
            members.keys.allSatisfy({ key in fields.contains { $0.key == key } })
        else { throw CentralError.refused(.malformedValue(group)) }
        var value: [CBOR] = []
        for field in fields {
            do throws(ValueError) {
                value.append(try field.type.cbor(from: members[field.key] ?? .null))
            } catch {
                throw CentralError.refused(.malformedValue(group))
            }
        }
        return value
    }
}
