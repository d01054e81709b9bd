#if Postgres
    import CentralServer
    import SyncProtocol

    /// What processes tell each other of feeds that grew: the text of a notification, a line `HOSPITAL POSITION` for each.
    enum PostgresNews {
        static let channel = "birthcentral_feeds"
        /// Feeds in one notification: PostgreSQL takes less than 8,000 bytes.
        static let feedsMax = 100

        static func payloads(_ grown: [HospitalID: UInt64]) -> [String] {
            let lines = grown.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            return stride(from: 0, to: lines.count, by: feedsMax).map { start in
                lines[start..<min(start + feedsMax, lines.count)].joined(separator: "\n")
            }
        }

        /// What is no such line is passed over: another version may say more.
        static func grown(in payload: String) -> [(hospital: HospitalID, position: UInt64)] {
            payload.split(separator: "\n").compactMap { line in
                let words = line.split(separator: " ")
                guard words.count >= 2, let record = CaseID(String(words[0])), let position = UInt64(words[1])
                else { return nil }
                return (HospitalID(record: record), position)
            }
        }
    }
#endif
