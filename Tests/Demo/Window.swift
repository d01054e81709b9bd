import FaultyLink
import Foundation
import Programs

/// One hospital's window: its program, its directory, and its way to central.
struct Window {
    /// A hospital as the demo tells of it.
    struct Hospital {
        let code: String
        let name: String
        let policies: [String]
        /// How its network goes: a cable that is pulled, or a mast that falls silent.
        let outage: FaultyLink.Cut
    }

    static let hospitals = [
        Hospital(
            code: "YF", name: "永福县乡镇卫生院", policies: ["gx-yongfu", "gx", "gx-liuzhou"], outage: .reset),
        Hospital(code: "FY", name: "抚远市人民医院", policies: ["hl-fuyuan"], outage: .hold),
        Hospital(code: "AH", name: "安徽省县医院", policies: ["ah"], outage: .hold),
    ]

    let hospital: Hospital
    let tool: Tool
    let link: FaultyLink
    var daemon: Daemon

    /// Starts the agent of a hospital, and enrols it at central through a network that can be cut.
    init(_ hospital: Hospital, token: String, central: Daemon, stage: Stage) throws {
        self.hospital = hospital
        tool = Tool(
            "birthwindow", data: stage.directory.appending(path: "window-\(hospital.code)"),
            stage: stage)
        link = try FaultyLink(to: "127.0.0.1", port: central.port)
        daemon = try tool.serve()
        try tool.run("enroll", "--central", "http://127.0.0.1:\(link.port)", "--token", token)
    }

    func show(_ id: String) throws -> Value { try tool.run("case", "show", id) }

    var status: Value { get throws { try tool.run("status") } }
}

/// An example birth: a file as a window's clerk would fill it in.
struct Birth {
    let file: URL
    let policy: String
    let childName: String

    /// All that come with the demo, by their numbers.
    static func all() throws -> [String: Birth] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Births")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        var births: [String: Birth] = [:]
        for file in files where file.pathExtension == "json" {
            let answers = try Value(parsing: try Data(contentsOf: file))
            births[file.deletingPathExtension().lastPathComponent] = Birth(
                file: file, policy: answers["jurisdiction"].text, childName: answers["childName"].text)
        }
        return births
    }
}
