import Casework
import Pages
import Web

extension AccountPages {
    @Sendable func new(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let blank = Account(name: "", displayName: "", roles: isCentral ? [] : [.clerk])
        return Page(
            "添加账号", under: Self.address,
            content: """
                <div class="title"><h1>添加账号</h1></div>\
                <form method="post" action="\(Self.address)" class="card"><div class="body">\(FormToken.field(viewer.formToken))\
                <div class="fields"><div class="field"><label for="name">用户名<span class="must">*</span></label>\
                <input id="name" name="name" type="text" required autofocus autocomplete="off" \
                pattern="[a-z0-9._\\-]{2,32}"><p class="say">2–32 位小写字母、数字或 . - _，例如姓名拼音</p></div>\
                \(try await particulars(blank))</div>\
                <p><button class="main">添加，并生成一次性密码</button> <a class="button" href="\(Self.address)">取消</a></p>\
                </div></form>
                """)
    }

    @Sendable func show(_ request: Request, _ viewer: Viewer) async throws -> Page {
        let (name, hospital) = (request.parameters["name"] ?? "", request.query["hospital"])
        let account = try await desk.account(name, at: hospital)
        let listed = ListedAccount(account, hospital: hospital)
        let form = Form(token: viewer.formToken, name: name, hospital: hospital)
        return Page(
            "账号 \(name)", under: Self.address,
            content: """
                <div class="title"><h1>\(account.displayName)</h1><span class="soft">\(name)</span>\(Self.states(account))\
                <span class="push"><a class="button" href="\(Self.address)">返回列表</a></span></div>\
                \(confirmation(account, form))\
                \(isCentral ? try await editing(account, form) : Self.facts(listed))\
                \(try await measures(account, form))
                """)
    }

    /// Where the forms of one account go.
    private struct Form {
        let token: String
        let name: String
        let hospital: String?

        func html(_ to: String, _ content: HTML) -> HTML {
            """
            <form method="post" action="\(AccountPages.address)/\(name)\(to)">\(FormToken.field(token))\
            <input type="hidden" name="hospital" value="\(hospital ?? "")">\(content)</form>
            """
        }
    }

    private func confirmation(_ account: Account, _ form: Form) -> HTML? {
        guard account.isUnconfirmed else { return nil }
        guard isCentral else {
            return """
                <div class="note" data-state="wait"><p>此账号在窗口离线办理，已立即生效，联网后送中心确认。</p></div>
                """
        }
        let content: HTML = """
            <p><b>窗口主管离线办理，待确认。</b>确认后由中心签发到该院各窗口。</p>\
            <p><button class="main" name="standing" value="confirmed">确认</button> \
            <button class="grave" name="standing" value="disabled">不同意，停用</button></p>
            """
        return "<div class=\"note\" data-state=\"wait\">\(form.html("/standing", content))</div>"
    }

    private static func facts(_ listed: ListedAccount) -> HTML {
        """
        <div class="card"><div class="body"><dl class="facts"><dt>岗位</dt><dd>\(roles(listed.account))</dd>\
        <dt>范围</dt><dd>\(scope(listed))</dd></dl></div></div>
        """
    }

    private func editing(_ account: Account, _ form: Form) async throws -> HTML {
        let content: HTML = """
            <div class="fields">\(try await particulars(account))</div><p><button class="main">保存</button></p>
            """
        return "<div class=\"card\"><div class=\"body\">\(form.html("", content))</div></div>"
    }

    private func measures(_ account: Account, _ form: Form) async throws -> HTML {
        let sessions = try await desk.sessions(of: account.name)
        let standing: HTML =
            account.isDisabled
            ? "<button name=\"standing\" value=\"enabled\">启用</button>"
            : "<button class=\"grave\" name=\"standing\" value=\"disabled\">停用账号</button>"
        let ending: HTML? =
            sessions.isEmpty
            ? nil : form.html("/sessions/end", "<button>全部退出登录（\(sessions.count) 处）</button>")
        return """
            <div class="card"><header><h2>账号处理</h2></header><div class="body row">\
            \(form.html("/password", "<button>重设密码</button>"))\(form.html("/standing", standing))\(ending)\
            </div></div>
            """
    }

    // MARK: What an account is

    private func particulars(_ account: Account) async throws -> HTML {
        let roles = isCentral ? StaffRole.allCases : [.clerk, .issuer]
        let choices = isCentral ? try await choices() : Choices()
        let roleBoxes = roles.map { Self.box("role", $0.rawValue, $0.chinese, account.roles.contains($0)) }
        return """
            <div class="field"><label for="displayName">姓名<span class="must">*</span></label>\
            <input id="displayName" name="displayName" type="text" required maxlength="\(AccountRules.displayNameCountMax)" \
            value="\(account.displayName)"></div>\
            <div class="field w12"><span class="label">岗位</span><div class="choices">\(roleBoxes)</div></div>\
            \(Self.boxes("hospitalCode", "医院（不选为全部）", choices.hospitals.map { ($0.code, "\($0.name)（\($0.code)）") }, account.hospitals))\
            \(Self.boxes("policy", "政策包（不选为全部）", choices.policies.map { ($0.id, $0.title) }, account.policies))\
            \(Self.departments(choices.departments, account.department))
            """
    }

    private static func box(_ name: String, _ value: String, _ label: String, _ isChosen: Bool) -> HTML {
        """
        <label><input type="checkbox" name="\(name)" value="\(value)"\(if: isChosen, " checked")>\(label)</label>
        """
    }

    private static func boxes(
        _ name: String, _ label: String, _ options: [(String, String)], _ chosen: Set<String>
    ) -> HTML? {
        if options.isEmpty { return nil }
        let boxes = options.map { box(name, $0.0, $0.1, chosen.contains($0.0)) }
        return """
            <div class="field w12"><span class="label">\(label)</span><div class="choices">\(boxes)</div></div>
            """
    }

    private static func departments(
        _ departments: [(code: String, name: String)], _ chosen: String?
    ) -> HTML? {
        if departments.isEmpty { return nil }
        let options = departments.map { department -> HTML in
            """
            <option value="\(department.code)"\(if: department.code == chosen, " selected")>\(department.name)</option>
            """
        }
        return """
            <div class="field"><label for="department">部门（部门经办）</label><select id="department" name="department">\
            <option value="">无</option>\(options)</select></div>
            """
    }
}
