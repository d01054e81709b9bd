package import Casework
import Persistence
import SyncProtocol

/// The birth certificates of this hospital. Which case holds which number is cached, so that no question looks at all cases.
extension WindowStore {
    /// The whole stock, as this window knows it.
    package func stock() throws -> CertificateStock {
        try freshen()
        return try freshStock()
    }

    /// The next unused certificate, inside the caller's transaction; nil where none is left or none was ever given.
    func nextCertificate() throws -> CertificateNumber? { try freshStock().next }

    private func freshStock() throws -> CertificateStock {
        let uses = try database.rows(
            "SELECT number, case_id, case_number FROM certificate_use ORDER BY number, case_id"
        ) { row throws(DatabaseError) in try row.certificateUse() }
        return try rules().stock(uses)
    }

    /// The stock as far as one number goes.
    package func stock(of number: CertificateNumber) throws -> CertificateStock {
        try freshen()
        return try rules().stock(try uses(of: number))
    }

    /// Notes that a certificate was spoiled or lost. Again is harmless.
    package func void(_ number: CertificateNumber, reason: String, _ saving: Saving) throws -> Saved {
        let today = CalendarDate(milliseconds: environment.milliseconds())
        let value: [String: CBOR] = [
            "voidedCertificateNumber": .text(number.description), "voidedCertificateReason": .text(reason),
            "voidedCertificateDate": .text(today.description),
        ]
        return try record(value, of: "voidedCertificate", saving) { _ in
            let stock = try rules().stock([])
            if stock.void(of: number) != nil { return false }
            guard !stock.isAssigned || stock.ranges.contains(where: { $0.contains(number) }) else {
                throw StoreError.certificate(.outside)
            }
            return true
        }
    }

    /// Notes the days off of a year. The latest import of a year holds, but central's goes before it.
    package func importCalendar(_ calendar: CalendarYear, _ saving: Saving) throws -> Saved {
        var value: [String: CBOR] = [:]
        for (key, json) in calendar.members { value[key] = try dictionary.field(key)?.type.cbor(from: json) }
        let year = value["publishedCalendarYear"]
        return try record(value, of: "publishedCalendar", saving) { standing in
            let latest = standing.last { $0.author.role == .window && $0.value.first == year }
            let group = dictionary.group(named: "publishedCalendar")
            return latest?.value != group?.members.map { value[$0.key] ?? .null }
        }
    }

    /// Adds a value of a union group to the hospital's record, in one transaction.
    ///
    /// - Parameter isNew: whether anything is to be written, by what stands in the group now.
    private func record(
        _ answers: [String: CBOR], of name: String, _ saving: Saving, if isNew: ([Standing]) throws -> Bool
    ) throws -> Saved {
        // The day is set here: the same save on another day is still the same.
        let asked = answers.filter { $0.key != "voidedCertificateDate" }
        return try add(to: name, asked: asked, saving) { try isNew($0) ? [answers] : [] }
    }

    /// Adds values to a union group of the hospital's record, in one transaction.
    ///
    /// - Parameters:
    ///   - asked: what was asked for, by which a repeated save is known.
    ///   - values: what is to be added, by what stands in the group now; each is a change of its own.
    func add(
        to name: String, asked: [String: CBOR], _ saving: Saving,
        values: ([Standing]) throws -> [[String: CBOR]]
    ) throws -> Saved {
        guard let enrolment = try loadEnrolment() else { throw StoreError.notEnrolled }
        guard let group = dictionary.group(named: name) else { throw EditError.unknownField(key: name) }
        let id = enrolment.hospital.record
        return try save(saving, request: SaveRequest(id, asked, seen: [:], saving)) { now in
            let state = CaseState(folding: try changes(of: id))
            let new = try values(state.registers[group.id]?.standing ?? [])
            for answers in new {
                let value = group.members.map { answers[$0.key] ?? .null }
                let content = try content(
                    [group.id: ChangeContent.Write(value: value, replaces: [])], on: state, saving, enrolment,
                    at: now)
                _ = try append(content, to: id, savedAt: now)
            }
            if !new.isEmpty { try refresh(id) }
            return Saved(cases: [Saved.Case(id: id.description, number: nil, isChanged: !new.isEmpty)])
        }
    }

    /// Refuses a certificate's number that these writes would put into a case and that may not be used, inside the saving
    /// transaction: of two clerks the second is refused.
    ///
    /// - Returns: what the clerk is to be warned of.
    func confirmCertificates(
        _ writes: [GroupID: ChangeContent.Write], on caseID: CaseID
    ) throws -> [String] {
        guard let place = dictionary.place(of: "birthCertNo"),
            let value = writes[place.group.id]?.value, value.indices.contains(place.index),
            case .text(let text) = value[place.index], let number = CertificateNumber(text)
        else { return [] }
        let stock = try rules().stock(try uses(of: number))
        if let refusal = stock.refusal(of: number, on: caseID) { throw StoreError.certificate(refusal) }
        return stock.isAssigned ? [] : [CertificateRefusal.unassignedWarning]
    }

    /// Replaces what is cached of the numbers that a case holds, inside the caller's transaction.
    func refreshUses(of caseID: CaseID, _ state: CaseState) throws {
        let caseNumber = state.texts("caseNumber", in: dictionary).first
        let new = Set(
            state.certificates(in: dictionary).map {
                CertificateUse(number: $0, caseID: caseID, caseNumber: caseNumber)
            })
        let old = Set(
            try database.rows(
                "SELECT number, case_id, case_number FROM certificate_use WHERE case_id = ?",
                .blob(caseID.bytes)
            ) { row throws(DatabaseError) in try row.certificateUse() })
        guard old != new else { return }
        try dropUses(of: caseID)
        for use in new {
            try database.execute(
                "INSERT INTO certificate_use (number, case_id, case_number) VALUES (?, ?, ?)",
                .name(use.number.description, order: ""), .blob(caseID.bytes),
                SQLiteValue(use.caseNumber))
        }
    }

    func dropUses(of caseID: CaseID) throws {
        try database.execute("DELETE FROM certificate_use WHERE case_id = ?", .blob(caseID.bytes))
    }

    private func uses(of number: CertificateNumber) throws -> [CertificateUse] {
        try database.rows(
            "SELECT number, case_id, case_number FROM certificate_use WHERE number = ?",
            .name(number.description, order: "")
        ) { row throws(DatabaseError) in try row.certificateUse() }
    }
}

extension Row {
    /// `number, case_id, case_number`.
    fileprivate borrowing func certificateUse() throws(DatabaseError) -> CertificateUse {
        guard let number = CertificateNumber(try name(0)) else {
            throw unexpected(0, wanted: "a certificate's number")
        }
        return CertificateUse(number: number, caseID: try caseID(1), caseNumber: try optionalText(2))
    }
}
