// The household that the child is registered in (standards.md section 5; 002 五(五)3).

extension AnswerChecks {
    /// Relations as codes of the list `relation`.
    private enum Relation {
        /// 子, 女
        static let child: Set = ["20", "30"]
        /// 孙子, 孙女
        static let fathersSide: Set = ["41", "42"]
        /// 外孙子, 外孙女
        static let mothersSide: Set = ["43", "44"]
    }

    mutating func checkHousehold() {
        checkRelation()
        checkHead()
    }

    private mutating func checkRelation() {
        guard let relation = answers.text("relationToHead") else { return }
        let isChild = Relation.child.contains(relation)
        switch isParentHead {
        case true? where !isChild: add("relationToHead", .notChildOfHead)
        case false? where isChild: add("relationToHead", .oddChildOfHead)
        default: break
        }
        guard isParentHead != true else { return }
        switch answers.text("followParent") {
        case "father" where Relation.mothersSide.contains(relation),
            "mother" where Relation.fathersSide.contains(relation):
            add("relationToHead", .oddSide)
        default: break
        }
    }

    /// Whether a parent is the head of the household, the followed one or the other; nil if the answers do not tell.
    private var isParentHead: Bool? {
        let followedIsHead = answers["followParentIsHead"]
        if followedIsHead == .bool(true) { return true }
        let parents = ["motherIdNo", "fatherIdNo"].compactMap(answers.text)
        if let head = answers.text("headIdNo") {
            if parents.contains(head) { return true }
            if parents.count == 2 { return false }
        }
        return followedIsHead == .bool(false) ? false : nil
    }

    /// A followed parent who is the head has one name and one number.
    private mutating func checkHead() {
        guard answers["followParentIsHead"] == .bool(true), let parent = answers.text("followParent") else {
            return
        }
        for (head, own) in [("headName", "\(parent)Name"), ("headIdNo", "\(parent)IdNo")] {
            guard let text = answers.text(head), let other = answers.text(own), text != other else {
                continue
            }
            add(head, .differs(label: label(own)))
        }
    }
}
