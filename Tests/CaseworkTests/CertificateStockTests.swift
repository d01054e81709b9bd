import SyncProtocol
import Testing

@testable import Casework

@Suite("The stock of birth certificates")
struct CertificateStockTests {
    private func number(_ text: String) throws -> CertificateNumber {
        try #require(CertificateNumber(text))
    }

    private func range(_ first: String, _ last: String, _ date: String? = nil) throws -> CertificateRange {
        try CertificateRange(
            first: try number(first), last: try number(last), date: date.flatMap { CalendarDate($0) })
    }

    private func caseID(_ number: UInt64) -> CaseID { CaseID(milliseconds: number, random: (1, 1)) }

    private func use(_ text: String, _ id: UInt64) throws -> CertificateUse {
        CertificateUse(
            number: try number(text), caseID: caseID(id), caseNumber: "YF01-20250929-000\(id)-AAAA")
    }

    private func void(_ text: String) throws -> VoidedCertificate {
        VoidedCertificate(number: try number(text), reason: "打印损坏", date: nil)
    }

    @Test(
        "A number is a capital letter and nine digits, and reads back as it is printed",
        arguments: ["Z459990001", "A000000000", "Q000012345", "B999999999"])
    func numbers(text: String) throws {
        #expect(try number(text).description == text)
    }

    @Test("Numbers of a letter follow each other; beyond its last and before its first there is none")
    func following() throws {
        let first = try number("Z459990009")
        #expect(first.advanced(by: 1)?.description == "Z459990010")
        #expect(first.distance(to: try number("Z459990109")) == 100)
        #expect(first.distance(to: try number("Y459990109")) == nil)
        #expect(try number("Z999999999").advanced(by: 1) == nil)
        #expect(try number("Z000000000").advanced(by: -1) == nil)
        #expect(try number("Z000000000").advanced(by: .max) == nil)
        #expect(try number("A999999999") < number("B000000000"))
    }

    @Test("A range is of one letter, not reversed, and at most so long")
    func ranges() throws {
        #expect(try range("Z000000000", "Z000000000").count == 1)
        #expect(try range("Z000000000", "Z000099999").count == CertificateRange.countMax)
        #expect(throws: CertificateRangeError.tooMany) { try range("Z000000000", "Z000100000") }
        #expect(throws: CertificateRangeError.reversed) { try range("Z000000002", "Z000000001") }
        #expect(throws: CertificateRangeError.differentLetters) { try range("Y000000001", "Z000000002") }
    }

    @Test(
        "Every number is one of remaining, used and voided, and the next one may be used", arguments: 0..<60)
    func accounting(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let ranges = try (0..<Int.random(in: 1...3, using: &random)).map { index in
            let first = Int.random(in: 10...60, using: &random)
            return try range("Z0000000\(first)", "Z0000000\(first + Int.random(in: 0...20, using: &random))")
        }
        var (uses, voids): ([CertificateUse], [VoidedCertificate]) = ([], [])
        for id in 0..<30 where Bool.random(using: &random) {
            uses.append(try use("Z0000000\(Int.random(in: 10...99, using: &random))", UInt64(id)))
        }
        for _ in 0..<5 { voids.append(try void("Z0000000\(Int.random(in: 10...99, using: &random))")) }
        let stock = CertificateStock(ranges: ranges, uses: uses.shuffled(using: &random), voids: voids)
        // The same, number by number.
        let all = try (10...99).map { try number("Z0000000\($0)") }
        let assigned = all.filter { number in ranges.contains { $0.contains(number) } }
        let voided = Set(voids.map(\.number))
        let used = Set(uses.map(\.number))
        #expect(stock.assignedCount == assigned.count, "seed \(seed)")
        #expect(stock.voidedCount == assigned.count(where: voided.contains))
        #expect(stock.usedCount == assigned.count { used.contains($0) && !voided.contains($0) })
        let left = assigned.filter { !used.contains($0) && !voided.contains($0) }
        #expect(stock.remainingCount == left.count)
        #expect(stock.next.map(left.contains) ?? left.isEmpty, "seed \(seed)")
        #expect(
            stock.usedTwice.map(\.number) == used.filter { n in uses.count { $0.number == n } > 1 }.sorted())
        #expect(stock.usedOutside.map(\.number) == used.subtracting(assigned).sorted())
        #expect(stock.voidedAndUsed.map(\.number) == used.intersection(voided).sorted())
        for number in all {
            #expect((stock.refusal(of: number) == nil) == left.contains(number), "seed \(seed): \(number)")
        }
    }

    @Test("The next number comes from the range that was given first, lowest number first")
    func next() throws {
        let ranges = [
            try range("A000000001", "A000000003", "2025-05-01"),
            try range("Z000000001", "Z000000002", "2025-01-01"),
        ]
        var uses: [CertificateUse] = []
        for expected in ["Z000000001", "Z000000002", "A000000001", "A000000002", "A000000003"] {
            let stock = CertificateStock(ranges: ranges, uses: uses, voids: [])
            #expect(stock.next == (try number(expected)))
            uses.append(try use(expected, UInt64(uses.count)))
        }
        #expect(CertificateStock(ranges: ranges, uses: uses, voids: []).next == nil)
    }

    @Test("A number is refused in Chinese: voided, in another case, outside; on its own case it is fine")
    func refusals() throws {
        let stock = CertificateStock(
            ranges: [try range("Z000000001", "Z000000009")],
            uses: [try use("Z000000001", 1), try use("Z000000002", 2)],
            voids: [try void("Z000000002"), try void("Z000000003")])
        let used = stock.refusal(of: try number("Z000000001"))
        #expect(used?.chinese == "出生医学证明编号已用于办件 YF01-20250929-0001-AAAA，请核对纸质证件上的编号。")
        #expect(stock.refusal(of: try number("Z000000001"), on: caseID(1)) == nil)
        #expect(stock.refusal(of: try number("Z000000001"), on: caseID(2)) == used)
        #expect(stock.refusal(of: try number("Z000000003")) == .voided)
        #expect(stock.refusal(of: try number("Z000000002"), on: caseID(2)) == nil)
        #expect(stock.refusal(of: try number("Z000000010")) == .outside)
        #expect(stock.refusal(of: try number("Z000000009")) == nil)
    }

    @Test("A hospital that was given none may use any number, but not twice and not a voided one")
    func unassigned() throws {
        let stock = CertificateStock(
            ranges: [], uses: [try use("Z000000001", 1)], voids: [try void("Z000000003")])
        #expect(!stock.isAssigned && !stock.isLow(at: 20) && stock.usedOutside.isEmpty)
        #expect(stock.refusal(of: try number("Z000000009")) == nil)
        #expect(stock.refusal(of: try number("Z000000001")) != nil)
        #expect(stock.refusal(of: try number("Z000000003")) == .voided)
    }

    @Test("A warning is due when so many are left as the hospital's settings say, or twenty")
    func low() throws {
        func stock(_ count: Int) throws -> CertificateStock {
            CertificateStock(ranges: [try range("Z000000001", "Z0000000\(count)")], uses: [], voids: [])
        }
        #expect(WindowSettings().lowStockCount == 20)
        #expect(WindowSettings(record: ["lowCertificateStock": "5"]).lowStockCount == 5)
        #expect(WindowSettings(record: ["lowCertificateStock": "many"]).lowStockCount == 20)
        #expect(try stock(20).isLow(at: 20) && !stock(21).isLow(at: 20))
    }
}

/// A reproducible source of randomness (SplitMix64).
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
