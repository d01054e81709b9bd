import Foundation
import Glibc
import Programs

/// The demo's set-up, left running for a person to try.
struct Trial {
    private let town: Town
    private let narrator: Narrator

    init(on stage: Stage, _ narrator: Narrator) throws {
        self.narrator = narrator
        narrator.tell("Starting central and three hospitals …")
        town = try Town(on: stage)
    }

    /// Says what there is, and waits until a signal ends the process.
    func run() throws {
        guard let window = town.windows.first, let birth = try Birth.all()["01"] else { return }
        narrator.say("")
        town.describe(to: narrator)
        narrator.say("\nTry, in another terminal:\n")
        narrator.say("  export PATH=\(Tool.folder.path):$PATH")
        narrator.say("  export BIRTHWINDOW_DATA=\(window.tool.data.path)")
        narrator.say("  export BIRTHCENTRAL_DATA=\(town.central.data.path)\n")
        let examples = [
            ("birthwindow case new --policy \(birth.policy) --file \(birth.file.path)", "register a birth"),
            ("birthwindow case list", ""),
            ("birthwindow case set ID motherPhone=19900000077", "change an answer"),
            ("birthwindow case submit ID", "hand it in"),
            ("birthwindow case accept ID", "the departments get their tasks"),
            ("birthwindow due", "what is promised by when"),
            ("birthwindow sync", "exchange with central now"),
            ("birthwindow status", ""),
            ("birthcentral case list", "what central has"),
            ("birthcentral task list health", "what waits for a department"),
            (
                "birthcentral task result health ID birthCert --id R1 --outcome done --date 2025-10-01",
                "answer for a department"
            ),
            ("birthcentral desk list", "what waits for a person"),
        ]
        for (command, meaning) in examples {
            narrator.say("  \(command)\(meaning.isEmpty ? "" : "    # \(meaning)")")
        }
        narrator.say("\nEverything is cleared away when you press Ctrl-C.")
        while true { pause() }
    }
}
