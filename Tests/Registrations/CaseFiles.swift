package import Casework
import Foundation
import SyncProtocol

/// Applications as clerks type them, made up from a seed: one file per delivery, complete by the rules of one region, each of another
/// family.
package struct CaseFiles {
    private var random: SplitMix
    private let template: [String: JSON]

    /// - Parameter template: a complete application, of which the family, the child and its birth are replaced.
    package init(template: [UInt8], seed: UInt64) throws {
        random = SplitMix(state: seed)
        self.template = try JSON(parsing: template).members ?? [:]
    }

    /// The next delivery. It has one child with a name, so that the application is complete.
    package mutating func next() -> JSON {
        let family = Family(hospitals: 40, &random)
        var file = template
        for (key, value) in [
            "motherName": family.mother.name, "motherIdNo": family.mother.id ?? "",
            "motherPhone": "13" + family.phone.dropFirst(2),
            "headName": family.mother.name,
            "headIdNo": family.mother.id ?? "", "childName": family.children[0].name ?? "韦小满",
            "childSex": family.children[0].sex,
            "relationToHead": family.children[0].sex == "1" ? "20" : "30",
            "motherHukouAddress": address(), "fatherHukouAddress": address(), "settleAddress": address(),
        ] { file[key] = .text(value) }
        if let father = family.father {
            (file["fatherName"], file["fatherIdNo"]) = (.text(father.name), .text(father.id ?? ""))
        }
        file["birthDate"] = .text("2025-09-\(Int.random(in: 19...28, using: &random))")
        file["birthTime"] = .text(time())
        file["inpatientNo"] = .text("Z\(Int.random(in: 1_000_000...9_999_999, using: &random))")
        file["deliverySexes"] = .list([.text(family.children[0].sex)])
        file["birthWeightGrams"] = .number(Decimal(Int.random(in: 2_300...4_200, using: &random)))
        file["events"] = nil
        return .object(file)
    }

    /// A name that a child of any family may have.
    package mutating func childName() -> String {
        NamePool.surname(&random) + NamePool.given(.child, &random)
    }

    private mutating func time() -> String {
        let (hour, minute) = (Int.random(in: 0...23, using: &random), Int.random(in: 0...59, using: &random))
        return String(format: "%02d:%02d", hour, minute)
    }

    private mutating func address() -> String {
        let town = ["苏桥镇", "罗锦镇", "百寿镇", "三皇镇", "永安乡"].randomElement(using: &random) ?? ""
        return
            "广西壮族自治区桂林市永福县\(town)第\(Int.random(in: 1...40, using: &random))村民组\(Int.random(in: 1...99, using: &random))号"
    }
}
