import SyncProtocol
import Testing

@testable import WindowAgent

@Suite("When central is told how a window stands")
struct ConditionTellingTests {
    private func standing(_ change: (inout ExchangeRequest.Condition) -> Void = { _ in })
        -> ConditionTelling.Standing
    {
        var condition = ExchangeRequest.Condition()
        change(&condition)
        return ConditionTelling.Standing(condition: condition, policies: [.init(id: "gx", version: 1)])
    }

    @Test("It is told at first, then after an hour, and not before")
    func hourly() {
        var telling = ConditionTelling()
        #expect(telling.isTellDue(standing(), now: 5))
        telling.noteTold(standing(), now: 5)
        #expect(!telling.isTellDue(standing(), now: 5 + ConditionTelling.tellMilliseconds - 1))
        #expect(telling.isTellDue(standing(), now: 5 + ConditionTelling.tellMilliseconds))
    }

    @Test(
        "It is told at once when more has changed than counts and ages",
        arguments: [
            (1, true), (2, true), (3, true), (4, true), (5, true), (6, true), (7, false), (8, false),
        ])
    func changed(what: Int, isTold: Bool) {
        var telling = ConditionTelling()
        let before = standing { $0.photos = 2 }
        telling.noteTold(before, now: 5)
        var after = before
        switch what {
        case 1: after.condition.photos = 0
        case 2: after.condition.secondCopy = .failing
        case 3: after.condition.refused = 1
        case 4: after.condition.isMetered = true
        case 5: after.policies = [.init(id: "gx", version: 2)]
        case 6: after.condition.isSpent = true
        case 7: after.condition.photos = 9
        default: after.condition.behindSeconds = 100
        }
        #expect(telling.isTellDue(after, now: 6) == isTold)
    }

    @Test("It is looked once a minute, and again at once when telling failed or the clock was set back")
    func looks() {
        var telling = ConditionTelling()
        let looks = [0, 1, 59_999, 60_000, 60_001, 30_000].map { telling.isLookDue(now: $0) }
        #expect(looks == [true, false, false, true, false, true])
        telling.noteFailed()
        let again = telling.isLookDue(now: 30_001)
        #expect(again)
    }
}
