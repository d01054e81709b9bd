import Accounts
import Casework
import Foundation
import Pages
import SyncProtocol
import Web

/// `/rules/check` and `/rules/publication`: a policy or the days off of a year are handed down in two steps: the file is read and what it
/// would change is shown; only then it is published. Between the two the page itself carries the file, so that any process may answer.
extension CentralPages {
    func addPublication(to router: inout Router) {
        gate.other(
            &router, .post, "/rules/check", .allowed(.managePolicies), recorded: AuditRule.nothing,
            confined(.everything),
            checkFile)
        form(&router, "/rules/publication", .managePolicies, .everything, publishFile)
    }

    /// The form with which it begins.
    func publicationCard(_ names: Names, _ viewer: Viewer) -> HTML {
        let places = [("all", "全部医院（含以后新增的）")] + names.hospitals.map { ($0.code, $0.name) }
        return .card(
            "发布规则或节假日安排",
            """
            <form method="post" action="/rules/check" enctype="multipart/form-data" class="row">\(hidden(viewer))\
            <label class="line"><span>文件（JSON）</span><input type="file" name="file" accept=".json,application/json" required></label>\
            \(HTML.select("to", "发布给", places.map { (value: $0.0, text: $0.1) }))<button>检查文件</button></form>\
            <p class="small soft">先显示与现行规则的不同，确认后才发布。</p>
            """)
    }

    /// Reads the file and shows what it would change; nothing is written.
    @Sendable private func checkFile(_ request: Request, _ viewer: Viewer) async throws -> Response {
        let form = try MultipartForm(request)
        try PageGate.check(form.fields, from: viewer)
        guard let file = form.files.first, !file.bytes.isEmpty else {
            throw Web.Problem(status: 422, title: "请先选择文件", remedy: "请返回上一页。")
        }
        let names = try await names()
        let to = form.fields["to"] ?? ""
        let view = PublicationView(
            file: try Publishable(file.bytes, named: file.fileName ?? "文件"),
            carried: try Publishable.packed(file.bytes),
            to: to, place: to == "all" ? "全部医院" : names.hospital(to), library: api.books.casebook.policies,
            known: try await api.recordDesk.record(of: to == "all" ? nil : to).calendars,
            hidden: hidden(viewer))
        return Page(view.title, under: "/rules", content: view.html).response(
            in: try await frame(for: viewer, request))
    }

    @Sendable private func publishFile(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let file = try Publishable(try Publishable.unpacked(fields["file"] ?? ""), named: "文件")
        let to = fields["to"] ?? ""
        let addressees: RecordDesk.Addressees = to == "all" ? .all : .hospitals(codes: [to])
        switch file {
        case .policy(_, let published):
            _ = try await api.recordDesk.publish(published, to: addressees, by: request.operatorName)
        case .calendar(let calendar):
            _ = try await api.recordDesk.publish(calendar, to: addressees, by: request.operatorName)
        }
        return .seeOther("/rules?published=\(file.name)")
    }
}

/// What a file that is to be published holds.
enum Publishable: Sendable {
    case policy(Policy, PublishedPolicy)
    case calendar(CalendarYear)

    /// - Throws: all that is wrong with it, in a person's words.
    init(_ bytes: [UInt8], named name: String) throws {
        guard bytes.count <= Policy.bytesMax else {
            throw Web.Problem(status: 413, title: "文件过大", detail: "规则文件最多 \(Policy.bytesMax >> 10) KB。")
        }
        // What is no JSON is refused below, with its reasons.
        let members = (try? JSON(parsing: bytes))?.members
        if members?["holidays"] != nil, members?["sections"] == nil {
            do throws(CalendarError) { self = .calendar(try CalendarYear(json: bytes)) } catch {
                throw CentralError.refused(.wrongCalendar(error))
            }
            return
        }
        do throws(PolicyError) {
            let read = try PolicyLibrary.publishable(bytes, file: String(name.prefix(100)))
            self = .policy(read.policy, read.published)
        } catch { throw CentralError.refused(.wrongPolicy(error)) }
    }

    /// What it is called in an address.
    var name: String {
        switch self {
        case .policy(let policy, _): "\(policy.id)-\(policy.version)"
        case .calendar(let calendar): "\(calendar.year)"
        }
    }

    /// As a page carries a file: some 20 kB for the largest policy.
    static func packed(_ bytes: [UInt8]) throws -> String {
        Data(try Zstandard.compress(bytes, level: 19)).base64EncodedString()
    }

    static func unpacked(_ text: String) throws -> [UInt8] {
        guard let data = Data(base64Encoded: text), !data.isEmpty,
            let bytes = try? Zstandard.decompress([UInt8](data), bytesMax: Policy.bytesMax)
        else { throw Web.Problem(status: 400, title: "文件内容不完整，未发布", remedy: "请重新选择文件检查。") }
        return bytes
    }
}
