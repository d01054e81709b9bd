import Casework
import Foundation
import SyncProtocol
import Testing
import Web

@testable import WindowAgent

/// The window's pages as a browser has them, without sockets: pages are asked for, forms are filled in and sent.
struct PageFixture {
    let api: APIFixture

    init() async throws {
        api = try await APIFixture()
        try await Visitor.signIn(api)
    }

    /// What a browser shows.
    struct Shown {
        let status: Int
        let text: String
        let location: String?

        var markup: Markup { Markup(text) }

        func contains(_ part: String) -> Bool { text.contains(part) }
    }

    func get(_ target: String) async throws -> Shown { try await send(Request(.get, target)) }

    /// Sends a form with these fields, and follows the redirect that it is answered with.
    @discardableResult
    func post(_ target: String, _ fields: [(String, String)], token: String = Visitor.formToken) async throws
        -> Shown
    {
        let answer = try await submit(target, fields, token: token)
        guard answer.status == 303, let location = answer.location else { return answer }
        return try await get(location)
    }

    /// Sends a form, and tells the answer itself.
    func submit(_ target: String, _ fields: [(String, String)], token: String = Visitor.formToken)
        async throws -> Shown
    {
        let all = fields + (token.isEmpty ? [] : [("formToken", token)])
        let body = all.map { "\(Self.coded($0.0))=\(Self.coded($0.1))" }.joined(separator: "&")
        return try await send(
            Request(
                .post, target, headers: ["Content-Type": "application/x-www-form-urlencoded"],
                body: Array(body.utf8)))
    }

    /// Fills in the form with this action on a page, and sends all that the page put into it.
    @discardableResult
    func fill(
        _ page: Shown, _ action: String, _ changes: [String: String], button: (String, String)? = nil
    ) async throws -> Shown {
        let form = try #require(page.markup.form(action), "no form for \(action)")
        var fields = form.fields.filter { changes[$0.0] == nil }
        fields += changes.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }
        if let button { fields.append(button) }
        return try await post(action, fields, token: "")
    }

    private func send(_ request: Request) async throws -> Shown {
        let response = await api.router.respond(to: try await Visitor.sent(request, to: api))
        return Shown(
            status: response.status, text: String(decoding: response.body, as: UTF8.self),
            location: response.headers["Location"])
    }

    private static func coded(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: String(UnicodeScalar(byte))
            default: "%" + String(byte, radix: 16, uppercase: true).leftPadded
            }
        }.joined()
    }

    /// Where a case stands.
    func life(of id: String) async throws -> CaseLife {
        let store = api.store
        return try await store.life(of: store.state(of: named(id)))
    }

    /// A registered birth of a region, from the demo's file with that number.
    func birth(_ number: String = "01", _ changes: [String: JSON] = [:]) async throws -> String {
        let file = URL(filePath: #filePath).appending(path: "../../../Demo/Births/\(number).json")
            .standardizedFileURL
        let answers = try JSON(parsing: [UInt8](try Data(contentsOf: file))).members ?? [:]
        let policy = if case .text(let id)? = answers["jurisdiction"] { id } else { "gx-yongfu" }
        // In the demo's families the mother is the head of the household.
        var changes = changes
        if let name = changes["motherName"], answers["headName"] == answers["motherName"] {
            changes["headName"] = name
        }
        // Nothing of it lies in the future.
        for key in ["birthDate", "applyDate", "acceptanceDate"] {
            guard case .text(let text)? = answers[key], let day = CalendarDate(text) else { continue }
            api.machine.set(
                now: max(api.machine.now, UInt64(max(0, day.dayNumber)) * 86_400_000 + 4 * 3_600_000))
        }
        let body = try JSONEncoder().encode(JSON.object(answers.merging(changes) { $1 }))
        let answer = try await api.call(
            .post, "/api/v1/cases?policy=\(policy)", String(decoding: body, as: UTF8.self))
        guard case .text(let id)? = answer.list("cases").first?["id"] else { throw Broken(what: answer.text) }
        return id
    }
}

extension String {
    fileprivate var leftPadded: String { count == 1 ? "0" + self : self }
}

/// Markup as a browser reads it, as far as laws about it go.
struct Markup {
    struct Tag {
        let name: String
        let attributes: [String: String]
        /// Its place in the text, behind the tag.
        let end: String.Index
    }

    struct Form { let fields: [(String, String)] }

    let text: String
    let tags: [Tag]

    init(_ text: String) {
        self.text = text
        var tags: [Tag] = []
        for match in text.matches(of: /<([a-z][a-z0-9]*)((?:\s+[^<>"=\s]+(?:="[^"]*")?)*)\s*\/?>/) {
            var attributes: [String: String] = [:]
            for attribute in String(match.2).matches(of: /([^\s="]+)(?:="([^"]*)")?/) {
                attributes[String(attribute.1)] = attribute.2.map { Self.plain(String($0)) } ?? ""
            }
            tags.append(Tag(name: String(match.1), attributes: attributes, end: match.range.upperBound))
        }
        self.tags = tags
    }

    static func plain(_ text: String) -> String {
        text.replacing("&quot;", with: "\"").replacing("&#39;", with: "'").replacing("&lt;", with: "<")
            .replacing("&gt;", with: ">").replacing("&amp;", with: "&")
    }

    /// What a form with this action would send as it stands, without its buttons.
    func form(_ action: String) -> Form? {
        guard let start = tags.firstIndex(where: { $0.name == "form" && $0.attributes["action"] == action })
        else {
            return nil
        }
        let stop =
            text.range(of: "</form>", range: tags[start].end..<text.endIndex)?.lowerBound ?? text.endIndex
        var fields: [(String, String)] = []
        var select: String?
        var first: String?
        func close() {
            if let name = select { fields.append((name, first ?? "")) }
            (select, first) = (nil, nil)
        }
        for tag in tags[start...] where tag.end <= stop {
            let (name, value) = (tag.attributes["name"], tag.attributes["value"] ?? "")
            if tag.name != "option" { close() }
            switch tag.name {
            case "input":
                guard let name, tag.attributes["disabled"] == nil else { continue }
                let isChoice = ["radio", "checkbox"].contains(tag.attributes["type"])
                if !isChoice || tag.attributes["checked"] != nil { fields.append((name, value)) }
            case "select" where tag.attributes["disabled"] == nil: select = name
            case "option":
                if first == nil || tag.attributes["selected"] != nil { first = value }
            case "textarea":
                guard let name, let end = text.range(of: "</textarea>", range: tag.end..<text.endIndex) else {
                    continue
                }
                fields.append((name, Self.plain(String(text[tag.end..<end.lowerBound]))))
            default: break
            }
        }
        close()
        return Form(fields: fields)
    }

    /// What makes a page bad for who cannot see it, or for any browser.
    var faults: [String] {
        var faults: [String] = []
        if tags.filter({ $0.name == "h1" }).count != 1 { faults.append("not one h1") }
        if tags.first(where: { $0.name == "html" })?.attributes["lang"] != "zh-CN" {
            faults.append("no language")
        }
        let ids = tags.compactMap { $0.attributes["id"] }
        for (id, uses) in Dictionary(grouping: ids, by: \.self) where uses.count > 1 {
            faults.append("id \(id) twice")
        }
        let labelled = Set(tags.filter { $0.name == "label" }.compactMap { $0.attributes["for"] })
        for tag in tags where ["input", "select", "textarea"].contains(tag.name) {
            if ["hidden", "submit"].contains(tag.attributes["type"]) || tag.attributes["aria-label"] != nil {
                continue
            }
            if let id = tag.attributes["id"], labelled.contains(id) { continue }
            // Inside a label, which ends behind it.
            let before = text[..<tag.end]
            let open = before.range(of: "<label", options: .backwards)?.lowerBound
            let closed = before.range(of: "</label>", options: .backwards)?.lowerBound
            if let open, closed.map({ $0 < open }) ?? true { continue }
            faults.append("no label: \(tag.attributes["name"] ?? tag.name)")
        }
        for tag in tags where tag.attributes.keys.contains(where: { $0 == "style" || $0.hasPrefix("on") }) {
            faults.append("inline script or style in \(tag.name)")
        }
        if text.contains("<style") || text.contains("<script>") { faults.append("inline script or style") }
        return faults
    }
}

/// The case with this name.
func named(_ id: String) throws -> CaseID {
    guard let id = CaseID(id) else { throw Broken(what: id) }
    return id
}
