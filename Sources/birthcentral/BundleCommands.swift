import Bundles
import Casework
import Commands
import Foundation

extension Command {
    static let bundles = [
        bundleExport, BundleImport.command(CentralSite.self, takesRevoked: true), bundleList,
    ]

    private static let bundleExport = Command(
        "bundle export", "HOSPITAL|DEVICE… TO | --all TO", "put what windows lack on a stick",
        discussion: """
            One bundle for each computer of each HOSPITAL: what central answers its last bundle, and its feed from where it was last \
            heard of. --all takes every computer that has something to hear. --from POSITION begins earlier: for a window that says \
            so.
            """,
        valued: ["--from"]
    ) { arguments, console in
        let central = CentralSite(&arguments)
        let isAll = arguments.flag("--all")
        var order = BundleOrder()
        order.onlyNews = isAll
        if let from = arguments.option("--from") {
            guard let position = UInt64(from) else { throw UsageError("--from wants a position of the feed") }
            order.from = position
        }
        var names = arguments.rest()
        try arguments.finish()
        guard let path = names.popLast(), isAll != !names.isEmpty else {
            throw UsageError(
                "name hospitals or computers and the stick's directory, or --all and the directory")
        }
        let (wanted, sent) = (names, order)
        let stick = try BundleExport(to: path)
        let lines = try await central.withEndpoint { endpoint in
            var lines: [BundleExport.Line] = []
            for device in try await devices(wanted, endpoint) {
                var order = sent
                order.device = device
                lines.append(try await stick.write(order, from: endpoint))
            }
            return lines
        }
        try BundleExport.show(lines, on: console, asJSON: central.isJSON)
        return .ok
    }

    /// The computers that are meant: those of hospitals, or themselves; all for no name.
    private static func devices(_ names: [String], _ endpoint: Endpoint) async throws -> [String] {
        let listed = try JSON(parsing: try await endpoint.call(.get, "/api/v1/devices")).members?["devices"]
        let devices = listed.entries.compactMap(\.members).filter { $0["isRevoked"] != .bool(true) }
        if names.isEmpty { return devices.map { $0["device"].word } }
        return try names.flatMap { name in
            let meant = devices.filter { $0["hospital"].word == name || $0["device"].word == name }
            guard !meant.isEmpty else {
                throw CommandError("\(name) has no computer; see: birthcentral device list", status: .noInput)
            }
            return meant.map { $0["device"].word }
        }
    }

    private static let bundleList = Command(
        "bundle list", "", "show how far each window was heard of, and by which bundle"
    ) { arguments, console in
        let central = CentralSite(&arguments)
        try arguments.finish()
        let answer = try await central.withEndpoint { try await $0.call(.get, "/api/v1/bundles") }
        console.showList(answer, "bundles", asJSON: central.isJSON, empty: "no computers") { window in
            let bundle = window["id"].word
            return "\(window["device"].word)  has read \(window["from"].word) of \(window["through"].word)"
                + (bundle.isEmpty ? "" : "  bundle \(bundle.prefix(8)) waits for its answer")
        }
        return .ok
    }
}
