import Cryptography
package import Web

/// A file that pages fetch: in the program itself, under an address that changes with its bytes, so that a browser keeps it for ever
/// and never shows a page with an older one.
package struct Asset: Hashable, Sendable {
    package let address: String
    let type: String
    let bytes: [UInt8]

    private init(_ name: String, _ ending: String, type: String, _ bytes: [UInt8]) {
        address = "/assets/\(name)-\(SHA256.hash(bytes).bytes.prefix(6).hexadecimal).\(ending)"
        self.type = type
        self.bytes = bytes
    }

    private static func style(_ name: String, _ bytes: [UInt8]) -> Asset {
        Asset(name, "css", type: "text/css; charset=utf-8", bytes)
    }

    /// A module with the address of the common one in the place of `COMMON`.
    private static func withCommon(_ bytes: [UInt8]) -> [UInt8] {
        Array(String(decoding: bytes, as: UTF8.self).replacing("COMMON", with: common.address).utf8)
    }

    private static func script(_ name: String, _ bytes: [UInt8]) -> Asset {
        Asset(name, "js", type: "text/javascript; charset=utf-8", bytes)
    }

    package static let style = style("pages", PackageResources.pages_css)
    package static let icon = Asset("icon", "svg", type: "image/svg+xml", PackageResources.icon_svg)
    /// What every page does: the strip, keys, times.
    package static let common = script("common", PackageResources.common_js)
    /// Forms that keep themselves and are checked while one types.
    package static let form = script("form", withCommon(PackageResources.form_js))

    /// The work list, which finds while one types.
    package static let list = script("list", withCommon(PackageResources.list_js))
    /// Pictures of materials: camera, shrinking, progress.
    package static let materials = script("materials", withCommon(PackageResources.materials_js))
    /// A page whose figures change by themselves.
    package static let watch = script("watch", withCommon(PackageResources.watch_js))

    package static let all = [style, icon, common, form, list, materials, watch]

    /// Adds the addresses of all files; anybody may fetch them.
    package static func add(to router: inout Router, access: String) {
        for asset in all { router.on(.get, asset.address, access: access) { _ in asset.response } }
    }

    private var response: Response {
        var response = Response.bytes(bytes, type: type)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
    }
}
