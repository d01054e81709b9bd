import Casework
import SyncProtocol
import Web

/// A refusal as RFC 9457 writes it, with what the other end needs to go on.
struct CentralProblem: Encodable {
    let type: String
    let title: String
    let status: Int
    var detail: String?
    var remedy: String?
    /// Central's clock, where the other's is too far from it.
    var milliseconds: UInt64?
    /// The versions of the protocol that central speaks.
    var versions: [UInt64]?
    /// What stands now, where it is not what was seen.
    var live: [String]?
    /// In how many seconds to come again; a header tells it.
    private var retrySeconds: Int?

    private enum CodingKeys: CodingKey {
        case type, title, status, detail, remedy, milliseconds, versions, live
    }

    /// The last word of its type.
    var code: String { String(type.dropFirst(Self.typePrefix.count)) }

    private static let typePrefix = "urn:birthwindow:problem:"

    init(_ status: Int, _ code: String, _ title: String, detail: String? = nil, remedy: String? = nil) {
        type = Self.typePrefix + code
        self.title = title
        self.status = status
        self.detail = detail
        self.remedy = remedy
    }

    var response: Response {
        // The status says most.
        var response = (try? Response.json(self, status: status)) ?? Response(status: status)
        response.headers["Content-Type"] = Web.Problem.mediaType
        if status == 429 || status == 503 {
            response.headers["Retry-After"] = "\(retrySeconds ?? Web.Problem.retrySeconds)"
        }
        return response
    }
}

extension CentralProblem {
    /// The one place where central's errors become statuses and sentences.
    init(_ error: CentralError) {
        switch error {
        case .store(let failure): self.init(failure)
        case .notEncodable(let error):
            self.init(
                413, "too-large", "The change is too large", detail: error.description,
                remedy: "Write less at once.")
        case .refused(let refusal): self.init(refusal)
        }
    }

    private init(_ failure: StoreFailure) {
        switch failure.kind {
        case .full:
            self.init(
                507, "no-room", "Central's disk is full or read-only",
                remedy: "Keep the data; try again later.")
        case .busy: self.init(503, "busy", "The store is busy", remedy: "Try again in a while.")
        case .unknown:
            self.init(
                503, "unknown", "The connection to the database broke during the commit",
                remedy: "Look whether it was saved; then do it again.")
        case .damaged, .inconsistent:
            self.init(
                503, "damaged", "Central's database is damaged; nothing was taken",
                remedy: "Keep the data; it is sent again by itself. Central's technician: birthcentral check")
        case .foreign:
            self.init(
                503, "other-version", "Another version of central serves this database",
                remedy: "Try again in a while. Central's technician: upgrade all processes to one version.")
        case .other:
            self.init(500, "store", "The store failed", remedy: "Keep the data; tell central's technician.")
        }
    }

    private init(_ refusal: Refusal) {
        switch refusal {
        case .unsupportedVersion(let spoken):
            self.init(
                400, "unsupported-version", "This version of the protocol is not spoken here",
                remedy: "Use one of the versions named.")
            versions = Array(spoken)
        case .otherHospital:
            self.init(
                403, "other-hospital", "The computer belongs to another hospital", remedy: "Enrol it anew.")
        case .wrongTime(let central):
            self.init(
                401, "wrong-time", "The signature's time is too far from central's",
                remedy: "Sign again with central's time, which is told here.")
            milliseconds = central
        case .replayed:
            self.init(401, "replayed", "The request came before", remedy: "Sign it again with a new nonce.")
        case .unauthorised:
            self.init(
                401, "unauthorised", "Not allowed",
                remedy: "Check the token or key; it may be used, expired or revoked.")
        case .tooManyAttempts:
            self.init(
                429, "too-many-attempts", "Too many enrolments failed lately",
                remedy: "Check the token and try again in ten minutes.")
            retrySeconds = Int(EnrolmentAttempts.windowMilliseconds / 1000)
        case .busy: self.init(503, "busy", "Too much is asked at once", remedy: "Try again in a while.")
        case .tooFast(let seconds):
            self.init(
                429, "too-fast", "Requests come too often", remedy: "Try again in \(seconds) seconds.")
            retrySeconds = seconds
        case .malformed(let detail): self.init(400, "malformed", "The request is malformed", detail: detail)
        case .unknownHospital, .unknownDevice, .unknownCase, .unknownDepartment, .unknownChange, .unknownTask,
            .unknownAttachment, .unknownOrder, .unknownPolicy:
            self.init(404, "unknown", "There is no such thing", detail: "\(refusal)")
        case .notByContract(let problem): self.init(problem)
        case .taken: self.init(409, "taken", "The code or key is in use", remedy: "Choose another.")
        default: self.init(conflict: refusal)
        }
    }

    private init(_ problem: Web.Problem) {
        (type, title, status) = (problem.type, problem.title, problem.status)
        (detail, remedy) = (problem.detail, problem.remedy)
    }

    private init(conflict refusal: Refusal) {
        switch refusal {
        case .stale(let group, let live):
            self.init(
                409, "stale", "Others have written since", detail: "Group \(group).",
                remedy: "Look at what stands now and decide again.")
            self.live = live.map(\.description)
        case .staleVerdict:
            self.init(409, "stale", "Another verdict was given since", remedy: "Look again and decide again.")
        case .noConflict(let group):
            self.init(409, "no-conflict", "There is nothing to settle", detail: "Group \(group).")
        case .notUndoable(let group):
            self.init(
                409, "not-undoable", "没有可撤销的处理", detail: "Group \(group).",
                remedy: "See: birthcentral desk show CASE")
        case .noSuchValue(let group):
            self.init(
                409, "no-such-value", "没有符合条件的唯一内容，须逐件核对", detail: "Group \(group).",
                remedy: "Choose a value by its dot, or give one.")
        case .notReadable:
            self.init(409, "not-readable", "该变更不能读取，无法采用", remedy: "Ask the hospital to write it again.")
        case .differentResult:
            self.init(
                409, "different-result", "This ID came before with another result",
                remedy: "Send a correction under an ID of its own.")
        case .wrongResult(let reasons):
            self.init(
                422, "wrong-result", "办理结果未被接收", detail: reasons.joined(separator: "\n"),
                remedy: "Correct the result and send it again under the same ID; nothing was written.")
        case .claimed(let holder, let milliseconds):
            self.init(
                409, "claimed", "其他工作人员正在办理该任务", detail: "\(holder) 正在办理。",
                remedy: "Wait until the claim ends, at the time that is told here.")
            self.milliseconds = milliseconds
        case .notOwner(let groups):
            self.init(
                403, "not-owner", "Only the owner may write this",
                detail: "Groups \(groups.map(\.description).joined(separator: ", ")).")
        case .notEditable(let error):
            self.init(
                409, "not-editable", "This cannot be edited here", detail: error.chinese,
                remedy: error.english)
        case .wrongAnswers(let error):
            let faults = error.faults.filter { !$0.isWarning }
            self.init(
                422, "wrong-answers", "填写内容有误", detail: faults.map(\.chinese).joined(separator: "\n"),
                remedy: faults.map(\.english).joined(separator: "\n"))
        case .malformedValue(let group):
            self.init(
                400, "malformed-value", "A value has not the shape of its group", detail: "Group \(group).")
        case .unseenDots: self.init(400, "unseen-dots", "Changes are named that central does not have")
        default: self.init(record: refusal)
        }
    }

    /// What cannot be handed down to hospitals.
    private init(record refusal: Refusal) {
        switch refusal {
        case .wrongPolicy(let error):
            self.init(
                422, "wrong-policy", "The policy file cannot be published", detail: error.description,
                remedy: "Correct the file; nothing was published.")
        case .wrongCalendar(let error):
            self.init(
                422, "wrong-calendar", "The calendar file cannot be used", detail: error.description,
                remedy: "Correct the file; nothing was published.")
        case .policyTaken(let policy):
            self.init(
                409, "policy-taken", "This version is there already with another content",
                detail: "\(policy.id) version \(policy.version).",
                remedy: "A published version never changes: give the file the next version.")
        case .onlyPolicy(let hospitals):
            let more = hospitals.count > 10 ? " and \(hospitals.count - 10) more" : ""
            self.init(
                409, "only-policy", "Hospitals would be left without any version of this policy",
                detail: "Hospitals \(hospitals.prefix(10).joined(separator: ", "))\(more).",
                remedy: "Publish another version first, or say --force.")
        case .casesLeft:
            self.init(
                409, "cases-left", "The hospital still has cases",
                remedy:
                    "Give them to another hospital: birthcentral case move --all-of CODE --to OTHER --reason TEXT"
            )
        case .closed(let code):
            self.init(
                409, "closed", "The hospital was closed", detail: "Hospital \(code).",
                remedy: "See: birthcentral hospital show \(code)")
        case .alreadyThere(let code):
            self.init(
                409, "already-there", "The case is this hospital's already", detail: "Hospital \(code).",
                remedy: "See: birthcentral case show ID")
        case .unseenDots: self.init(400, "unseen-dots", "Changes are named that central does not have")
        case .noWindows(let count):
            self.init(
                409, "no-windows", "An order needs 1 to \(ResyncOrder.windowsMax) computers",
                detail: "The hospital has \(count).", remedy: "See: birthcentral device list")
        case .duplicates(let refusal):
            self.init(
                409, "duplicates", "不能处理", detail: refusal.chinese, remedy: refusal.english)
        case .tooManyOrders:
            self.init(
                409, "too-many-orders", "Too many orders wait at this hospital",
                remedy: "See: birthcentral resync list; withdraw what is not needed any more.")
        default: self.init(stock: refusal)
        }
    }

    /// What is wrong with certificates.
    private init(stock refusal: Refusal) {
        switch refusal {
        case .rangeTaken(let hospital, let range):
            self.init(
                409, "range-taken", "A hospital holds some of these certificates",
                detail: "Hospital \(hospital) holds \(range.first) to \(range.last).",
                remedy: "See: birthcentral stock list")
        case .notHeld(let number):
            self.init(
                409, "not-held", "The hospital was not given all of these certificates",
                detail: "The first that it does not hold is \(number).",
                remedy: "See: birthcentral stock list --hospital CODE")
        case .certificateUsed(let number):
            self.init(
                409, "certificate-used", "A case holds one of these certificates",
                detail: "The first is \(number).",
                remedy:
                    "Void those before and after it; the window voids what it has used: birthwindow stock void"
            )
        default: self.init(400, "refused", "Refused")
        }
    }
}
