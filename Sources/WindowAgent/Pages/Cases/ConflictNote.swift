import Casework
import Pages
import SyncProtocol

/// The values that contradict each other in a group, side by side, above the input in which they can be settled.
struct ConflictNote {
    let group: FieldGroup
    let state: CaseState
    let policy: Policy?
    let dictionary: FieldDictionary
    let wording: TimeWords
    let people: People

    var html: HTML {
        let values = (state.registers[group.id]?.standing ?? []).map { standing -> HTML in
            let name = people.author(standing.author, policy)
            let place = standing.author.role == .window ? "本窗口 \(name)" : name
            return """
                <div class="value"><span class="big">\(Self.text(standing.value, of: group, dictionary))</span>\
                <span class="soft small">\(place) \(wording(standing.time.milliseconds))\
                \(if: standing.isDoubtful, "（时钟有疑）")</span></div>
                """
        }
        return """
            <div class="versus">\(values)</div><p class="say" data-state="wait">记录不一致，由中心核定；\
            也可以现在按证件原件重新填写后保存。</p>
            """
    }

    /// A group's value in the words of a paper.
    static func text(_ value: [CBOR], of group: FieldGroup, _ dictionary: FieldDictionary) -> String {
        let text = AnswerText(
            Answers(groups: [group.id: .array(value)], in: dictionary), dictionary: dictionary)
        let words = group.members.compactMap { text($0.key) }
        return words.isEmpty ? "（空）" : words.joined(separator: "，")
    }
}
