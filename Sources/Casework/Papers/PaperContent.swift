/// What a paper says about one case, or about one hospital's certificates: judged and put into words elsewhere.
package struct PaperContent: Hashable, Sendable {
    package var hospitalName: String
    package var hospitalCode: String
    package var caseNumber: String?
    package var noticeNumber: String?
    /// The day on which the paper is made.
    package var date: CalendarDate
    package var clerk: String?
    package var answers: Answers
    /// A code of the list `decision`.
    package var outcome: String?
    /// All reasons of a refusal.
    package var reasons: [Reason]
    /// All that lacks.
    package var gaps: [Reason]
    package var items: [Item]
    /// The promised limit of the whole in words, for example `33个工作日，2025年11月20日前`.
    package var total: String?
    package var materials: [Material]
    /// Lines such as `咨询电话：…`.
    package var contacts: [String]
    package var handover: Handover?
    package var stock: [Stock]

    /// Entries of one list; a register of a quarter has the most.
    package static let entriesMax = 10_000

    /// A rule that does not hold, or what lacks, with the sentence that the family reads.
    package struct Reason: Hashable, Sendable {
        package let code: String
        package let text: String

        package init(code: String, text: String) {
            self.code = code
            self.text = text
        }
    }

    /// A service that is applied for.
    package struct Item: Hashable, Sendable {
        package let name: String
        package let department: String
        /// When it is planned to be done, in words; nil where the region promises nothing.
        package let due: String?

        package init(name: String, department: String, due: String? = nil) {
            self.name = name
            self.department = department
            self.due = due
        }
    }

    /// A paper that was received.
    package struct Material: Hashable, Sendable {
        package let name: String
        package let pages: [String]

        package init(name: String, pages: [String]) {
            self.name = name
            self.pages = pages
        }
    }

    /// The handing over of the second pages of a quarter's certificates (000 一(二)1(4)).
    package struct Handover: Hashable, Sendable {
        /// In words, for example `2025年第三季度`.
        package let period: String
        package let from: String
        package let to: String
        package let certificates: [String]

        package init(period: String, from: String, to: String, certificates: [String]) {
            self.period = period
            self.from = from
            self.to = to
            self.certificates = certificates
        }
    }

    /// One range of the hospital's blank certificates.
    package struct Stock: Hashable, Sendable {
        package let first: String
        package let last: String
        package let received: CalendarDate?
        package let used: Int
        package let voided: Int
        package let remaining: Int

        package init(
            first: String, last: String, received: CalendarDate?, used: Int, voided: Int, remaining: Int
        ) {
            self.first = first
            self.last = last
            self.received = received
            self.used = used
            self.voided = voided
            self.remaining = remaining
        }
    }

    package init(
        hospitalName: String, hospitalCode: String, date: CalendarDate, answers: Answers = Answers(),
        caseNumber: String? = nil, noticeNumber: String? = nil, clerk: String? = nil, outcome: String? = nil,
        reasons: [Reason] = [], gaps: [Reason] = [], items: [Item] = [], total: String? = nil,
        materials: [Material] = [], contacts: [String] = [], handover: Handover? = nil, stock: [Stock] = []
    ) {
        self.hospitalName = hospitalName
        self.hospitalCode = hospitalCode
        self.date = date
        self.answers = answers
        self.caseNumber = caseNumber
        self.noticeNumber = noticeNumber
        self.clerk = clerk
        self.outcome = outcome
        self.reasons = reasons
        self.gaps = gaps
        self.items = items
        self.total = total
        self.materials = materials
        self.contacts = contacts
        self.handover = handover
        self.stock = stock
    }
}

extension PaperContent {
    /// The words that a paper's text may use beside the keys of answers.
    package static let words: Set<String> = [
        "applicant", "caseNumber", "clerk", "date", "hospitalCode", "hospitalName", "noticeNumber", "total",
    ]

    func word(_ name: String) -> String? {
        switch name {
        case "applicant": applicant
        case "caseNumber": caseNumber
        case "clerk": clerk
        case "date": date.inChinese
        case "hospitalCode": hospitalCode
        case "hospitalName": hospitalName
        case "noticeNumber": noticeNumber
        case "total": total
        default: nil
        }
    }

    /// Who is addressed: the mother, unless another applies.
    var applicant: String? { answers.text("\(applicantPrefix)Name") }

    /// The key of the phone number of the same person.
    var applicantPhoneKey: String { "\(applicantPrefix)Phone" }

    private var applicantPrefix: String {
        switch answers.text("applicantRole") {
        case "delegate" where answers.text("delegateName") != nil: "delegate"
        case "father": "father"
        default: "mother"
        }
    }

    var hasTooMany: Bool {
        [
            reasons.count, gaps.count, items.count, materials.count, contacts.count, stock.count,
            handover?.certificates.count ?? 0,
        ].contains { $0 > Self.entriesMax }
    }
}
