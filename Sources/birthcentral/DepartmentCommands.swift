import Casework
import Commands
import Foundation
import Web

extension Command {
    static let departments = [departmentList, departmentAdd, departmentToken, departmentDisable]

    private static let departmentList = Command("department list", "", "list the departments") {
        arguments, console in
        let central = CentralSite(&arguments)
        try arguments.finish()
        let answer = try await central.withEndpoint { endpoint in
            try await endpoint.call(.get, "/api/v1/departments")
        }
        console.showList(answer, "departments", asJSON: central.isJSON, empty: "no departments") { line in
            "\(line["code"].word)  \(line["name"].word)\(line["isDisabled"] == .bool(true) ? "  disabled" : "")"
        }
        return .ok
    }

    private static let departmentAdd = Command(
        "department add", "CODE --name NAME", "add a department and print its token",
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
        showToken(answer, central, console)
        return .ok
    }

    private static let departmentToken = Command(
        "department token", "CODE", "give a department a new token",
        discussion: "The token before it goes on being good for a day. A disabled department is let in again."
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let code = try arguments.word("the department's code")
        try arguments.finish()
        let answer = try await central.withEndpoint { endpoint in
            try await endpoint.call(.post, "/api/v1/departments/\(pathSegment(code))/token")
        }
        showToken(answer, central, console)
        return .ok
    }

    private static func showToken(_ answer: [UInt8], _ central: CentralSite, _ console: Console) {
        console.show(answer, asJSON: central.isJSON) { json in
            ["department \(json["code"].word), token: \(json["token"].word)"]
        }
    }

    private static let departmentDisable = Command(
        "department disable", "CODE", "refuse a department's tokens until it gets a new one"
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let code = try arguments.word("the department's code")
        try arguments.finish()
        _ = try await central.withEndpoint { endpoint in
            try await endpoint.call(.post, "/api/v1/departments/\(pathSegment(code))/disabling")
        }
        console.print(central.isJSON ? "{}" : "\(code) is disabled")
        return .ok
    }
}
