import Accounts
import Bundles
import Casework
import Cryptography
import Pages
import SyncProtocol
import Web

/// Sticks instead of a network: a file for central, and central's answer.
extension WindowPages {
    /// Bytes of central's file that a page takes; a larger one is taken by the command line.
    static let stickBytesMax = 64 << 20

    func addSticks(to router: inout Router) {
        form(&router, "/link/sticks", .carryBundle, makeStick)
        other(&router, .get, "/link/sticks/{id}", .carryBundle, fetchStick)
        upload(&router, "/link/sticks/answer", .carryBundle, bytesMax: Self.stickBytesMax, takeStick)
    }

    func sticks(_ viewer: Viewer) async throws -> HTML {
        guard let bundles = api.bundles else { return .empty }
        let made: [BundleReport]
        do throws(BundleError) { made = try await bundles.party.bundles() } catch { return .empty }
        let rows = made.prefix(10).map { report -> HTML in
            """
            <tr><td>\(times(report.milliseconds))</td><td class="num">\(report.changes)</td><td class="num">\(report.photos)</td>\
            <td>\(report.isConfirmed == true ? HTML.state("中心已收到", "good") : HTML.state("等待中心答复", "wait"))</td></tr>
            """
        }
        let forms: HTML =
            viewer.may(.carryBundle)
            ? """
            <form method="post" action="/link/sticks" class="row">\(hidden(viewer))\
            <label class="small"><input type="checkbox" name="photos" value="yes" checked> 带上照片</label><button>生成送交文件</button></form>\
            <form method="post" action="/link/sticks/answer" enctype="multipart/form-data" class="row">\(hidden(viewer))\
            <label class="line"><span>中心的答复文件</span><input type="file" name="file" required></label><button>读取答复</button></form>
            """ : "<p class=\"soft\">由技术员办理。</p>"
        return .card(
            "用 U 盘送交", id: "stick",
            """
            <p class="small soft">长时间不能联网时，把送交文件存到 U 盘带给中心，再把中心的答复文件带回来读取。文件已加密，只有中心能打开。</p>\
            \(forms)\(HTML.list(["生成时间", "变更", "照片", "状态"], Array(rows), ifEmpty: "还没有生成过。"))
            """)
    }

    private func routes() throws -> BundleRoutes {
        guard let bundles = api.bundles else { throw Web.Problem(status: 503, title: "本机不能使用 U 盘送交") }
        return bundles
    }

    @Sendable private func makeStick(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let routes = try routes()
        var order = BundleOrder()
        order.photos = fields["photos"] == "yes"
        do throws(BundleError) {
            let id = try await routes.export(order).id
            return .seeOther("/link/sticks/\(id)")
        } catch { throw error.problem }
    }

    /// The file itself, in pieces: as large as it is, it is never in memory.
    @Sendable private func fetchStick(_ request: Request, _ viewer: Viewer) async throws -> Response {
        let routes = try routes()
        do throws(BundleError) {
            guard let id = BundleID(request.parameters["id"] ?? "") else { throw BundleError.absent }
            let stream = ResponseStream(byteCount: try routes.shelf.byteCount(of: id)) { range in
                Array(try routes.shelf.read(id, at: UInt64(range.lowerBound)).prefix(range.count))
            }
            var response = Response.resource(
                stream, type: "application/octet-stream", tag: "\"\(id)\"", for: request.headers)
            response.headers["Content-Disposition"] = "attachment; filename=\"\(id).bundle\""
            return response
        } catch { throw error.problem }
    }

    @Sendable private func takeStick(
        _ request: Request, _ form: MultipartForm, _ viewer: Viewer
    ) async throws -> Response {
        guard let file = form.files.first, !file.bytes.isEmpty else {
            throw Web.Problem(status: 422, title: "请先选择文件", detail: "没有读取任何内容。")
        }
        let routes = try routes()
        do throws(BundleError) { _ = try await routes.take(file.bytes) } catch { throw error.problem }
        return .seeOther("/link#stick")
    }
}
