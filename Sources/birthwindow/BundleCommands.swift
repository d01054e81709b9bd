import Bundles
import Casework
import Commands
import Foundation

extension Command {
    static let bundles = [bundleExport, BundleImport.command(Window.self, takesRevoked: false), bundleList]

    private static let bundleExport = Command(
        "bundle export", "TO [--photos] [--max SIZE]", "put everything that waits for central on a stick",
        discussion: """
            TO is the stick's directory. The bundle is sealed for central and signed by this window. What waits goes on waiting until \
            central confirms it, by the network or by a bundle of its own; so a lost stick loses nothing. SIZE (64M, 2G) bounds what \
            photos add: cases go first, then the oldest photos.
            """,
        valued: ["--max"]
    ) { arguments, console in
        let window = Window(&arguments)
        var order = BundleOrder()
        order.photos = arguments.flag("--photos")
        if let size = arguments.option("--max") {
            guard let bytes = Commands.BundleExport.bytes(size) else {
                throw UsageError("--max wants a size, such as 64M")
            }
            order.bytesMax = bytes
        }
        let stick = try Commands.BundleExport(to: try arguments.word("the stick's directory"))
        try arguments.finish()
        let sent = order
        let line = try await window.withEndpoint { try await stick.write(sent, from: $0) }
        try Commands.BundleExport.show([line], on: console, asJSON: window.isJSON)
        return .ok
    }

    private static let bundleList = Command(
        "bundle list", "", "show the bundles made for central, and whether it has what is in them"
    ) { arguments, console in
        let window = Window(&arguments)
        try arguments.finish()
        let answer = try await window.withEndpoint { try await $0.call(.get, "/api/v1/bundles") }
        console.showList(answer, "bundles", asJSON: window.isJSON, empty: "no bundle was made") { bundle in
            let time = (Double(bundle["milliseconds"].word) ?? 0) / 1000
            let state = bundle["isConfirmed"] == .bool(true) ? "confirmed" : "not confirmed yet"
            return
                "\(bundle["id"].word.prefix(8))  \(Date(timeIntervalSince1970: time).formatted(.iso8601))  "
                + "\(bundle["changes"].word) changes  \(bundle["photos"].word) photos  \(state)"
        }
        return .ok
    }
}
