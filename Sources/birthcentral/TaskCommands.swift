import Casework
import Commands
import Foundation
import Web

extension Command {
    /// What departments, and the staff in their place, do with tasks.
    static let tasks = [taskList, taskShow, taskTake, taskRelease, taskResult]

    private static let taskList = Command(
        "task list", "DEPARTMENT [--state STATE] [--after CURSOR] [--limit N] [--token T]",
        "list a department's tasks, those that changed last at the end",
        discussion: """
            STATE: ready, held, done, failed, returned, gone. CURSOR is what the list before gave as `cursor` in JSON: then only
            what has changed since is listed. Without --token the command acts as central's staff.
            """,
        valued: ["--state", "--after", "--limit", "--token"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let token = arguments.option("--token")
        let state = arguments.option("--state").map { "&state=\(pathSegment($0))" } ?? ""
        let after = arguments.option("--after").map { "&after=\(pathSegment($0))" } ?? ""
        let limit = Int(arguments.option("--limit") ?? "200") ?? 200
        let department = try arguments.word("the department's code")
        try arguments.finish()
        let answer = try await central.withEndpoint { endpoint in
            try await endpoint.with(token: token).call(
                .get, "/api/v1/departments/\(pathSegment(department))/tasks?limit=\(limit)\(state)\(after)")
        }
        console.showList(answer, "tasks", asJSON: central.isJSON, empty: "no tasks") { task in
            [
                task["caseID"].word, task["item"].word, task["state"].word, task["due"].word,
                task["reason"].word,
            ].filter { !$0.isEmpty }.joined(separator: "  ")
        }
        return .ok
    }

    private static let taskShow = Command(
        "task show", "DEPARTMENT CASE ITEM [--token T]",
        "show a task: what the department gets to see and is to bring", valued: ["--token"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let token = arguments.option("--token")
        let path = try taskPath(&arguments)
        try arguments.finish()
        let answer = try await central.withEndpoint { endpoint in
            try await endpoint.with(token: token).call(.get, path)
        }
        console.show(answer, asJSON: central.isJSON) { task in
            let due = task["due"].word.isEmpty ? "" : "  期限 \(task["due"].word)"
            return ["\(task["name"].word)  \(task["state"].word)\(due)  \(task["reason"].word)"]
                + task["fields"].entries.compactMap(\.members).map {
                    "  \($0["label"].word)（\($0["key"].word)）：\($0["text"].word)"
                }
                + task["papers"].entries.compactMap(\.members).map {
                    "  材料 \($0["name"].word)：\($0["parts"].entries.map(\.word).joined(separator: "、"))"
                }
                + task["expects"].entries.compactMap(\.members).map {
                    "  \($0["isRequired"] == .bool(true) ? "须填" : "可填") \($0["label"].word)（\($0["key"].word)）"
                }
        }
        return .ok
    }

    private static let taskTake = Command(
        "task take", "DEPARTMENT CASE ITEM --user NAME [--minutes N] [--token T]",
        "claim a task, so that nobody else does it meanwhile (60 minutes unless told)",
        valued: ["--user", "--minutes", "--token"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let token = arguments.option("--token")
        guard let minutes = Int(arguments.option("--minutes") ?? "60") else {
            throw UsageError("--minutes takes a number")
        }
        let headers = try operatorHeaders(&arguments)
        let path = try taskPath(&arguments)
        try arguments.finish()
        let answer = try await central.withEndpoint { endpoint in
            try await endpoint.with(token: token).call(
                .post, path + "/claim", headers: headers, json: ["minutes": minutes])
        }
        console.show(answer, asJSON: central.isJSON) { _ in ["claimed for \(minutes) minutes"] }
        return .ok
    }

    private static let taskRelease = Command(
        "task release", "DEPARTMENT CASE ITEM --user NAME [--token T]", "give a claimed task back",
        valued: ["--user", "--token"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let token = arguments.option("--token")
        let headers = try operatorHeaders(&arguments)
        let path = try taskPath(&arguments)
        try arguments.finish()
        _ = try await central.withEndpoint { endpoint in
            try await endpoint.with(token: token).call(.delete, path + "/claim", headers: headers)
        }
        console.print(central.isJSON ? "{}" : "released")
        return .ok
    }

    private static let taskResult = Command(
        "task result",
        "DEPARTMENT CASE ITEM --id RESULT --outcome done|failed|returned --date YYYY-MM-DD [--number N] [--note TEXT] [--user NAME] [--token T] [FIELD=VALUE…]",
        "answer a task for a department",
        discussion: """
            RESULT names the answer: giving it twice does no harm. FIELD=VALUE gives what the department itself finds out, like
            childIdNo=… from the police; `task show` tells which. --note: why it failed, or what the window is to correct. What
            does not fit how things stand is kept for a person. Without --token the command acts as central's staff, and --user
            is recorded.
            """,
        valued: ["--id", "--outcome", "--date", "--number", "--note", "--token", "--user"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let token = arguments.option("--token")
        let headers = Headers(saving: &arguments)
        let department = try arguments.word("the department's code")
        let answer = TaskAnswer(
            id: try arguments.required("--id"), caseID: try arguments.word("the case's ID"),
            item: try arguments.word("the item's code"), outcome: try arguments.required("--outcome"),
            date: try arguments.required("--date"), number: arguments.option("--number"),
            note: arguments.option("--note"), values: try arguments.pairs())
        try arguments.finish()
        let path = "/api/v1/departments/\(pathSegment(department))"
        let reply = try await central.withEndpoint { [answer] endpoint in
            let endpoint = endpoint.with(token: token)
            var answer = answer
            // What the task shows now: the answer says that it was based on it.
            let task = try await endpoint.call(
                .get, "\(path)/tasks/\(pathSegment(answer.caseID))/\(pathSegment(answer.item))")
            answer.asOf = try JSON(parsing: task).members?["asOf"].word
            return try await endpoint.call(.post, "\(path)/results", headers: headers, json: answer)
        }
        console.show(reply, asJSON: central.isJSON) { json in
            [json["state"].word] + json["reasons"].entries.map { "  \($0.word)" }
        }
        return .ok
    }

    private struct TaskAnswer: Encodable {
        let id: String
        let caseID: String
        let item: String
        let outcome: String
        let date: String
        let number: String?
        let note: String?
        let values: [String: String]
        var asOf: String?
    }

    private static func taskPath(_ arguments: inout Arguments) throws -> String {
        let department = pathSegment(try arguments.word("the department's code"))
        let id = pathSegment(try arguments.word("the case's ID"))
        let item = pathSegment(try arguments.word("the item's code"))
        return "/api/v1/departments/\(department)/tasks/\(id)/\(item)"
    }

    /// A claim is somebody's.
    private static func operatorHeaders(_ arguments: inout Arguments) throws -> Headers {
        var headers = Headers()
        headers["Operator"] = try arguments.required("--user")
        return headers
    }
}
