import Testing

@testable import WindowAgent

@Suite("The sentence about the link")
struct LinkSentenceTests {
    /// 2026-11-21 10:00 in China.
    private static let now: UInt64 = 1_795_226_400_000

    private func text(_ change: (inout LinkSentence) -> Void) -> String {
        var sentence = LinkSentence(now: Self.now)
        sentence.lastContact = Self.now - 10_800_000
        change(&sentence)
        return sentence.text
    }

    @Test("Away from central")
    func offline() {
        #expect(text { $0.isEnrolled = false } == "尚未接入中心，内容保存在本机")
        #expect(text { ($0.isFailing, $0.changes, $0.photos) = (true, 10, 2) } == "离线 3 小时，12 项待发送")
        #expect(text { $0.isFailing = true } == "离线 3 小时，没有待发送的内容")
        #expect(text { ($0.isFailing, $0.lastContact, $0.changes) = (true, nil, 1) } == "尚未连上中心，1 项待发送")
        #expect(text { $0.lastContact = nil } == "正在连接中心")
        #expect(text { ($0.lastContact, $0.changes) = (nil, 2) } == "正在连接中心，2 项待发送")
    }

    @Test("How long it has been")
    func durations() {
        for (seconds, words) in [
            (0, "1 分钟"), (59, "1 分钟"), (120, "2 分钟"), (3_599, "60 分钟"), (3_600, "1 小时"), (172_799, "48 小时"),
            (172_800, "2 天"), (7_776_000, "90 天"),
        ] as [(UInt64, String)] {
            let said = text { ($0.isFailing, $0.lastContact) = (true, Self.now - seconds * 1000) }
            #expect(said == "离线 \(words)，没有待发送的内容")
        }
        let ahead = text { ($0.isFailing, $0.lastContact) = (true, Self.now + 5) }
        #expect(ahead == "离线 1 分钟，没有待发送的内容", "a clock that was set back")
    }

    @Test("In touch")
    func online() {
        #expect(text { _ in } == "在线，全部已发送")
        #expect(text { $0.activity = .waiting } == "在线，全部已发送")
        #expect(text { $0.changes = 3 } == "在线，3 项待发送")
        #expect(text { ($0.activity, $0.changes, $0.secondsLeft) = (.exchanging, 3, 120) } == "正在发送，约 2 分钟")
        #expect(text { ($0.activity, $0.changes) = (.exchanging, 3) } == "正在发送，还有 3 项")
        #expect(text { ($0.activity, $0.entries, $0.secondsLeft) = (.exchanging, 9, 5) } == "正在接收，约 1 分钟")
        #expect(text { ($0.activity, $0.entries) = (.exchanging, 9) } == "正在接收，还有 9 项")
        #expect(text { ($0.photos, $0.secondsLeft) = (3, 120) } == "正在发送照片，约 2 分钟")
        #expect(text { $0.photos = 3 } == "正在发送照片，还有 3 张")
        #expect(
            text { ($0.photos, $0.photosFrom) = (3, Self.now + 12 * 3_600_000) } == "在线，3 张照片 22:00 发送")
    }

    @Test("Photos that are not to go")
    func forbidden() {
        let said = text { ($0.photos, $0.photosFrom, $0.arePhotosForbidden) = (3, Self.now + 5, true) }
        #expect(said == "在线，3 张照片按设置不发送")
    }

    @Test("On a link that is paid by the byte")
    func metered() {
        #expect(text { $0.isMetered = true } == "按流量计费，全部已发送，保存后随即交换")
        #expect(
            text { ($0.isMetered, $0.nextTry) = (true, Self.now + 16_200_000) } == "按流量计费，下次交换 14:30")
        #expect(
            text { ($0.isMetered, $0.nextTry) = (true, Self.now + 72_000_000) } == "按流量计费，下次交换明天 06:00")
        #expect(
            text { ($0.isMetered, $0.photos, $0.photosFrom) = (true, 3, Self.now + 43_200_000) }
                == "按流量计费，3 张照片 22:00 发送")
    }

    @Test("When the day's bytes are spent")
    func spent() {
        #expect(text { $0.isSpent = true } == "今日流量已用完，病例照常发送")
        #expect(
            text { ($0.isSpent, $0.changes, $0.nextTry, $0.photos) = (true, 2, Self.now + 900_000, 3) }
                == "今日流量已用完，2 项最迟 10:15 发送，3 张照片明天发送")
    }
}
