import Casework
import Commands
import Foundation
import Web

extension Command {
    static let departments = [departmentAdd, tasks, result]

    private static let departmentAdd = Command(
        "department add", "CODE --name NAME", "add a department, or give it a new token",
        discussion: "CODE is the department's in the policies: health, cdc, police, medins, hrss, tax …",
        valued: ["--name"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let department = [
            "code": try arguments.word("the department's code"), "name": try arguments.required("--name"),
        ]
        try arguments.finish()
        let answer = try await central.withEndpoint { endpoint in
            try await endpoint.call(.post, "/api/v1/departments", json: department)
        }
        console.show(answer, asJSON: central.isJSON) { json in
            ["department \(json["code"].word), token: \(json["token"].word)"]
        }
        return .ok
    }

    private static let tasks = Command(
        "tasks", "DEPARTMENT [--token T]", "list a department's tasks, and what holds those that wait",
        discussion:
            "Without --token the command acts as central's staff, who may see every department's tasks.",
        valued: ["--token"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let token = arguments.option("--token")
        let department = try arguments.word("the department's code")
        try arguments.finish()
        let answer = try await central.withEndpoint { endpoint in
            try await endpoint.with(token: token).call(
                .get, "/api/v1/departments/\(pathSegment(department))/tasks?limit=200")
        }
        console.showList(answer, "tasks", asJSON: central.isJSON, empty: "no tasks") { task in
            let reason = task["reason"].word
            return
                "\(task["caseID"].word)  \(task["item"].word)  \(task["state"].word)\(reason.isEmpty ? "" : "  \(reason)")"
        }
        return .ok
    }

    private static let result = Command(
        "result",
        "DEPARTMENT CASE ITEM --id RESULT --outcome done|failed|returned --date YYYY-MM-DD [--number N] [--note TEXT] [FIELD=VALUE…]",
        "answer a task for a department",
        discussion: """
            RESULT names the answer: giving it twice does no harm. FIELD=VALUE gives what the department itself finds out, like
            childIdNo=… from the police. Without --token the command acts as central's staff.
            """,
        valued: ["--id", "--outcome", "--date", "--number", "--note", "--token", "--user"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let token = arguments.option("--token")
        let headers = Headers(saving: &arguments)
        let department = try arguments.word("the department's code")
        let answer = DepartmentAnswer(
            id: try arguments.required("--id"), caseID: try arguments.word("the case's ID"),
            item: try arguments.word("the item's code"), outcome: try arguments.required("--outcome"),
            date: try arguments.required("--date"), number: arguments.option("--number"),
            note: arguments.option("--note"), values: try arguments.pairs())
        try arguments.finish()
        let path = "/api/v1/departments/\(pathSegment(department))"
        let reply = try await central.withEndpoint { [answer] endpoint in
            let endpoint = endpoint.with(token: token)
            var answer = answer
            answer.asOf = try Self.seen(
                in: try await endpoint.call(
                    .get, "\(path)/tasks/\(pathSegment(answer.caseID))/\(pathSegment(answer.item))"))
            return try await endpoint.call(.post, "\(path)/results", headers: headers, json: answer)
        }
        console.show(reply, asJSON: central.isJSON) { _ in ["answered"] }
        return .ok
    }

    /// What the task shows now: the answer says that it was based on it.
    private static func seen(in task: [UInt8]) throws -> [DepartmentAnswer.Seen] {
        guard case .list(let groups)? = try JSON(parsing: task).members?["groups"] else { return [] }
        return groups.compactMap(\.members).map { group in
            let dots = if case .list(let dots)? = group["asOf"] { dots.map(\.word) } else { [String]() }
            return DepartmentAnswer.Seen(group: UInt32(group["group"].word) ?? 0, dots: dots)
        }
    }

    private struct DepartmentAnswer: Encodable {
        struct Seen: Encodable {
            let group: UInt32
            let dots: [String]
        }

        let id: String
        let caseID: String
        let item: String
        let outcome: String
        let date: String
        let number: String?
        let note: String?
        let values: [String: String]
        var asOf: [Seen] = []
    }
}
