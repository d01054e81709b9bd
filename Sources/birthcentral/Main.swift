import CentralServer
import Commands
import Cryptography
import Foundation

/// The server of a county, city or province, and the commands of its staff.
@main
enum Main {
    static func main() async {
        ProcessMemory.forbidDumps()
        let commands: [[Command]] = [
            [.serve], Command.hospitals, Command.devices, CaseCommands<CentralSite>.all, Command.desk,
            Command.duplicates, Command.scope, Command.attachments, Command.departments, Command.tasks,
            [.folder],
            Command.records, Command.stock, Command.archive, Command.closings, Command.fleet, Command.bundles,
            Command.backups, Command.restores, Command.resyncs, Command.recovery, [.migrate],
            SealCommands<CentralSite>.all, UserCommands<CentralSite>.all,
            UserCommands<CentralSite>.ofCentral + AuditCommands<CentralSite>.all + [.auditAffected],
        ]
        let program = Program(
            name: "birthcentral", version: Central.version,
            summary:
                "gathers the cases of all hospitals, settles conflicts, and brings the departments' results",
            common: """
                Every command takes:
                  --data DIRECTORY  where central keeps its records (default: $BIRTHCENTRAL_DATA, else /var/lib/birthcentral)
                  --database postgres:CONNINFO
                                    keep the records in that PostgreSQL database (default: $BIRTHCENTRAL_DATABASE, else a
                                    file there); needed only where no central serves on DIRECTORY
                  --passphrase-file FILE
                                    opens the key that the records are sealed under, where it has a passphrase; needed only
                                    where no program serves on DIRECTORY
                  --json            answer in JSON
                Exit codes are those of sysexits(3).
                """,
            commonValued: ["--data", "--database", PassphraseFile.option], commands: Array(commands.joined()),
            guide: .central)
        exit(await program.main(Array(CommandLine.arguments.dropFirst())).rawValue)
    }
}
