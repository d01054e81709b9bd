import Foundation
package import SyncProtocol

/// All field groups of all regions, with their numbers and merge rules (DESIGN section 5). It only ever grows: an ID
/// is never reused and a group never changes its members, because old changes are read by it for ever.
package struct FieldDictionary: Sendable {
    /// In the order of the file.
    package let groups: [FieldGroup]
    /// The same rules for every replica.
    package let mergeRules: MergeRules
    private let groupsByID: [GroupID: FieldGroup]
    private let groupsByName: [String: FieldGroup]
    private let places: [String: Place]
    private let groupsByDepartment: [String: [FieldGroup]]

    /// Where a key stands.
    package struct Place: Hashable, Sendable {
        package let group: FieldGroup
        /// The index of the field in the group's value.
        package let index: Int
        package var field: Field { group.members[index] }
    }

    /// The dictionary that is shipped with the program.
    package static let standard = shipped("Fields.json") {
        try FieldDictionary(json: PackageResources.Fields_json)
    }

    /// Reads a dictionary, and refuses one in which an ID, a name or a key stands twice.
    package init(json bytes: [UInt8]) throws(DictionaryError) {
        let file: FieldsFile
        do { file = try JSONDecoder().decode(FieldsFile.self, from: Data(bytes)) } catch {
            throw DictionaryError("\(error)")
        }
        guard file.format == 1 else { throw DictionaryError("unknown format \(file.format)") }
        var groups: [FieldGroup] = []
        for group in file.groups { groups.append(try FieldGroup(group)) }
        self.groups = groups
        groupsByID = try Self.index(groups.map { ($0.id, $0) })
        groupsByName = try Self.index(groups.map { ($0.name, $0) })
        places = try Self.index(
            groups.flatMap { group in
                group.members.indices.map { (group.members[$0].key, Place(group: group, index: $0)) }
            })
        _ = try Self.index(groups.flatMap(\.members).map { ($0.id, $0) })
        mergeRules = MergeRules(groupsByID.mapValues(\.rule))
        groupsByDepartment = Dictionary(
            grouping: groups.filter { if case .owner(.department) = $0.rule { true } else { false } }
        ) { if case .owner(.department(let department)) = $0.rule { department } else { "" } }
    }

    /// nil for a group that a later version of the program wrote.
    package subscript(id: GroupID) -> FieldGroup? { groupsByID[id] }

    /// The group with a name; policies and the program refer to groups by it.
    package func group(named name: String) -> FieldGroup? { groupsByName[name] }

    /// What a department writes, in the order of the file.
    package func groups(of department: String) -> [FieldGroup] { groupsByDepartment[department] ?? [] }

    /// The group and place of a key, or nil for one that no form and no fact has.
    package func place(of key: String) -> Place? { places[key] }

    package func field(_ key: String) -> Field? { places[key]?.field }

    private static func index<Key: Hashable, Value>(_ pairs: [(Key, Value)]) throws(DictionaryError) -> [Key:
        Value]
    {
        var result: [Key: Value] = [:]
        for (key, value) in pairs {
            guard result.updateValue(value, forKey: key) == nil else {
                throw DictionaryError("\(key) stands twice")
            }
        }
        return result
    }
}

/// Why the field dictionary or a code list cannot be used. Only a damaged program has one.
package struct DictionaryError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}

/// Decodes a file that is compiled into the program. That it is sound is tested, so a fault here is a programmer's.
func shipped<Value>(_ file: String, decode: () throws -> Value) -> Value {
    do { return try decode() } catch { preconditionFailure("\(file): \(error)") }
}
