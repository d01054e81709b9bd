import CentralServer
import Commands
import Foundation
import SyncProtocol

extension Command {
    static let recovery = [recoveryOpen]

    private static let recoveryOpen = Command(
        "recovery open", "HEADER --to FILE [--recovery-key FILE]",
        "help a window recover whose disk and recovery sheet are gone",
        discussion: """
            HEADER is the file `header` of the window's journal. Writes FILE, the header that a new code opens, and prints the
            code, which is kept nowhere: tell it to the technician in another way than FILE. At the window:
            birthwindow recover --from JOURNAL --header FILE --sheet CODE

            The recovery key is recovery.key in central's directory, unless it is kept elsewhere. First make sure who asks: whoever
            has the journal, FILE and the code can read the window's records.
            """,
        valued: ["--to", "--recovery-key"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let target = try arguments.required("--to")
        let keyPath = arguments.option("--recovery-key") ?? central.path + "/recovery.key"
        let path = try arguments.word("the header's file")
        try arguments.finish()
        let file = try InputFile.read(path, bytesMax: RecoveryHeader.byteCountMax)
        let opened: (header: [UInt8], code: RecoveryCode)
        do throws(RecoveryOpening.Fault) {
            opened = try RecoveryOpening.open(file, keyPath: keyPath)
        } catch {
            throw CommandError("\(path): \(error.description)", status: .dataError)
        }
        guard
            FileManager.default.createFile(
                atPath: target, contents: Data(opened.header), attributes: [.posixPermissions: 0o600])
        else { throw CommandError("\(target) cannot be written", status: .cannotCreate) }
        console.print(
            central.isJSON
                ? #"{"code":"\#(opened.code.text)"}"#
                : "\(target) was written; this code opens it, and is shown once: \(opened.code.text)")
        return .ok
    }
}
