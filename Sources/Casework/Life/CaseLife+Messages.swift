/// The messages to the family for which the time has come.
extension CaseLife {
    /// What the region tells about what has happened so far, in the policy's order. A message for which an answer or a word is
    /// missing is left out, and so is one that another sends.
    package var messages: [Message] {
        guard let policy else { return [] }
        return policy.messages.list.filter { hasCome($0.occasion) }.compactMap { message in
            Message(message, answers: answers, words: words(of: message), dictionary: dictionary)
        }
    }

    private func hasCome(_ occasion: PolicyMessage.Occasion) -> Bool {
        switch occasion {
        case .acceptance: stage.isAfterAcceptance
        case .correction: stage == .correcting
        case .refusal: [.refused, .offline, .blocked, .refusedReturning].contains(stage)
        case .faceAuthorisation: stage == .draft && answers["fatherFaceVerified"] != .bool(true)
        case .signing: stage == .submitted
        case .itemDone(let code): items.contains { $0.code == code && $0.outcome == .done }
        case .pickupReady: stage == .delivering
        case .allDone: stage == .delivered
        case .originalsReturned: answers.text("originalsProgress") == "inTransitBack"
        }
    }

    /// The words that the case itself knows; place and time of a pick-up are the sender's.
    private func words(of message: PolicyMessage) -> [String: String] {
        var words: [String: String] = [:]
        words["caseNumber"] = answers.text("caseNumber")
        words["hospitalName"] = answers.text("birthInstitutionName")
        if let reasons = decision?.reasons, !reasons.isEmpty {
            words["reasons"] = reasons.map(\.text).joined()
        }
        if case .itemDone(let code) = message.occasion { words["itemName"] = policy?.item(code)?.name }
        return words
    }

    var messagesJSON: [JSON] {
        messages.map { message in
            .object([
                "code": .text(message.code), "channel": .text(message.channel.rawValue),
                "text": .text(message.text),
            ])
        }
    }
}

extension CaseStage {
    fileprivate var isAfterAcceptance: Bool {
        [.accepted, .delivering, .delivered, .evaluated, .closed].contains(self)
    }
}
