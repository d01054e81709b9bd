import Casework
import Persistence
import Web

extension Web.Problem {
    /// The one place where errors of the window's parts become problems. Sentences for the clerk are Chinese; none holds
    /// what somebody typed.
    /// Nil for an error that nobody expected: its details go to the log, not to the client.
    init?(window error: any Error) {
        switch error {
        case let problem as Web.Problem: self = problem
        case let faults as CaseFileError:
            let blocking = faults.faults.filter { !$0.isWarning }
            self.init(
                status: 422, title: "填写内容有误", detail: blocking.map(\.chinese).joined(separator: "\n"),
                remedy: blocking.map(\.english).joined(separator: "\n"))
        case let edit as EditError:
            self.init(status: 409, title: "不能修改", detail: edit.chinese, remedy: edit.english)
        case let order as EditOrderError:
            self.init(status: 400, title: "The edit cannot be read", detail: order.description)
        case let refusal as StepRefusal: self.init(step: refusal)
        case let handover as HandoverRefusal:
            self.init(status: 422, title: "不能登记副页交接", detail: handover.chinese)
        case let loss as LossRefusal:
            self.init(
                status: 409, title: "不能恢复填写", detail: loss.chinese, remedy: "See: birthwindow case --help")
        case let store as StoreError: self.init(store: store)
        case let database as DatabaseError: self.init(database: database)
        case let attachment as AttachmentError: self.init(attachment: attachment)
        case let key as WindowKeyError:
            self.init(status: 503, title: "A key file of this window cannot be used", detail: key.description)
        case let enrolment as EnrolmentError:
            self.init(status: 502, title: "The enrolment failed", detail: enrolment.description)
        default: return nil
        }
    }

    /// 403 if somebody else has to do it, 422 if only what was given is wrong, else 409.
    private init(step refusal: StepRefusal) {
        let kinds = Set(refusal.reasons.map(\.kind))
        let status = kinds.contains(.role) ? 403 : kinds == [.input] ? 422 : 409
        let isNumber = refusal.step == .issue && status == 422
        self.init(
            status: status, title: "不能\(refusal.step.word)", detail: refusal.chinese,
            remedy: isNumber ? "The number is the one on the paper in hand: --number NUMBER, or --next." : nil
        )
    }

    private init(store error: StoreError) {
        switch error {
        case .notEnrolled:
            self.init(
                status: 409, title: "本机尚未登记到医院", detail: "This window belongs to no hospital yet.",
                remedy: "Ask central for a token and run: birthwindow enroll --central URL --token TOKEN")
        case .unknownCase:
            self.init(status: 404, title: "没有这个办件", remedy: "List the cases first: birthwindow case list")
        case .otherHospital(let code):
            self.init(
                status: 409, title: "The store holds another hospital's records",
                detail: "It belongs to hospital \(code).", remedy: "Use another directory: --data DIRECTORY")
        case .departed:
            self.init(
                status: 409, title: "该办件已转出本院，不能修改",
                detail: "如需更正，请与现在办理的医院或上级部门联系。转出前已保存的内容不会丢失。",
                remedy: "See: birthwindow case show ID")
        case .merged(let merger):
            self.init(
                status: 409, title: "本件\(merger.chinese.dropLast())，不能修改",
                detail: "如需更正，请与保留办件的医院或上级部门联系。已保存的内容不会丢失。",
                remedy: "See: birthwindow case show ID")
        case .erased:
            self.init(status: 409, title: "该办件已依申请删除，不能修改", detail: "如需重新办理，请新建办件。")
        case .notWiped(let refusal): self.init(wipe: refusal)
        case .changeTooLarge:
            self.init(status: 413, title: "填写内容过大，未保存", detail: "一次保存的内容超过限制，请分次保存。")
        case .unknownDots:
            self.init(
                status: 409, title: "页面内容与本机记录不符，未保存", detail: "请刷新页面后重新填写。",
                remedy: "“seen” names a dot that is not here: read the case again and send its “seen”.")
        case .moved:
            self.init(
                status: 409, title: "办件已有新的变更，未保存", detail: "其他人员已修改或办理本件，请刷新页面后再办理。",
                remedy: "Read the case again and send its “seen”.")
        case .saveIDReused:
            self.init(
                status: 422, title: "该保存编号已用于另一次保存，未保存", detail: "请刷新页面后重新保存。",
                remedy: "Choose a new Idempotency-Key for each save; repeat one only with the same content.")
        case .draftTooLarge:
            self.init(status: 413, title: "草稿过大，未保存", remedy: "Shorten the draft or its name.")
        case .tooManyDrafts:
            self.init(
                status: 507, title: "草稿过多，未保存", detail: "请先保存或删除不用的草稿。",
                remedy: "Save or delete drafts that nobody needs any more.")
        case .certificate(let refusal):
            self.init(
                status: 422, title: "出生医学证明编号不能使用，未保存", detail: refusal.chinese, remedy: refusal.english)
        case .tooManyPages, .unknownPage: self.init(page: error)
        case .badHospitalCode:
            self.init(
                status: 422, title: "The hospital's code cannot be used in case numbers",
                remedy: "Ask central for a code of 1 to 16 capital letters and digits.")
        case .replaced:
            self.init(
                status: 503, title: "The database file was exchanged while it was open",
                remedy: "Start the agent again; it goes on as a new replica.")
        case .damaged(let what): self.init(damage: what)
        }
    }

    private init(wipe refusal: WipeRefusal) {
        let (detail, remedy) =
            switch refusal {
            case .notDeparted: ("It has not left this hospital.", "See: birthwindow case list --departed")
            case .unsent(let count):
                (
                    "Central has not confirmed \(count) changes that stand in a chain with it.",
                    "Send them first: birthwindow sync"
                )
            case .unsentPages(let count):
                (
                    "Central does not have \(count) of its pictures yet.",
                    "Send them first: birthwindow sync"
                )
            case .repairing:
                (
                    "Central is being brought what it lacks.",
                    "Wait until `birthwindow status` shows no repair."
                )
            }
        self.init(status: 409, title: "The case is not wiped", detail: detail, remedy: remedy)
    }

    private init(page error: StoreError) {
        guard error == .tooManyPages else {
            self.init(
                status: 404, title: "该办件没有这一页", remedy: "List them first: birthwindow material list CASE")
            return
        }
        self.init(
            status: 422, title: "材料页数已满，未保存", detail: "一个办件最多 \(CasePage.perCaseMax) 页，请先移除不用的页。",
            remedy: "Take pages back that nobody needs: birthwindow material remove")
    }

    private init(attachment error: AttachmentError) {
        switch error {
        case .full:
            self.init(status: 507, title: "磁盘已满，未保存", detail: error.description)
        case .damaged:
            self.init(
                status: 500, title: "该页文件已损坏", detail: error.description,
                remedy: "It is fetched again from central if central has it: see birthwindow status")
        default: self.init(status: 503, title: "材料文件不能使用", detail: error.description)
        }
    }

    /// Nothing is written any more; what can be read is still shown.
    private init(damage: String) {
        self.init(
            status: 503, title: "本机数据库已损坏，未保存", detail: "请停止录入，立即联系技术人员。\n\(damage)",
            remedy:
                "Stop the agent, keep its directory, move it aside, and run: birthwindow recover --from JOURNAL"
        )
    }

    private init(database error: DatabaseError) {
        if error.kind == .corrupt {
            self.init(damage: error.description)
            return
        }
        let status = error.kind == .full ? 507 : 503
        self.init(
            status: status, title: error.kind == .full ? "磁盘已满，未保存" : "数据库不能使用，未保存",
            detail: error.description)
    }
}
