import Casework
import Cryptography
import SyncProtocol
import Testing

@testable import WindowAgent

@Suite("Deciding about photos")
struct UploaderTests {
    /// 2026-11-21 10:00 in China.
    private static let morning: UInt64 = 1_795_226_400_000
    private static let hour: UInt64 = 3_600_000
    private let one = AttachmentOffer(hash: SHA256.hash([1]), byteCount: 500_000)
    private let two = AttachmentOffer(hash: SHA256.hash([2]), byteCount: 100)

    private func grant(_ offer: AttachmentOffer, _ hours: UInt64 = 24) -> AttachmentGrant {
        AttachmentGrant(hash: offer.hash, token: "t", expires: Self.morning + hours * Self.hour)
    }

    /// One that knows both photos, and that case data has gone.
    private func ready(_ rules: PhotoRules = PhotoRules()) -> Uploader {
        var uploader = Uploader(rules: rules)
        for event in [.added(one), .added(two), .caseData(isWaiting: false)] as [Uploader.Event] {
            _ = uploader.handle(event, now: Self.morning, random: 0)
        }
        return uploader
    }

    private func granted(_ rules: PhotoRules = PhotoRules()) -> Uploader {
        var uploader = ready(rules)
        _ = answer(&uploader)
        return uploader
    }

    @discardableResult
    private func answer(_ uploader: inout Uploader, at now: UInt64 = morning) -> Uploader.Action {
        uploader.handle(.answered(grants: [grant(one), grant(two)], held: []), now: now, random: 0)
    }

    private func tell(
        _ event: Uploader.Event, _ uploader: inout Uploader, at now: UInt64 = morning
    ) -> Uploader.Action {
        uploader.handle(event, now: now, random: 0)
    }

    @Test("Tokens are asked for once, then the oldest is found, sent in pieces, noted, and the next follows")
    func wholeWay() {
        var uploader = ready()
        #expect(uploader.offers(now: Self.morning) == [one, two])
        #expect(tell(.timePassed, &uploader) == .exchange)
        #expect(tell(.caseData(isWaiting: false), &uploader) == .exchange)
        #expect(tell(.asking, &uploader) == .rest)
        #expect(tell(.caseData(isWaiting: false), &uploader) == .rest)
        #expect(answer(&uploader) == .locate(one, token: "t"))
        #expect(uploader.offers(now: Self.morning).isEmpty)
        #expect(tell(.located(offset: 7), &uploader) == .send(one, token: "t", offset: 7, bytesMax: 16_384))
        let sent = Uploader.Event.sent(offset: 16_391, bytes: 16_384, milliseconds: 100)
        #expect(tell(sent, &uploader) == .send(one, token: "t", offset: 16_391, bytesMax: 65_536))
        let last = Uploader.Event.sent(offset: 500_000, bytes: 65_536, milliseconds: 100)
        #expect(tell(last, &uploader) == .noteSent(one.hash))
        // Whatever else happens meanwhile, it is noted.
        for event in [
            .timePassed, .counted(DayTraffic(day: 0)), .caseData(isWaiting: true),
            .caseData(isWaiting: false),
        ]
            as [Uploader.Event]
        {
            #expect(tell(event, &uploader) == .noteSent(one.hash))
        }
        #expect(tell(.noted(one.hash), &uploader) == .locate(two, token: "t"))
        #expect(tell(.located(offset: 100), &uploader) == .noteSent(two.hash))
        #expect(tell(.noted(two.hash), &uploader) == .rest)
        #expect(uploader.waitingCount == 0)
    }

    @Test("While case data waits no photo goes, and then it goes on where it was")
    func caseDataFirst() {
        var uploader = granted()
        _ = tell(.located(offset: 0), &uploader)
        #expect(tell(.caseData(isWaiting: true), &uploader) == .rest)
        #expect(tell(.sent(offset: 9, bytes: 9, milliseconds: 1), &uploader) == .rest)
        for event in [.asked, .timePassed] as [Uploader.Event] { #expect(tell(event, &uploader) == .rest) }
        guard case .send(one, _, 9, _) = tell(.caseData(isWaiting: false), &uploader) else {
            Issue.record("it does not go on")
            return
        }
    }

    @Test("What central has is not sent")
    func held() {
        var uploader = ready()
        let held = Uploader.Event.answered(grants: [grant(two)], held: [one.hash])
        #expect(tell(held, &uploader) == .noteSent(one.hash))
        #expect(tell(.noted(one.hash), &uploader) == .locate(two, token: "t"))
    }

    @Test("After a failure it waits, ever longer and never over five minutes, and asks where to go on")
    func retries() {
        var uploader = granted()
        var waits: [UInt64] = []
        for _ in 0..<14 {
            _ = tell(.asked, &uploader)
            _ = tell(.located(offset: 5), &uploader)
            guard case .wait(let until) = tell(.failed(bytes: 10), &uploader) else { continue }
            waits.append(until - Self.morning)
        }
        #expect(waits.count == 14 && waits == waits.sorted() && waits.last == 150_000)
        let time = Self.morning + 300_000
        #expect(tell(.timePassed, &uploader, at: time) == .locate(one, token: "t"))
        _ = tell(.failed(bytes: 0), &uploader)
        #expect(tell(.asked, &uploader) == .locate(one, token: "t"))
    }

    @Test(
        "A link that breaks in every piece, and brings each a little further, is not waited for ever longer")
    func progressCounts() {
        var uploader = granted()
        var longest: UInt64 = 0
        for round in 1...14 {
            _ = tell(.asked, &uploader)
            _ = tell(.located(offset: UInt64(round) * 1000), &uploader)
            guard case .wait(let until) = tell(.failed(bytes: 1000), &uploader) else { continue }
            longest = max(longest, until - Self.morning)
        }
        #expect(longest > 0 && longest <= 1_000)
    }

    @Test("A clock that is set back makes nobody wait longer than the longest retry")
    func clockBack() {
        var uploader = granted()
        _ = tell(.failed(bytes: 0), &uploader)
        let before = Self.morning - 1000 * Self.hour
        guard case .wait(let until) = tell(.timePassed, &uploader, at: before) else {
            Issue.record("it does not wait")
            return
        }
        #expect(until <= before + 300_000)
    }

    @Test("A token that ends is not used; a new one is asked for")
    func tokenEnds() {
        var uploader = granted()
        let end = Self.morning + 24 * Self.hour - 60_000
        #expect(tell(.timePassed, &uploader, at: end - 1) == .locate(one, token: "t"))
        #expect(tell(.timePassed, &uploader, at: end) == .exchange)
        #expect(uploader.offers(now: end) == [one, two])
        var other = granted()
        guard case .wait = tell(.declined(.token), &other) else {
            Issue.record("it asks without end")
            return
        }
        #expect(tell(.asked, &other) == .exchange)
    }

    @Test("A central that hands out no tokens is asked again later, not without end")
    func older() {
        var uploader = ready()
        guard case .wait = tell(.answered(grants: [], held: []), &uploader) else {
            Issue.record("it asks at once")
            return
        }
    }

    @Test("Bytes that turn out wrong three times, and what is refused, wait for a person; the next goes")
    func stuck() {
        var uploader = granted()
        for _ in 0..<Uploader.wrongContentMax { _ = tell(.declined(.content), &uploader) }
        #expect(uploader.stuck == [one.hash])
        #expect(tell(.asked, &uploader) == .locate(two, token: "t"))
        _ = tell(.declined(.refused), &uploader)
        #expect(tell(.asked, &uploader) == .rest)
        #expect(uploader.stuck.count == 2 && uploader.waitingCount == 2)
        #expect(uploader.offers(now: Self.morning).isEmpty)
    }

    @Test("On a metered link photos go in their window only, also over midnight")
    func window() throws {
        let night = try #require(PhotoRules.DailyWindow(fromMinute: 22 * 60, toMinute: 6 * 60))
        var uploader = granted(PhotoRules(isMetered: true, window: night))
        let opening = Self.morning + 12 * Self.hour
        #expect(tell(.timePassed, &uploader) == .wait(until: opening))
        #expect(tell(.asked, &uploader, at: Self.morning + 90_000) == .wait(until: opening))
        for time in [opening, opening + 8 * Self.hour - 1] {
            #expect(tell(.timePassed, &uploader, at: time) == .locate(one, token: "t"))
        }
        let closed = opening + 8 * Self.hour
        #expect(tell(.timePassed, &uploader, at: closed) == .wait(until: closed + 16 * Self.hour))
        var free = granted(PhotoRules(isMetered: false, window: night))
        #expect(tell(.timePassed, &free) == .locate(one, token: "t"))
        #expect(PhotoRules.DailyWindow(fromMinute: 1440, toMinute: 0) == nil)
    }

    @Test(
        "The budget of a day is kept to the byte, bytes that were lost count, and midnight brings a new one")
    func budget() {
        var uploader = granted(PhotoRules(isMetered: true, bytesPerDayMax: 1_000))
        #expect(tell(.located(offset: 0), &uploader) == .send(one, token: "t", offset: 0, bytesMax: 1_000))
        let next = tell(.sent(offset: 600, bytes: 600, milliseconds: 1), &uploader)
        #expect(next == .send(one, token: "t", offset: 600, bytesMax: 400))
        let midnight = Self.morning + 14 * Self.hour
        #expect(tell(.failed(bytes: 400), &uploader) == .wait(until: midnight))
        #expect(uploader.sentToday == 1_000)
        #expect(tell(.timePassed, &uploader, at: midnight) == .locate(one, token: "t"))
        #expect(
            tell(.located(offset: 900), &uploader, at: midnight)
                == .send(one, token: "t", offset: 900, bytesMax: 1_000))
    }
}

extension UploaderTests {
    @Test(
        "Bytes of exchanges and of earlier runs count against the budget, and what was counted may lag behind"
    )
    func counted() {
        let rules = PhotoRules(isMetered: true, bytesPerDayMax: 1_000)
        let day = rules.day(of: Self.morning).number
        var uploader = granted(rules)
        _ = tell(.counted(DayTraffic(day: day, exchanges: 300, photos: 200)), &uploader)
        #expect(tell(.located(offset: 0), &uploader) == .send(one, token: "t", offset: 0, bytesMax: 500))
        _ = tell(.sent(offset: 400, bytes: 400, milliseconds: 1), &uploader)
        let late = DayTraffic(day: day, exchanges: 350, photos: 200)
        #expect(tell(.counted(late), &uploader) == .send(one, token: "t", offset: 400, bytesMax: 50))
        let midnight = Self.morning + 14 * Self.hour
        let spent = DayTraffic(day: day, exchanges: 400, photos: 600)
        #expect(tell(.counted(spent), &uploader) == .wait(until: midnight))
        #expect(uploader.opening(now: Self.morning) == midnight)
        #expect(
            tell(.timePassed, &uploader, at: midnight) == .send(one, token: "t", offset: 400, bytesMax: 1_000)
        )
    }

    @Test("Photos that are forbidden do not go, and go when they are allowed")
    func forbidden() {
        var uploader = granted()
        var rules = PhotoRules(isMetered: true)
        rules.areForbidden = true
        #expect(tell(.ruled(rules), &uploader) == .wait(until: Self.morning + 24 * Self.hour))
        #expect(tell(.ruled(PhotoRules()), &uploader) == .locate(one, token: "t"))
        #expect(uploader.moving == (2, 500_100))
    }
}
