import CentralServer
import Commands
import Foundation

/// The server of a county, city or province, and the commands of its staff.
@main
enum Main {
    static func main() async {
        let commands: [[Command]] = [
            [.serve], Command.hospitals, Command.devices, CaseCommands<CentralSite>.all, Command.desk,
            Command.duplicates, Command.scope, Command.attachments, Command.departments, Command.tasks,
            [.folder],
            Command.records, Command.stock, Command.archive, Command.closings, Command.fleet, Command.bundles,
            Command.backups, Command.restores, Command.resyncs, Command.recovery, [.migrate],
            UserCommands<CentralSite>.all, UserCommands<CentralSite>.ofCentral,
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
                  --json            answer in JSON
                Exit codes are those of sysexits(3).
                """,
            commonValued: ["--data", "--database"], commands: Array(commands.joined()), guide: .central)
        exit(await program.main(Array(CommandLine.arguments.dropFirst())).rawValue)
    }
}
