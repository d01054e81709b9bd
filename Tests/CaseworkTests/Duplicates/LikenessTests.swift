import Casework
import Registrations
import SyncProtocol
import Testing

@Suite("The same child in two cases")
struct LikenessTests {
    typealias Values = [ChildTraits.Trait: Set<String>]

    private static let single: Values = [
        .childName: ["韦梓涵"], .sex: ["2"], .birthDate: ["2025-10-09"], .birthTime: ["08:15"],
        .weight: ["3200"],
        .plurality: ["SINGLE"], .institution: ["永福县人民医院"], .motherName: ["覃丽"],
        .motherID: ["450326199505051228"], .fatherName: ["韦强"], .fatherID: ["450326199303031211"],
        .phone: ["13800000000"], .certificate: ["Z459990001"],
    ]

    private static func traits(
        _ number: UInt64, _ changes: Values = [:], linked: Set<UInt64> = [], of values: Values = single
    ) -> ChildTraits {
        ChildTraits(
            caseID: id(number), values.merging(changes) { $1 }, linked: Set(linked.map(id)))
    }

    private static func id(_ number: UInt64) -> CaseID { CaseID(milliseconds: number, random: (1, 1)) }

    /// What two cases come to that differ so; nil if they are not taken for one child.
    private func likeness(
        _ changes: Values, of values: Values = single, linked: Set<UInt64> = []
    ) -> Likeness? {
        let (one, other) = (
            Self.traits(1, of: values), Self.traits(2, changes, linked: linked, of: values)
        )
        let found = DuplicateRules.standard.likeness(one, other)
        #expect(found == DuplicateRules.standard.likeness(other, one), "it depends on which comes first")
        return found
    }

    private static let nobody: Values = [
        .childName: ["李一诺"], .sex: ["1"], .birthTime: ["21:40"], .weight: ["2900"], .institution: ["融水县医院"],
        .motherName: ["黄敏"], .motherID: ["450225199601011244"], .fatherName: ["李杰"],
        .fatherID: ["450225199401011233"], .phone: ["13911111111"], .certificate: ["Z450000777"],
        .birthDate: ["2025-12-24"],
    ]

    @Test(
        "Each rule finds what it is for, by itself and under its own code",
        arguments: [
            ("DC-01", [.certificate], [:]),
            ("DC-03", [.motherID, .birthDate], [:]),
            ("DC-04", [.motherID], [.birthDate: ["2025-10-11"]]),
            ("DC-05", [.motherID], [.birthDate: ["2025-11-09"]]),
            ("DC-06", [.motherID, .childName, .birthTime], [.birthDate: ["2026-10-09"]]),
            ("DC-07", [.childName, .birthDate, .birthTime, .institution], [.motherID: []]),
            (
                "DC-08", [.birthDate, .birthTime],
                [.childName: ["韦子晗"], .motherName: ["秦莉"], .motherID: [], .fatherID: []]
            ),
            ("DC-09", [.birthDate, .motherName], [.motherID: ["450326199505052128"]]),
            ("DC-10", [.motherName, .fatherName, .birthDate], [.motherID: [], .fatherID: []]),
            ("DC-11", [.phone, .motherName, .birthDate], [.motherID: [], .fatherID: []]),
            ("DC-12", [.childName, .motherName, .birthDate], [.motherID: []]),
            ("DC-13", [.fatherID, .birthDate], [:]),
            ("DC-15", [.motherName, .birthDate, .birthTime, .weight], [.motherID: [], .sex: ["2"]]),
            ("DC-16", [.fatherID, .motherName], [.birthDate: ["2025-11-09"], .motherID: []]),
        ] as [(String, [ChildTraits.Trait], Values)])
    func rules(code: String, shared: [ChildTraits.Trait], changes: Values) throws {
        var other = Self.nobody
        for trait in shared { other[trait] = nil }
        other[.sex] = nil
        for (trait, values) in changes { other[trait] = values }
        let found = try #require(likeness(other), "\(code)")
        #expect(found.codes.first == code, "\(found)")
        #expect(found.score >= DuplicateRules.standard.shownMin)
    }

    @Test("Two strangers who were born on one day are no pair, whatever they are called")
    func strangers() {
        #expect(likeness(Self.nobody) == nil)
        #expect(likeness(Self.nobody.merging([.birthDate: ["2025-10-09"]]) { $1 }) == nil)
        var common: Values = Self.nobody
        (common[.birthDate], common[.motherName]) = (["2025-10-09"], ["覃丽"])
        #expect(likeness(common) == nil, "mothers of one common name")
        (common[.fatherName], common[.childName]) = (["韦强"], ["韦梓涵"])
        #expect(
            likeness(common) == nil, "two families of the same names at two hospitals, with other numbers")
    }

    @Test("One mother's next children are no pair", arguments: [200, 300, 365, 366, 730])
    func pregnancies(days: Int) throws {
        let day = try #require(CalendarDate("2025-10-09")?.adding(days: days))
        let next: Values = [
            .birthDate: [day.description], .childName: ["韦一诺"], .birthTime: ["17:20"],
            .certificate: ["Z450000777"],
        ]
        #expect(likeness(next) == nil)
    }

    private static let twin = single.merging([.plurality: ["TWIN"], .certificate: []]) { $1 }

    @Test(
        "Twins are no pair: another sex, minute or name tells them apart, linked or not",
        arguments: [
            [.sex: ["1"], .birthTime: ["08:18"], .weight: ["2800"], .childName: ["韦梓轩"]],
            [.birthTime: ["08:16"], .weight: ["2800"], .childName: ["韦梓轩"]],
            [.birthTime: ["08:16"], .weight: ["2950"], .childName: []],
            [.sex: ["1"], .childName: [], .weight: [], .birthTime: []],
            [.childName: [], .weight: [], .birthTime: []],
            [.childName: ["韦子晗"], .birthTime: ["08:25"], .weight: ["3100"]],
        ] as [Values])
    func twins(other: Values) {
        #expect(likeness(other, of: Self.twin) == nil)
        #expect(likeness(other, of: Self.twin, linked: [1]) == nil)
        #expect(likeness(other.merging([.plurality: []]) { $1 }, of: Self.twin) == nil, "only one says twins")
    }

    @Test(
        "A twin that is registered twice is a pair, though slips were made",
        arguments: [
            [:], [.childName: ["韦子晗"]], [.childName: []], [.weight: []], [.birthTime: ["08:16"]],
            [.plurality: []], [.motherID: []],
        ] as [Values])
    func twinTwice(slip: Values) throws {
        let found = try #require(likeness(slip, of: Self.twin))
        #expect(found.codes.contains(DuplicateRules.siblingsCode))
    }

    @Test("Siblings of one registration are a pair only under one certificate")
    func linked() {
        #expect(likeness([:], of: Self.twin, linked: [1]) == nil)
        let same = Self.twin.merging([.certificate: ["Z459990001"]]) { $1 }
        #expect(likeness([:], of: same, linked: [1])?.codes.first == "DC-01")
    }

    @Test("What speaks against it lowers the score and is told")
    func doubts() throws {
        let sure = try #require(likeness([:]))
        let unsure = try #require(likeness([.sex: ["1"], .weight: ["4000"]]))
        #expect(unsure.score < sure.score)
        #expect(unsure.codes.suffix(2) == ["DX-01", "DX-05"])
    }

    @Test("A trait in conflict counts as the value that fits best")
    func conflict() {
        #expect(
            likeness([.motherID: ["450225199601011244", "450326199505051228"], .certificate: []]) != nil)
    }

    @Test("A typed number that differs more than by a slip is another number", arguments: 1...6)
    func slips(count: Int) {
        var digits = Array("450326199505051228")
        for place in 0..<count { digits[3 + place * 2] = "0" }
        let differing = zip(digits, "450326199505051228").filter { $0 != $1 }.count
        let rest: Values = [
            .motherID: [String(digits)], .certificate: [], .childName: [], .fatherName: [], .fatherID: [],
            .phone: [],
            .birthTime: [], .weight: [], .institution: [],
        ]
        #expect((likeness(rest) != nil) == (differing <= DuplicateRules.standard.nearDigits))
    }

    @Test("Cases that could be one child share a key, and keys have a limit")
    func keys() {
        #expect(
            !Self.traits(1).keys.isDisjoint(with: Self.traits(2, [.motherID: [], .certificate: []]).keys))
        let many = Set((1...40).map { "2025-10-\($0)" })
        let names = Set((1...40).map { "覃\($0)" })
        let crowded = Self.traits(1, [.birthDate: many, .motherName: names, .phone: names])
        #expect(crowded.keys.count == ChildTraits.keysMax)
        #expect(crowded[.birthDate].count == ChildTraits.valuesMax)
    }
}

@Suite("How much is found")
struct DuplicateQualityTests {
    @Test(
        "Of made-up registrations nearly all pairs are found, and nearly all that is found is right",
        arguments: [11, 12])
    func floors(seed: UInt64) {
        let search = DuplicateSearch(Registrations(births: 3_000, twice: 60, seed: seed))
        print("seed \(seed): precision \(search.precision), recall \(search.recall), of \(search.real)")
        for (one, other, likeness) in search.wrong {
            print("wrong: \(likeness) \(one.values) | \(other.values)")
        }
        for (one, other) in search.missed { print("missed: \(one.values) | \(other.values)") }
        #expect(search.real > 100)
        #expect(search.precision >= 0.99)
        #expect(search.recall >= 0.95)
        #expect(search.compared < 12 * 3_500, "comparisons grow with the number of cases")
    }
}
