import Commands
import Cryptography
import Foundation
import WindowAgent

/// The agent of a hospital's window, and the technician's commands.
@main
enum Main {
    static func main() async {
        ProcessMemory.forbidDumps()
        let people: [Command] = UserCommands<Window>.all + AuditCommands<Window>.all
        let commands: [Command] =
            [.check, .policyCheck, .serve, .enroll, .deviceRotate, .caseNew] + CaseCommands<Window>.ofWindow
            + [.caseWipe, .duplicates] + Command.steps + Command.materials
            + [.notice, .due, .handover, .outbox, .sync, .status] + Command.links + Command.resyncs
            + Command.losses
            + Command.bundles + Command.records + Command.journals
            + SealCommands<Window>.all + people
        let program = Program(
            name: "birthwindow", version: Agent.version,
            summary: "registers births at a hospital's window, with or without a network",
            common: """
                Every command takes:
                  --data DIRECTORY  where this window keeps its records (default: $BIRTHWINDOW_DATA, else /var/lib/birthwindow)
                  --passphrase-file FILE
                                    opens the key that the records are sealed under, where it has a passphrase; needed only
                                    where no program serves on DIRECTORY
                  --json            answer in JSON
                Exit codes are those of sysexits(3).
                """,
            commonValued: ["--data", PassphraseFile.option],
            commands: commands, guide: .window)
        exit(await program.main(Array(CommandLine.arguments.dropFirst())).rawValue)
    }
}
