extension Policy {
    /// The handover of the certificates' second pages, where the region has one.
    package struct Handover: Hashable, Sendable, Decodable {
        /// The item whose certificates are handed over.
        package let item: String
        /// The name under which `check` answers with the day.
        package let answer: String?
        package let rule: HandoverRule

        private enum CodingKeys: String, CodingKey { case item, answer }

        package init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            item = try container.decode(String.self, forKey: .item)
            answer = try container.decodeIfPresent(String.self, forKey: .answer)
            rule = try HandoverRule(from: decoder)
        }
    }

    /// A rule about a benefit, and for which applications it is asked.
    package struct Benefit<Rule: Decodable & Hashable & Sendable>: Hashable, Sendable, Decodable {
        package let when: Expression
        package let rule: Rule

        private enum CodingKeys: String, CodingKey { case when }

        package init(from decoder: any Decoder) throws {
            when = try decoder.container(keyedBy: CodingKeys.self).decode(Expression.self, forKey: .when)
            rule = try Rule(from: decoder)
        }
    }
}
