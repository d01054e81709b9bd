/// What somebody does with a case that takes it further.
package enum CaseStep: String, Hashable, Sendable, CaseIterable {
    /// Hands the application in, the first time or after a correction.
    case submit
    /// Takes it on, on the way that the rules say.
    case accept
    /// Tells everything that lacks, once.
    case correct
    /// Refuses it, with all reasons; in the region's own way, which may lead elsewhere.
    case refuse
    case withdraw
    /// Hands an item in again that its department has sent back, after what it asked for was corrected.
    case resubmit
    /// Issues the birth certificate at the window.
    case issue
    /// Hands out the vaccination booklet at the window, after the first vaccination.
    case vaccinate
    /// Gives a paper to who came for it, or to the post.
    case handOver
    /// Notes how far posted originals are.
    case post
    /// Notes how the applicant found it.
    case evaluate
    case close
    /// Takes a closing back.
    case reopen

    /// What it is called in a sentence for the clerk.
    package var word: String {
        switch self {
        case .submit: "提交申请"
        case .accept: "受理"
        case .correct: "一次性告知补正"
        case .refuse: "作出不予受理决定"
        case .withdraw: "撤回申请"
        case .resubmit: "再次报送退回的事项"
        case .issue: "签发出生医学证明"
        case .vaccinate: "发放预防接种证"
        case .handOver: "送达证件"
        case .post: "记录原件寄递进度"
        case .evaluate: "登记好差评"
        case .close: "结束办件"
        case .reopen: "重新打开办件"
        }
    }

    /// The stages in which it may be taken. What is missing here is refused with the stage's name.
    package var stages: Set<CaseStage> {
        switch self {
        // Nothing forbids to come again when what spoke against it has changed.
        case .submit: [.draft, .correcting, .refused, .offline, .blocked, .refusedReturning]
        case .accept, .correct, .refuse: [.submitted]
        // By the window, until everything is delivered.
        case .withdraw: [.draft, .submitted, .correcting, .blocked, .accepted, .delivering]
        case .resubmit: [.accepted]
        // A certificate may be what a blocked case waits for (policies.md section 5.2).
        case .issue: [.accepted, .blocked]
        case .vaccinate: [.accepted, .blocked, .delivering, .delivered, .evaluated]
        case .handOver: [.accepted, .blocked, .delivering]
        case .post: [.draft, .submitted, .accepted, .refusedReturning, .delivering, .delivered, .evaluated]
        // After it is done, or as early as on handing in (002 五(九)).
        case .evaluate: [.submitted, .accepted, .refused, .offline, .delivering, .delivered, .closed]
        case .close:
            [
                .correcting, .accepted, .refused, .offline, .blocked, .refusedReturning, .delivering,
                .delivered,
                .evaluated,
            ]
        case .reopen: [.closed]
        }
    }

    /// Who may take it. Accounts come with roles later; the table stands already.
    package var roles: Set<CaseRole> {
        switch self {
        case .submit, .accept, .correct, .refuse, .withdraw, .resubmit, .close: [.clerk, .supervisor]
        case .issue: [.issuer, .supervisor]
        case .vaccinate, .handOver: [.clerk, .issuer, .supervisor]
        case .post, .evaluate: [.clerk, .supervisor, .central]
        case .reopen: [.supervisor]
        }
    }
}

/// What somebody is, as far as steps depend on it.
package enum CaseRole: String, Hashable, Sendable, CaseIterable {
    case clerk
    /// Issues certificates.
    case issuer
    case supervisor
    case department
    case central

    /// All that somebody at a window may be. Who has no account of a narrower kind is all of them.
    package static let window: Set<CaseRole> = [.clerk, .issuer, .supervisor]

    package var word: String {
        switch self {
        case .clerk: "窗口工作人员"
        case .issuer: "签发人员"
        case .supervisor: "窗口负责人"
        case .department: "办理部门"
        case .central: "中心工作人员"
        }
    }
}
