package import Cryptography
import Foundation
package import Persistence

/// Records that are sealed under a key in files of its own.
package protocol SealedSite: Site {
    /// The key's files, and the passphrase that was given for them.
    ///
    /// - Throws: ``CommandError`` if the file of the passphrase cannot be read.
    func keyRing() throws -> KeyRing

    /// By which key the database is sealed, as its file says; nil if it is not, or is not there. Without the key.
    func sealMark() throws -> [UInt8]?

    /// By what a database knows that it is sealed under a secret.
    func mark(of secret: SecretBytes) -> [UInt8]

    /// What else there is to know of the key, a line each.
    func sealNotes() throws -> [String]
}

/// A passphrase that opens a key file, as it is told to a program: in a file, never on the command line or in the environment.
package enum PassphraseFile {
    /// The option that names the file; `-` is standard input, `/dev/fd/N` a descriptor.
    package static let option = "--passphrase-file"

    /// The first line of a file.
    package static func read(_ path: String) throws -> SecretBytes {
        let bytes = try InputFile.read(path, bytesMax: KeyRing.passphraseByteCounts.upperBound)
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        guard KeyRing.passphraseByteCounts ~= line.count else {
            throw CommandError(
                "\(path) holds no passphrase: its first line has \(line.count) bytes, and \(KeyRing.passphraseByteCounts.lowerBound) to \(KeyRing.passphraseByteCounts.upperBound) are needed",
                status: .dataError)
        }
        return SecretBytes(Array(line))
    }
}

/// `seal status` and `seal rotate`, of both programs.
package enum SealCommands<Records: SealedSite> {
    package static var all: [Command] { [status, rotate] }

    private static var status: Command {
        Command(
            "seal status", "", "show under which key the records are sealed",
            discussion: """
                Names the files of the key, when it was made, and whether a passphrase opens it. Opens nothing: it works beside a
                program that runs, and without the passphrase.
                """
        ) { arguments, console in
            let records = Records(&arguments)
            try arguments.finish()
            let ring = try records.keyRing()
            let shown: KeyRing.Status
            do throws(KeyRingError) { shown = try ring.status() } catch { throw failure(error, ring) }
            let answer = StatusAnswer(
                key: ring.keyPath, ring: ring.ringPath, status: shown, mark: try records.sealMark(),
                notes: try records.sealNotes())
            if records.isJSON {
                console.print(String(decoding: try JSONEncoder().encode(answer), as: UTF8.self))
            } else {
                for line in answer.lines { console.print(line) }
            }
            return .ok
        }
    }

    private static var rotate: Command {
        Command(
            "seal rotate", "[--new-passphrase-file FILE | --no-passphrase] [--dry-run]",
            "seal the records' secret under a new key; the old key file then opens nothing",
            discussion: """
                The program may be running. A key file that has a passphrase keeps it unless one of the options says otherwise; it
                is opened with --passphrase-file. What is cut off leaves files that can be used.

                Backups, journals and recovery sheets of before can still be read: they hang on the secret, which stays. Keep
                the two new files where the old ones were kept.
                """,
            valued: ["--new-passphrase-file"]
        ) { arguments, console in
            let records = Records(&arguments)
            let new = try arguments.option("--new-passphrase-file").map { try PassphraseFile.read($0) }
            let (isBare, isDryRun) = (arguments.flag("--no-passphrase"), arguments.flag("--dry-run"))
            try arguments.finish()
            if new != nil, isBare {
                throw UsageError("--no-passphrase and --new-passphrase-file contradict each other")
            }
            let ring = try records.keyRing()
            try refuseOther(ring, records)
            do throws(KeyRingError) {
                if !isDryRun {
                    try ring.rotate(new.map { .new($0) } ?? (isBare ? .none : .same))
                }
            } catch { throw failure(error, ring) }
            let done =
                isDryRun
                ? "the key can be read, and would be replaced"
                : "the key was replaced: keep \(ring.keyPath) and \(ring.ringPath) where the old ones were kept"
            console.print(records.isJSON ? #"{"isReplaced":\#(!isDryRun)}"# : done)
            return .ok
        }
    }

    /// A key that is not that of the records must not be sealed anew: what opens them would be overwritten.
    private static func refuseOther(_ ring: KeyRing, _ records: Records) throws {
        let (secret, isBare): (SecretBytes, Bool)
        do throws(KeyRingError) { (secret, isBare) = (try ring.read(), try ring.status().isBare) } catch {
            throw failure(error, ring)
        }
        let mark = try records.sealMark()
        guard mark.map({ $0 == records.mark(of: secret) }) ?? !isBare else {
            throw CommandError(
                "\(ring.keyPath) and \(ring.ringPath) are not the key of the records here. Put both back as they were kept, together",
                status: .configuration)
        }
    }

    private static func failure(_ error: KeyRingError, _ ring: KeyRing) -> CommandError {
        CommandError(error.sentence(ring), status: .configuration)
    }
}

private struct StatusAnswer: Encodable {
    let key: String
    let ring: String
    let madeAt: UInt64
    let hasPassphrase: Bool
    let isBare: Bool
    let isSealed: Bool
    /// The first bytes of the mark, to tell keys apart.
    let mark: String?
    let notes: [String]

    init(key: String, ring: String, status: KeyRing.Status, mark: [UInt8]?, notes: [String]) {
        (self.key, self.ring, self.notes) = (key, ring, notes)
        (madeAt, hasPassphrase, isBare) = (status.madeAt, status.hasPassphrase, status.isBare)
        isSealed = mark != nil
        self.mark = mark.map { $0.prefix(4).hexadecimal }
    }

    var lines: [String] {
        let made = Date(timeIntervalSince1970: Double(madeAt) / 1000).formatted(.iso8601)
        var lines = [
            "key: \(key), made \(made), \(hasPassphrase ? "opened by a passphrase" : "without a passphrase")",
            isBare
                ? "ring: none yet; `seal rotate` makes one"
                : "ring: \(ring); it is worthless without the key",
            mark.map { "database: sealed, secret \($0)" } ?? "database: not sealed yet",
        ]
        lines += notes
        return lines
    }
}
