import Foundation
import Programs

/// Central and three hospitals, running.
struct Town {
    let stage: Stage
    let central: Tool
    let centralDaemon: Daemon
    var windows: [Window]
    /// The departments' own tokens, by code.
    let tokens: [String: String]

    static let departments = [
        "health": "卫生健康部门", "cdc": "疾控部门", "police": "公安部门", "hrss": "人力资源社会保障部门", "medins": "医保部门",
        "tax": "税务部门",
    ]

    init(on stage: Stage) throws {
        self.stage = stage
        central = Tool(
            "birthcentral", data: stage.directory.appending(path: "central"), stage: stage)
        centralDaemon = try central.serve()
        var windows: [Window] = []
        for hospital in Window.hospitals {
            let added = try central.run(
                "hospital", "add", hospital.code, "--name", hospital.name, "--policy",
                hospital.policies.joined(separator: ","))
            windows.append(
                try Window(hospital, token: added["token"].text, central: centralDaemon, stage: stage))
        }
        self.windows = windows
        var tokens: [String: String] = [:]
        for (code, name) in Self.departments {
            tokens[code] = try central.run("department", "add", code, "--name", name)["token"].text
        }
        self.tokens = tokens
    }

    /// Where everything is, for whoever wants to look.
    func describe(to narrator: Narrator) {
        narrator.tell("central  中心        \(centralDaemon.address)  data: \(central.data.path)")
        for window in windows {
            narrator.tell(
                "window   \(window.hospital.code) \(window.hospital.name)  \(window.daemon.address)"
                    + "  data: \(window.tool.data.path)")
            narrator.tell(
                "         policies \(window.hospital.policies.joined(separator: ", ")); "
                    + "reaches central only through 127.0.0.1:\(window.link.port), a network that can be cut")
        }
    }
}
