import Accounts
import Casework
import Cryptography
import Pages
import SyncProtocol
import Web

/// `/desk/duplicates`: cases that may be one child's, side by side.
extension CentralPages {
    func addDuplicates(to router: inout Router) {
        let pair = "/desk/duplicates/{first}/{second}"
        page(&router, "/desk/duplicates", .mergeDuplicates, .query, listPairs)
        page(&router, pair, .mergeDuplicates, .pair, comparePair)
        form(&router, pair + "/merge", .mergeDuplicates, .pair, mergePair)
        form(&router, pair + "/dismissal", .mergeDuplicates, .pair, tellPairApart)
        form(&router, pair + "/undo", .mergeDuplicates, .pair, undoPair)
    }

    /// Pairs of one page.
    private static let pairsPerPage = 40

    @Sendable private func listPairs(_ request: Request, _ viewer: Viewer) async throws -> Page {
        var filter = DuplicateFilter()
        let address = Address("/desk/duplicates", request.query)
        let state = address["state"].flatMap(DuplicatePair.State.init(rawValue:)) ?? .open
        filter.state = state
        let after = try address["after"].map { text throws(CentralError) in try DuplicatePlace(reading: text)
        }
        let pairs = try await api.duplicateDesk.pairs(
            filter, in: address["hospital"], after: after, countMax: Self.pairsPerPage)
        let names = try await names()
        let last = pairs.count == Self.pairsPerPage ? pairs.last : nil
        let tabs = DuplicatePair.State.allCases.map { other -> HTML in
            let target = address.with("state", other == .open ? nil : other.rawValue).with("after", nil)
            return
                "<a href=\"\(target.text)\"\(if: other == state, " aria-current=\"true\"")>\(other.chinese)</a>"
        }
        let hospitals = names.hospitals.filter { viewer.serves(hospital: $0.code) }
        let rows = pairs.enumerated().map { pairRow($1, isFirst: $0 == 0, names) }
        return Page(
            "疑似重复", under: "/desk",
            content: """
                <div class="title"><h1>疑似重复</h1><span class="soft">可能是同一新生儿的办件，并排核对后合并或分开</span>\
                <span class="push"><a class="button" href="/desk">返回队列</a></span></div>\
                <nav class="filters" aria-label="状态">\(tabs)</nav>\
                \(HTML.filters(address, without: ["hospital", "after"], HTML.filter("hospital", "医院", any: "全部医院", hospitals.map { ($0.code, $0.name) }, chosen: address["hospital"])))\
                <div class="card">\(HTML.list(["新生儿", "第一件", "第二件", "为什么", "相似度"], rows, ifEmpty: "没有这样的办件。"))</div>\
                \(HTML.more(last.map { address.with("after", $0.pair.place.text) }))
                """)
    }

    private func pairRow(_ listed: DuplicateDesk.Listed, isFirst: Bool, _ names: Names) -> HTML {
        let target =
            "/desk/duplicates/\(listed.pair.cases.first.description)/\(listed.pair.cases.second.description)"
        let reasons = listed.pair.codes.map { DuplicateRules.standard.text(of: $0) }.joined(separator: " ")
        return """
            <tr><td><a class="name" href="\(target)"\(if: isFirst, " autofocus")>\(listed.first.state.title(dictionary))</a>\
            <small>\(times.since(listed.pair.sinceMilliseconds))前</small></td>\
            <td>\(side(listed.first))</td><td>\(side(listed.second))</td><td class="small">\(reasons)</td><td class="num">\(listed.pair.score)</td></tr>

            """
    }

    private func side(_ side: DuplicateDesk.Side) -> HTML {
        let mother = side.state.text("motherName", in: dictionary) ?? ""
        return """
            \(side.hospitals.map(\.name).joined(separator: "、"))<small>\(side.state.text("caseNumber", in: dictionary) ?? "尚无编号")　母亲 \(mother)</small>
            """
    }

    // MARK: Two cases

    @Sendable private func comparePair(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let comparison = try await api.duplicateDesk.comparison(try request.casePair())
        let view = DuplicateView(
            comparison: comparison, names: try await names(), viewer: viewer, casebook: api.books.casebook,
            times: times)
        return Page("核对疑似重复", under: "/desk", content: view.html)
    }

    private func address(of pair: CasePair) -> String {
        "/desk/duplicates/\(pair.first.description)/\(pair.second.description)"
    }

    @Sendable private func mergePair(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let pair = try request.casePair()
        guard let into = fields["into"].flatMap({ CaseID($0) }), [pair.first, pair.second].contains(into)
        else {
            throw Web.Problem(status: 422, title: "请选择保留哪一件", detail: "没有合并。")
        }
        var merge = DuplicateDesk.Merge(
            from: pair.other(than: into), into: into, reason: try reason(fields), user: request.operatorName)
        let takes = fields.all("take").compactMap { UInt32($0) }.map(GroupID.init(rawValue:))
        // Of the case that goes, the groups that were ticked.
        merge.takes = Array(Set(takes)).sorted()
        for text in fields.all("seen") {
            let parts = text.split(separator: " ").map(String.init)
            guard parts.count == 2, let id = CaseID(parts[0]),
                let digest = [UInt8](hexadecimal: parts[1]).flatMap({ Digest(bytes: $0) })
            else { throw CentralError.refused(.unseenDots) }
            merge.seen[id] = Fingerprint(rawValue: digest)
        }
        try await api.duplicateDesk.merge(merge)
        return .seeOther(address(of: pair))
    }

    @Sendable private func tellPairApart(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let pair = try request.casePair()
        try await api.duplicateDesk.dismiss(pair, reason: try reason(fields), user: request.operatorName)
        return .seeOther(address(of: pair))
    }

    @Sendable private func undoPair(
        _ request: Request, _ fields: FormFields, _ viewer: Viewer
    ) async throws -> Response {
        let pair = try request.casePair()
        try await api.duplicateDesk.undo(pair, reason: try reason(fields), user: request.operatorName)
        return .seeOther(address(of: pair))
    }
}

extension DuplicatePair.State {
    /// For staff.
    var chinese: String {
        switch self {
        case .open: "待核对"
        case .dismissed: "不是同一人"
        case .merged: "已合并"
        case .circular: "互相合并"
        }
    }
}
