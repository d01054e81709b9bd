import Casework
import Cryptography
import Foundation
import Persistence
import SyncProtocol

/// What a save asks for, as a digest: a repeat is recognised by it, and told from another save under the same ID.
struct SaveRequest: Hashable, Sendable {
    let digest: Digest

    init(_ newborns: [Answers], policy: Policy, _ saving: Saving) {
        var writer = CBORWriter()
        writer.write("new")
        writer.write(policy.id)
        writer.writeArray(newborns.count)
        for newborn in newborns { writer.writeAnswers(newborn.values) }
        self.init(&writer, saving)
    }

    init(acknowledging caseID: CaseID, _ group: GroupID?, _ saving: Saving) {
        var writer = CBORWriter()
        writer.write("losses seen")
        writer.write(caseID.bytes)
        writer.write(group?.description ?? "")
        self.init(&writer, saving)
    }

    init(
        _ caseID: CaseID, _ answers: [String: CBOR], seen: [GroupID: [Dot]], alsoLinked: Bool = false,
        _ saving: Saving
    ) {
        var writer = CBORWriter()
        writer.write(alsoLinked ? "edit all" : "edit")
        writer.write(caseID.bytes)
        writer.writeAnswers(answers)
        writer.writeSeen(seen)
        self.init(&writer, saving)
    }

    init(_ caseID: CaseID, _ order: StepOrder, _ saving: Saving) {
        var writer = CBORWriter()
        writer.write("step")
        writer.write(caseID.bytes)
        writer.write(order.step.rawValue)
        let input = order.input
        let words = [
            input.date?.description, input.artefact?.rawValue, input.number, input.collector, input.progress,
            input.evaluation, input.vaccinated?.description,
        ]
        for word in words { writer.write(word ?? "") }
        for list in [input.reasons, input.originals] {
            writer.writeArray(list.count)
            for entry in list { writer.write(entry) }
        }
        writer.write(input.isMailed ? "mailed" : "")
        // Absent from what was saved before there was such a thing.
        if input.takesNext { writer.write("next") }
        if let item = input.item { writer.write("item " + item) }
        writer.writeSeen(order.seen ?? [:])
        self.init(&writer, saving)
    }

    init(_ caseID: CaseID, adding pages: [CasePage], alsoLinked: Bool, _ saving: Saving) {
        var writer = CBORWriter()
        writer.write(alsoLinked ? "pages all" : "pages")
        writer.write(caseID.bytes)
        writer.write(CBOR.array(pages.map(\.cbor)))
        self.init(&writer, saving)
    }

    init(_ caseID: CaseID, removing hash: Digest, from material: String, _ saving: Saving) {
        var writer = CBORWriter()
        writer.write("remove page")
        writer.write(caseID.bytes)
        writer.write(hash.bytes)
        writer.write(material)
        self.init(&writer, saving)
    }

    private init(_ writer: inout CBORWriter, _ saving: Saving) {
        writer.write(saving.user)
        writer.write(saving.reason ?? "")
        digest = SHA256.hash(writer.bytes)
    }
}

extension CBORWriter {
    fileprivate mutating func writeSeen(_ seen: [GroupID: [Dot]]) {
        writeArray(seen.count)
        for (group, dots) in seen.sorted(by: { $0.key < $1.key }) {
            write(UInt64(group.rawValue))
            write(Set(dots).sorted().map(\.description).joined(separator: " "))
        }
    }

    fileprivate mutating func writeAnswers(_ answers: [String: CBOR]) {
        writeArray(answers.count)
        for (key, value) in answers.sorted(by: { $0.key < $1.key }) {
            write(key)
            write(value)
        }
    }
}

extension WindowStore {
    /// Save IDs that are remembered: more than a township hospital uses in a year. The oldest is forgotten first.
    static let savesMax: Int64 = 10_000

    /// One transaction that is carried out once for each save ID.
    func save(_ saving: Saving, request: SaveRequest, _ body: (UInt64) throws -> Saved) throws -> Saved {
        try freshen()
        return try write {
            let now = environment.milliseconds()
            guard let id = saving.saveID else { return try body(now) }
            if let earlier = try earlierAnswer(id) {
                guard earlier.request == request.digest else { throw StoreError.saveIDReused }
                return earlier.saved
            }
            let saved = try body(now)
            let number = try database.first(
                "INSERT INTO save (id, request, answer, saved_at) VALUES (?, ?, ?, ?) RETURNING number",
                .text(id),
                .digest(request.digest.bytes),
                .sealed(Array(try JSONEncoder().encode(saved)), .store("save.answer")),
                .integer(Int64(now))
            ) { row throws(DatabaseError) in try row.integer(0) }
            try database.execute(
                "DELETE FROM save WHERE number <= ?", .integer((number ?? 0) - Self.savesMax))
            return saved
        }
    }

    /// Whether there was a save under an ID.
    func isSaved(_ saveID: String) throws -> Bool { try earlierAnswer(saveID) != nil }

    private func earlierAnswer(_ saveID: String) throws -> (request: Digest, saved: Saved)? {
        let found = try database.first("SELECT request, answer FROM save WHERE id = ?", .text(saveID)) {
            row throws(DatabaseError) in
            (request: try row.digest(0), answer: try row.sealed(1, "save.answer"))
        }
        guard let found else { return nil }
        return (found.request, try JSONDecoder().decode(Saved.self, from: Data(found.answer)))
    }
}
