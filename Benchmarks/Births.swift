import Casework
import Registrations
import SyncProtocol

/// Births made up from a seed: an application to which nothing is wrong, with up to four facts changed.
struct Births {
    private var random: SplitMix
    private let policy: Policy

    init(_ policy: Policy, seed: UInt64) {
        self.policy = policy
        random = SplitMix(state: seed)
    }

    mutating func next() -> Answers {
        var answers = sound
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            guard let (key, values) = Self.changes.randomElement(using: &random) else { continue }
            answers[key] = values.randomElement(using: &random)
        }
        return answers
    }

    private var county: String { (policy.countyPrefix + "0000").prefix(6).description }

    private var sound: Answers {
        var values = Self.always
        for key in [
            "institutionCountyCode", "settleCountyCode", "insureAreaCode", "motherHukouCode",
            "fatherHukouCode",
        ] { values[key] = .text(county) }
        values["items"] = .array(policy.items.map { .text($0.code) })
        values["materials"] = .array(
            policy.materials.map { material in
                .array([.text(material.code), .array(material.parts.map { .text($0) }), .null, .null])
            })
        return Answers(values)
    }

    private static let always: [String: CBOR] = [
        "applicantRole": .text("mother"), "applyChannel": .text("online"), "birthSetting": .text("inpatient"),
        "institutionLicensed": .bool(true), "liveBirth": .bool(true), "bornInWedlock": .bool(true),
        "parentsMaritalStatus": .text("married"), "singleParent": .bool(false),
        "settleHouseholdType": .text("family"), "meetsInsurancePolicy": .bool(true),
        "meetsSettlementPolicy": .bool(true), "ssCardAppliedElsewhere": .bool(false),
        "birthCertIssuedOffline": .bool(false), "hukouRegisteredOffline": .bool(false),
        "motherNationality": .text("CHN"), "fatherNationality": .text("CHN"),
        "motherIdentityGroup": .text("mainland"), "fatherIdentityGroup": .text("mainland"),
        "motherHukouType": .text("family"), "fatherHukouType": .text("family"),
        "motherHukouStatus": .text("active"), "fatherHukouStatus": .text("active"),
        "motherEthnicity": .text("01"), "fatherEthnicity": .text("01"), "childName": .text("测试"),
        "childSex": .text("1"), "birthDate": .text("2025-09-26"), "birthTime": .text("08:15"),
        "followParent": .text("mother"), "applyDate": .text("2025-09-29"),
        "applyDateTime": .text("2025-09-29T09:30:00+08:00"), "acceptanceDate": .text("2025-09-29"),
        "birthCertNo": .text("Z459990001"), "settlePoliceStationCorrect": .bool(true),
        "originalsMatchPreAccept": .bool(true), "hukouDone": .bool(true), "motherEmployed": .bool(true),
        "maternityInsMonths": .unsigned(24), "maternitySettledWithOwnSsCard": .bool(true),
        "originalsPosted": .array(["LZ-M04", "LZ-M05", "LZ-M06", "LZ-M07"].map { .text($0) }),
    ]

    /// In an order, so that one seed always gives the same births.
    private static let changes: [(String, [CBOR])] = [
        ("applyDate", [.text("2025-10-09"), .text("2025-10-26"), .text("2025-12-31"), .null]),
        ("birthDate", [.text("2025-08-31"), .text("2025-09-01"), .text("2025-01-31"), .null]),
        ("applicantRole", [.text("father"), .text("delegate"), .null]),
        ("motherEthnicity", [.text("08"), .text("12"), .null]), ("bornInWedlock", [.bool(false), .null]),
        ("motherHukouType", [.text("collective"), .null]), ("childName", [.null]),
        ("fatherHukouStatus", [.text("cancelled"), .text("none")]), ("hukouDone", [.bool(false), .null]),
        ("items", [.array([.text("birthCert")]), .array([.text("birthCert"), .text("hukou")]), .null]),
        ("materials", [.null]), ("sharedVerified", [.array([.text("YF-M04"), .text("AH-M02")])]),
        ("maternityInsMonths", [.unsigned(10), .null]), ("acceptanceDate", [.text("2026-09-28"), .null]),
    ]
}
