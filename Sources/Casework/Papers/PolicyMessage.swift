/// One message to the family as the policy file has it under `messages`.
package struct PolicyMessage: Hashable, Sendable, Decodable {
    package let code: String
    package let channel: Channel
    package let occasion: Occasion
    /// nil where the seed is silent and another sends it.
    package let template: Template?
    /// Whether the words are ours, because the seed prints none.
    package let proposed: Bool
    package let source: String

    package enum Channel: String, Hashable, Sendable, Decodable, CaseIterable {
        case sms, platform, window
    }

    /// What is told, written as `acceptance` or `itemDone:hukou`.
    package enum Occasion: Hashable, Sendable {
        case acceptance, correction, refusal, faceAuthorisation, signing, allDone, originalsReturned
        /// The time and place to collect something are known.
        case pickupReady
        case itemDone(String)
    }

    /// Messages of one policy.
    package static let countMax = 100
    /// The words that a message may use beside the keys of answers; who sends it fills them.
    package static let words: Set<String> = [
        "caseNumber", "contactPhone", "dueDate", "hospitalName", "itemName", "pickupPlace", "pickupTime",
        "reasons",
    ]
}

extension PolicyMessage.Occasion: Decodable {
    private static let plain: [String: Self] = [
        "acceptance": .acceptance, "correction": .correction, "refusal": .refusal,
        "faceAuthorisation": .faceAuthorisation, "signing": .signing, "allDone": .allDone,
        "originalsReturned": .originalsReturned, "pickupReady": .pickupReady,
    ]

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        let item = "itemDone:"
        if let occasion = Self.plain[text] {
            self = occasion
        } else if text.hasPrefix(item), text.count > item.count {
            self = .itemDone(String(text.dropFirst(item.count)))
        } else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "\(text) is no occasion")
        }
    }
}

extension PolicyMessage {
    /// What is wrong with a policy's messages; empty if nothing is.
    /// - Parameter items: the codes of the policy's items.
    package static func faults(
        in messages: [PolicyMessage], items: Set<String>, dictionary: FieldDictionary = .standard
    ) -> [PolicyFault] {
        guard messages.count <= countMax else { return [PolicyFault("messages", "more than \(countMax)")] }
        return messages.enumerated().flatMap { index, message in
            message.faults(items: items, dictionary: dictionary).map { $0.under("messages[\(index)]") }
                + (messages[..<index].contains { $0.code == message.code }
                    ? [PolicyFault("messages[\(index)].code", "\(message.code) stands twice")] : [])
        }
    }

    private func faults(items: Set<String>, dictionary: FieldDictionary) -> [PolicyFault] {
        var faults: [PolicyFault] = []
        if case .itemDone(let item) = occasion, !items.contains(item) {
            faults.append(PolicyFault(".occasion", "\(item) is no item of this policy"))
        }
        if template == nil, !proposed {
            faults.append(PolicyFault(".template", "is missing, although the seed has one"))
        }
        for key in template?.keys ?? [] where dictionary.field(key) == nil && !Self.words.contains(key) {
            faults.append(PolicyFault(".template", "\(key) is no field"))
        }
        return faults
    }
}

/// A message to the family, filled and ready to be sent by whoever sends it.
package struct Message: Hashable, Sendable {
    package let code: String
    package let channel: PolicyMessage.Channel
    package let text: String

    /// nil where the policy has no text, or a word or answer that it needs is missing: half a message is not sent.
    ///
    /// Numbers of documents, phones and accounts are masked, because a message passes through other hands.
    /// - Parameter words: values of ``PolicyMessage/words``.
    package init?(
        _ message: PolicyMessage, answers: Answers, words: [String: String] = [:],
        dictionary: FieldDictionary = .standard, codes: CodeLists = .standard
    ) {
        let answer = AnswerText(answers, isMasked: true, dictionary: dictionary, codes: codes)
        guard let text = message.template?.filled({ words[$0] ?? answer($0) }) else { return nil }
        code = message.code
        channel = message.channel
        self.text = text
    }
}
