import CentralServer
import Commands
import Foundation
import Persistence
import SyncProtocol
import Web

/// Central's records.
struct CentralSite: Site {
    let path: String
    let isJSON: Bool

    init(_ arguments: inout Arguments) {
        path =
            arguments.option("--data") ?? ProcessInfo.processInfo.environment["BIRTHCENTRAL_DATA"]
            ?? "/var/lib/birthcentral"
        isJSON = arguments.flag("--json")
    }

    func open(idleSeconds: UInt64) throws -> OpenSite {
        try makeDirectory()
        do {
            var environment = Environment.system
            environment.log = { Console.standard.printError("birthcentral: \($0)") }
            let central = try Central.open(
                directory: path, exchangeDictionary: ExchangeDictionary.bytes, environment: environment)
            let router = central.router { error, request in
                // The type only: what an error holds may come from a case.
                Console.standard.printError(
                    "birthcentral: \(request.method.rawValue) failed inside: \(type(of: error))")
            }
            return OpenSite(router: router, token: central.staffToken, owner: central) { await central.run() }
        } catch let error as DatabaseError {
            throw CommandError(error, at: path)
        } catch CentralStartError.receiptKeyMissing {
            throw CommandError(
                "\(path) has a store but no receipt.key: put the key back from where it is kept; a new one would make the receipts worthless that every window holds",
                status: .configuration)
        } catch CentralStartError.attachmentKeyMissing {
            throw CommandError(
                "\(path) has attachments but no attachment.key: put the key back from where it is kept; nothing else opens them",
                status: .configuration)
        } catch let error as AttachmentError {
            throw CommandError("\(path)/attachments: \(error.description)", status: .cannotCreate)
        }
    }
}
