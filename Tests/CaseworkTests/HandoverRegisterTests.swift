import Foundation
import SyncProtocol
import Testing

@testable import Casework

@Suite("The register of a handover")
struct HandoverRegisterTests {
    private let rule: HandoverRule

    init() throws {
        rule = try JSONDecoder().decode(
            HandoverRule.self,
            from: Data(
                #"{"days": ["03-30", "06-30", "09-30", "12-30"], "from": "甲", "to": "乙", "source": "x"}"#.utf8
            ))
    }

    private func certificate(_ place: Int) throws -> CertificateNumber {
        try #require(CertificateNumber("Z000000001")?.advanced(by: place))
    }

    /// Certificates issued on these days, numbered from Z000000001.
    private func issued(_ days: [String]) throws -> [IssuedCertificate] {
        try days.enumerated().map { place, day in
            IssuedCertificate(
                caseID: CaseID(milliseconds: 1, random: (0, UInt64(place))), caseNumber: "YF-\(place + 1)",
                number: try certificate(place), issued: try #require(CalendarDate(day)))
        }
    }

    private func register(
        _ name: String, _ certificates: [IssuedCertificate], handovers: [RecordedHandover] = [],
        voids: Set<CertificateNumber> = []
    ) throws -> HandoverRegister {
        HandoverRegister(
            try #require(HandoverQuarter(name)), by: rule, certificates: certificates, handovers: handovers,
            voids: voids)
    }

    private func handover(_ name: String, on day: String, _ places: [Int]) throws -> RecordedHandover {
        RecordedHandover(
            policy: "p", quarter: try #require(HandoverQuarter(name)), date: try #require(CalendarDate(day)),
            numbers: try places.map(certificate), from: "甲", to: "乙")
    }

    /// The last digits of the numbers.
    private func places(_ rows: [HandoverRegister.Row]) -> [Int] {
        rows.compactMap { Int($0.number.description.dropFirst()) }
    }

    private let days = [
        "2024-12-30", "2024-12-31", "2025-03-30", "2025-03-31", "2025-06-30", "2025-07-01", "2025-09-30",
    ]

    @Test(
        "A certificate stands in the register of the next day of handing over; of 31 March in the next quarter's",
        arguments: [
            ("2024Q4", [1]), ("2025Q1", [2, 3]), ("2025Q2", [4, 5]), ("2025Q3", [6, 7]), ("2025Q4", []),
        ])
    func quarters(name: String, expected: [Int]) throws {
        let done = try [
            handover("2024Q4", on: "2024-12-30", [0]), handover("2025Q1", on: "2025-03-30", [1, 2]),
            handover("2025Q2", on: "2025-06-30", [3, 4]), handover("2025Q3", on: "2025-09-30", [5, 6]),
        ]
        let quarter = try #require(HandoverQuarter(name))
        let before = done.filter { $0.quarter < quarter }
        #expect(places(try register(name, issued(days), handovers: before).rows) == expected)
        #expect(places(try register(name, issued(days), handovers: done).rows) == expected)
    }

    @Test("What is in no recorded handover is left over for the next register, and told as such")
    func leftOver() throws {
        let first = try handover("2025Q1", on: "2025-03-30", [2])
        let open = try register("2025Q2", issued(days), handovers: [first])
        #expect(places(open.rows) == [1, 2, 4, 5] && open.leftOverCount == 2)
        #expect(open.rows.map(\.isLeftOver) == [true, true, false, false])
        let second = try handover("2025Q2", on: "2025-06-30", [0, 1, 3, 4])
        let next = try register("2025Q3", issued(days), handovers: [first, second])
        #expect(places(next.rows) == [6, 7] && next.leftOverCount == 0)
        #expect(open.content(from: "甲", to: "乙").period.contains("2025年第二季度"))
        #expect(open.content(from: "甲", to: "乙").period.contains("补交 2 份"))
    }

    @Test("A recorded quarter shows what was recorded; what is found later stands in the next register")
    func recorded() throws {
        let done = try handover("2025Q3", on: "2025-09-30", [5])
        let before = try handover("2025Q2", on: "2025-06-30", [0, 1, 2, 3, 4])
        let shown = try register("2025Q3", issued(days), handovers: [before, done])
        #expect(places(shown.rows) == [6] && places(shown.later) == [7])
        #expect(shown.handedOver == CalendarDate("2025-09-30"))
        let next = try register("2025Q4", issued(days), handovers: [before, done])
        #expect(places(next.rows) == [7] && next.leftOverCount == 1)
        // Two windows that recorded the same quarter add up.
        let other = try handover("2025Q3", on: "2025-10-01", [6])
        let both = try register("2025Q3", issued(days), handovers: [before, done, other])
        #expect(places(both.rows) == [6, 7] && both.later.isEmpty)
        #expect(both.handedOver == CalendarDate("2025-09-30"))
    }

    @Test("Voided ones are left out, a number stands once, and one without a number is told")
    func exceptions() throws {
        var certificates = try issued(["2025-08-01", "2025-08-02", "2025-08-03"])
        certificates.append(
            IssuedCertificate(
                caseID: CaseID(milliseconds: 9, random: (9, 9)), caseNumber: "YF-9",
                number: try certificate(0), issued: try #require(CalendarDate("2025-07-20"))))
        certificates.append(
            IssuedCertificate(
                caseID: CaseID(milliseconds: 8, random: (9, 9)), caseNumber: "YF-8", number: nil,
                issued: try #require(CalendarDate("2025-08-04"))))
        let shown = try register("2025Q3", certificates, voids: [try certificate(1)])
        #expect(places(shown.rows) == [1, 3])
        #expect(shown.rows[0].caseNumber == "YF-9", "the one that was issued first")
        #expect(shown.unnumbered.map(\.caseNumber) == ["YF-8"])
        #expect(try register("2025Q4", certificates).unnumbered.isEmpty)
    }

    @Test("What was issued after the day of handing over is not recorded with it")
    func early() throws {
        let shown = try register("2025Q3", issued(["2025-09-10", "2025-09-20"]))
        let day = try #require(CalendarDate("2025-09-15"))
        #expect(try shown.numbers(handedOverOn: day, today: day) == [try certificate(0)])
        let tomorrow = day.adding(days: 1)
        #expect(try shown.numbers(handedOverOn: #require(tomorrow), today: nil).count == 1)
    }

    @Test("A handover is not recorded before its quarter, in the future, or beyond the limit")
    func refused() throws {
        let shown = try register("2025Q3", issued(["2025-07-01"]))
        let (first, last) = (shown.days.lowerBound, shown.days.upperBound)
        let before = try #require(first.adding(days: -1))
        #expect(throws: HandoverRefusal.tooEarly(first: first)) {
            try shown.numbers(handedOverOn: before, today: last)
        }
        #expect(throws: HandoverRefusal.future) { try shown.numbers(handedOverOn: last, today: first) }
        let many = try issued(Array(repeating: "2025-07-01", count: PaperContent.entriesMax + 1))
        let full = try register("2025Q3", Array(many.dropLast()))
        #expect(try full.numbers(handedOverOn: last, today: last).count == PaperContent.entriesMax)
        let tooMany = try register("2025Q3", many)
        #expect(throws: HandoverRefusal.tooMany) { try tooMany.numbers(handedOverOn: last, today: last) }
    }

    @Test(
        "What is recorded is read back from the hospital's record, in as many values as it needs",
        arguments: [(0, 1), (1, 1), (5000, 1), (5001, 2), (10_000, 2)])
    func readBack(count: Int, values: Int) throws {
        let recorded = try handover("2025Q3", on: "2025-09-30", Array(0..<count))
        #expect(recorded.values.count == values)
        let dictionary = FieldDictionary.standard
        let group = try #require(dictionary.group(named: "handover"))
        let changes = try recorded.values.enumerated().map { place, members in
            let value = group.members.map { members[$0.key] ?? .null }
            return try Change(
                replica: ReplicaID(rawValue: 5), sequence: UInt64(place + 1),
                caseID: CaseID(milliseconds: 7, random: (7, 7)), edition: UInt64(place + 1),
                content: ChangeContent(
                    writes: [group.id: .init(value: value, replaces: [])],
                    time: HybridTime(milliseconds: UInt64(place + 1)),
                    author: Author(role: .window, unit: "YF01", user: "x")))
        }
        for change in changes { #expect(change.body.count <= Limits.bodyBytesMax) }
        let view = HospitalRecordView(CaseState(folding: changes), dictionary: dictionary)
        #expect(view.faults.isEmpty && view.handovers.flatMap(\.numbers) == recorded.numbers)
        #expect(Set(view.handovers.map(\.quarter)) == [recorded.quarter])
        for value in recorded.values {
            for (key, text) in value where text != .null {
                #expect(throws: Never.self) { try dictionary.field(key)?.type.json(from: text) }
            }
        }
    }

    @Test(
        "An entry of the record that names no quarter or holds no numbers is a fault, and counts as nothing")
    func unreadable() throws {
        let group = try #require(FieldDictionary.standard.group(named: "handover"))
        let good = try handover("2025Q3", on: "2025-09-30", [1]).values[0]
        let bad = [
            ("handoverQuarter", "2025Q5"), ("handoverDate", "x"), ("handoverNumbers", "Z000000001 Z1"),
        ]
        let changes = try bad.enumerated().map { place, wrong in
            let value = group.members.map { $0.key == wrong.0 ? .text(wrong.1) : good[$0.key] ?? .null }
            return try Change(
                replica: ReplicaID(rawValue: 5), sequence: UInt64(place + 1),
                caseID: CaseID(milliseconds: 7, random: (7, 7)), edition: UInt64(place + 1),
                content: ChangeContent(
                    writes: [group.id: .init(value: value, replaces: [])],
                    time: HybridTime(milliseconds: UInt64(place + 1)),
                    author: Author(role: .window, unit: "YF01", user: "x")))
        }
        let view = HospitalRecordView(CaseState(folding: changes))
        #expect(view.handovers.isEmpty && view.faults.count == 3)
    }
}
