import Casework
import Commands
import Web

extension Command {
    /// The register of the second pages that are handed over for a quarter.
    static let handover = Command(
        "handover",
        "QUARTER [--policy P] [--out FILE] [--done --date YYYY-MM-DD] [--user NAME] [--save-id ID]",
        "list the certificates whose second pages 副页 are handed over for a quarter",
        discussion: """
            QUARTER is written 2025Q3. A certificate belongs to the next day of handing over on or after its day of issue;
            one that was missed then stands in the next register as left over. --out writes the register as a page to
            print. --done records that the quarter was handed over on that day: its register stays then as it is. --policy
            is needed only where several of the hospital's regions have a handover.
            """,
        valued: ["--policy", "--out", "--date", "--user", "--save-id"]
    ) { arguments, console in
        let window = Window(&arguments)
        let headers = Headers(saving: &arguments)
        let query = arguments.option("--policy").map { "?policy=\(pathSegment($0))" } ?? ""
        let (out, isDone) = (arguments.option("--out"), arguments.flag("--done"))
        let order = isDone ? ["date": try arguments.required("--date")] : nil
        let path = "/api/v1/handovers/\(pathSegment(try arguments.word("the quarter")))"
        try arguments.finish()
        if let order {
            let answer = try await window.withEndpoint {
                try await $0.call(.post, path + query, headers: headers, json: order)
            }
            console.show(answer, asJSON: window.isJSON) { json in
                for warning in json["warnings"].entries { console.printError("提示：\(warning.word)") }
                let isChanged = json["isChanged"] == .bool(true)
                let quarter = json["quarter"].word
                return isChanged
                    ? ["recorded \(quarter): \(json["count"].word) handed over on \(json["date"].word)"]
                    : ["\(quarter) is recorded already: nothing was saved"]
            }
        }
        if let out {
            let page = try await window.withEndpoint {
                try await $0.call(.get, "\(path)/paper\(query)", headers: headers)
            }
            try write(page, to: out)
            if !isDone { console.print(window.isJSON ? #"{"bytes":\#(page.count)}"# : "wrote \(out)") }
        }
        guard out == nil, !isDone else { return .ok }
        let answer = try await window.withEndpoint { try await $0.call(.get, path + query) }
        console.show(answer, asJSON: window.isJSON) { json in
            for warning in json["warnings"].entries { console.printError("提示：\(warning.word)") }
            return registerLines(json)
        }
        return .ok
    }

    private static func registerLines(_ json: [String: JSON]) -> [String] {
        let day = json["handedOver"].word
        let leftOver = json["leftOver"].word == "0" ? "" : "，其中以前季度补交 \(json["leftOver"].word) 份"
        let rows = json["certificates"].entries.compactMap(\.members).map { row in
            [row["number"], row["caseNumber"], row["issued"]].map(\.word).joined(separator: "  ")
                + (row["isLeftOver"] == .bool(true) ? "  补交" : "")
        }
        let later = json["later"].entries.compactMap { $0.members?["number"].word }
        return [
            "\(json["quarter"].word)  \(json["firstDay"].word) 至 \(json["due"].word) 签发  共 \(json["count"].word) 份\(leftOver)",
            day.isEmpty ? "应于 \(json["due"].word) 移交\(json["to"].word)" : "已于 \(day) 移交\(json["to"].word)",
        ] + rows + (later.isEmpty ? [] : ["移交后新发现，列入下一季度：\(later.joined(separator: "、"))"])
    }
}
