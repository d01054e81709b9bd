import SyncProtocol

/// Who saves what, and when, on a busy day: 40 cases, 300 changes, 200 photos.
struct WorkPlan {
    enum Kind {
        case register(Int)
        case edit(Int, String)
        case photo(Int)
    }

    struct Act {
        /// Milliseconds since 1970.
        let time: UInt64
        let kind: Kind
    }

    static let (casesCount, changesCount, photosCount) = (40, 300, 200)

    /// In the order of their times.
    let acts: [Act]

    init(from start: UInt64, seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let minute: UInt64 = 60_000
        var acts: [Act] = []
        for number in 0..<Self.casesCount {
            let opened = start + UInt64(number) * 12 * minute
            acts.append(Act(time: opened, kind: .register(number)))
            for photo in 0..<Self.photosCount / Self.casesCount {
                let time = opened + UInt64.random(in: 1...10 * minute, using: &random)
                acts.append(Act(time: time, kind: .photo(number * 5 + photo)))
            }
        }
        for index in 0..<Self.changesCount - Self.casesCount {
            // Some in one go, as a form is saved page by page.
            let number = index % Self.casesCount
            let time = start + UInt64(number) * 12 * minute + UInt64(index / Self.casesCount / 3) * 5 * minute
            let moment = time + UInt64.random(in: 20_000...40_000, using: &random)
            acts.append(Act(time: moment, kind: .edit(number, "第\(index)次补充：母亲联系电话已核对。")))
        }
        self.acts = acts.sorted { $0.time < $1.time }
    }

    /// What is known of a newborn when a case is opened.
    static func registration(_ number: Int) -> [String: CBOR] {
        [
            "childName": .text("王晓\(number)"), "motherName": .text("李女士\(number)"),
            "motherPhone": .text("1380000\(1000 + number)"), "birthDate": .text("2026-09-22"),
            "inpatientNo": .text("ZY2026\(10_000 + number)"),
            "birthWeightGrams": .unsigned(3000 + UInt64(number)),
            "postpartumContactAddress": .text("广西桂林市永福县永福镇某某路\(number)号"),
        ]
    }
}
