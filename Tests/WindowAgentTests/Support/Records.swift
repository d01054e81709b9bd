import Casework
import Foundation
import SyncProtocol

@testable import WindowAgent

extension ModelCentral {
    /// Writes a value of a union group into the hospital's record, by field key.
    mutating func record(
        _ members: [String: JSON], in name: String, of hospital: HospitalID = .test,
        by author: Author = Author(role: .central, unit: "", user: "desk")
    ) throws {
        guard let group = FieldDictionary.standard.group(named: name) else { throw Broken(what: name) }
        let value = try group.members.map { try $0.type.cbor(from: members[$0.key] ?? .null) }
        enter(hospital.record, hospital)
        try write([group.id: .init(value: value, replaces: [])], on: hospital.record, by: author)
    }

    /// Says settings, in the hospital's record or in central's own.
    mutating func set(_ settings: [String: String], in record: CaseID) throws {
        guard let group = FieldDictionary.standard.group(named: "hospitalSettings") else {
            throw Broken(what: "hospitalSettings")
        }
        let value = try group.members.map {
            try $0.type.cbor(from: .object(settings.mapValues { .text($0) }))
        }
        enter(record, .test)
        try write([group.id: .init(value: value, replaces: [])], on: record)
    }

    mutating func publish(_ file: [UInt8]) throws {
        let published = try PolicyLibrary.publishable(file, file: "test").published
        for part in published.parts { try record(part, in: "publishedPolicy") }
    }

    mutating func assign(_ first: String, _ last: String) throws {
        try record(
            ["certificateRangeFirst": .text(first), "certificateRangeLast": .text(last)],
            in: "certificateRange")
    }
}

/// A version of 永福's rules in which the last item cannot be applied for any more.
func policyFile(_ id: String = "gx-yongfu", version: Int) throws -> [UInt8] {
    guard var members = try JSON(parsing: PolicyLibrary.standard.file(of: testPolicy())).members,
        case .list(let items)? = members["items"]
    else { throw Broken(what: "the shipped policy") }
    members["id"] = .text(id)
    members["version"] = .number(.init(version))
    members["items"] = .list(
        items.map { item in
            guard var members = item.members, members["code"] == .text("parenting") else { return item }
            members["choice"] = .text("direct")
            return .object(members)
        })
    return try JSONBytes.of(.object(members))
}

enum JSONBytes {
    static func of(_ json: JSON) throws -> [UInt8] {
        [UInt8](try JSONEncoder().encode(json))
    }
}
