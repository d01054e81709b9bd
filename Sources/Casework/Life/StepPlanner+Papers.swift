import SyncProtocol

/// Papers that are made, handed out and posted.
extension StepPlanner {
    /// 首次签发: the number is the one on the paper in hand. Where none is given the next of the stock is proposed, and
    /// taken only if somebody says so.
    mutating func issue() {
        let known = life.answers.text("birthCertNo")
        let next = input.nextNumber?.description
        if input.takesNext, input.number == nil, next == nil { return refuse("没有可用的出生医学证明编号，请填写纸质证件上的编号。") }
        guard let number = input.number ?? (input.takesNext ? next : known) else {
            let proposal = next.map { "下一份未使用的证件编号为 \($0)，请与手中的纸质证件核对无误后填写。" } ?? ""
            return refuse("请填写出生医学证明编号。\(proposal)")
        }
        guard TextFormat.birthCertificate.matches(number) else {
            return refuse("出生医学证明编号须为1位大写字母加9位数字。")
        }
        if let known, known != number { refuse("编号与本件已填写的出生医学证明编号不一致，请核对。") }
        writeResult(of: .birthCert, number: number)
        write("birthCertNo", number)
    }

    mutating func vaccinate() {
        let vaccinated = input.vaccinated ?? life.answers.date("firstVaccinationDate")
        if let vaccinated {
            if vaccinated > plan.date { refuse("首次接种疫苗日期不能晚于发放日期。") }
            if let birth = life.answers.date("birthDate"), vaccinated < birth { refuse("首次接种疫苗日期不能早于出生日期。") }
            write("firstVaccinationDate", vaccinated.description)
        } else if countsFromVaccination {
            refuse("预防接种证在新生儿接种疫苗后发放，请填写首次接种疫苗日期。")
        }
        if let number = input.number, !(1...FieldType.textLongest).contains(number.count) {
            refuse("预防接种证编号过长。")
        }
        writeResult(of: .vaccCert, number: input.number)
    }

    private var countsFromVaccination: Bool {
        policy?.item(Artefact.vaccCert.item)?.limits?.contains {
            $0.from == .date(key: "firstVaccinationDate")
        }
            ?? false
    }

    private mutating func writeResult(of artefact: Artefact, number: String?) {
        let group = "\(artefact.rawValue)ResultAtWindow"
        write("\(group)Status", Outcome.done.rawValue)
        write("\(group)Date", plan.date.description)
        write("\(group)Number", number)
    }

    mutating func handOver() {
        let open = life.artefacts.filter { $0.state == .ready || $0.state == .underWay }
        let chosen = input.artefact ?? (open.count == 1 ? open[0].artefact : nil)
        guard let chosen else {
            if !open.isEmpty { refuse("请说明送达哪一证件：\(open.map(\.artefact.name).joined(separator: "、"))。") }
            return
        }
        guard open.contains(where: { $0.artefact == chosen }) else {
            let state = life.artefacts.first { $0.artefact == chosen }?.state.word ?? "未申请"
            return refuse("\(chosen.name)\(state)，不能送达。")
        }
        if input.isMailed { mail(chosen) } else { collect(chosen) }
    }

    /// Only where the applicant asked for it.
    private mutating func mail(_ artefact: Artefact) {
        let key = policy?.item(artefact.item)?.deliveryKey
        let way = key.flatMap(life.answers.text)
        if !["mail", "emsReturn", "courierCollect"].contains(way) { refuse("申请人没有选择邮寄送达\(artefact.name)。") }
        let progress = input.progress ?? "delivering"
        if !["delivering", "delivered"].contains(progress) {
            refuse("邮寄进度只能是 delivering（邮寄中）或 delivered（已送达）。")
        }
        write(artefact.handover, progress)
    }

    private mutating func collect(_ artefact: Artefact) {
        guard let collector = input.collector, isCode(collector, in: "collector") else {
            let codes = CodeLists.standard["collector"].map { "\($0.code) \($0.label)" }
            return refuse("请填写领取人：\(codes.joined(separator: "、"))。")
        }
        guard input.originals.allSatisfy({ isCode($0, in: "shownOriginal") }),
            Set(input.originals).count == input.originals.count
        else {
            let codes = CodeLists.standard["shownOriginal"].map { "\($0.code) \($0.label)" }
            return refuse("出示的原件须从以下选择，不得重复：\(codes.joined(separator: "、"))。")
        }
        let originals = CBOR.array(input.originals.map { .text($0) })
        let shown = life.answers.overridden(by: [
            artefact.collectedBy: .text(collector), artefact.originalsShown: originals,
        ])
        for finding in policy?.pickup(of: artefact.item, shown) ?? [] {
            against.append(.init(kind: .rule, text: finding.text))
        }
        write(artefact.collectedBy, collector)
        write(artefact.collectedDate, plan.date.description)
        write(artefact.originalsShown, input.originals)
        write(artefact.handover, "delivered")
    }

    /// Forward only, on the chain of policies.md section 5.6.
    mutating func post() {
        let chain = OriginalsProgress.allCases
        guard let next = input.progress.flatMap(OriginalsProgress.init(rawValue:)) else {
            return refuse("请填写寄递进度：\(chain.map { "\($0.rawValue) \($0.word)" }.joined(separator: "、"))。")
        }
        let current = life.answers.text("originalsProgress").flatMap(OriginalsProgress.init(rawValue:))
        if let current, next.place <= current.place { refuse("寄递进度已为“\(current.word)”，不能改为“\(next.word)”。") }
        if life.stage == .refusedReturning, next.place < OriginalsProgress.inTransitBack.place {
            refuse("不予受理后，原件只能寄回申请人。")
        }
        write("originalsProgress", next.rawValue)
    }
}

/// How far originals are that travel by post, in the order of the way (policies.md section 5.6).
package enum OriginalsProgress: String, Hashable, Sendable, CaseIterable {
    case applied, preAccepted, pickupBooked, inTransitToPolice, originalsChecked, registered, inTransitBack
    case returnedToApplicant

    package var word: String {
        switch self {
        case .applied: "已申请"
        case .preAccepted: "已预受理"
        case .pickupBooked: "已预约上门取件"
        case .inTransitToPolice: "寄往派出所途中"
        case .originalsChecked: "原件已核对"
        case .registered: "已入户登记"
        case .inTransitBack: "寄回途中"
        case .returnedToApplicant: "已退回申请人"
        }
    }

    var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
