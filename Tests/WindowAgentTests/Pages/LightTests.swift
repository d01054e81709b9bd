import Casework
import Testing

@testable import Pages
@testable import WindowAgent

@Suite("What everybody at a window sees at any time")
struct LightTests {
    private let now: UInt64 = 1_759_104_000_000

    private func lights(_ change: (inout WindowLights) -> Void) -> [Page.Light] {
        var lights = WindowLights()
        lights.sentence = "在线，全部已发送"
        lights.copy = SecondCopyStatus()
        lights.copy?.place = "/media/usb"
        lights.freeBytes = 50_000_000_000
        change(&lights)
        return lights.lights(sendNow: "<button>立即发送</button>")
    }

    @Test("All is well in two lights")
    func well() {
        #expect(lights { _ in }.map(\.state) == [.good, .good])
        #expect(lights { _ in }.map(\.sentence) == ["在线，全部已发送", "第二份备份：usb"])
    }

    @Test("Each trouble has a sentence and a colour, and only troubles of sending have the button")
    func troubles() {
        let offline = lights {
            ($0.sentence, $0.isFailing, $0.isWaiting) = ("离线 3 小时，12 项待发送", true, true)
            $0.reason = "连不上中心：网络未接通。"
        }
        #expect(offline[0].sentence == "离线 3 小时，12 项待发送：连不上中心：网络未接通")
        #expect(offline[0].state == .wait && !offline[0].action.isEmpty && lights { _ in }[0].action.isEmpty)
        #expect(lights { $0.copy?.place = nil }[1].state == .bad)
        #expect(lights { $0.isDamaged = true }[0].state == .bad)
        #expect(lights { $0.isEnrolled = false }[0].state == .bad)
        #expect(lights { $0.isClockDoubtful = true }.last?.state == .wait)
        #expect(lights { $0.freeBytes = 900_000_000 }.last?.state == .wait)
        #expect(lights { $0.freeBytes = 100_000_000 }.last?.state == .bad)
        #expect(lights { $0.freeBytes = nil }.count == 2)
    }

    private static let hour = 3_600_000
    private static let spoken: [(Int, String)] = [
        (0, "今天 08:00"), (-60_000, "今天 07:59"), (-9 * hour, "昨天 23:00"), (20 * hour, "明天 04:00"),
        (-3 * 24 * hour, "9月26日 08:00"), (-300 * 24 * hour, "2024年12月3日 08:00"),
    ]

    @Test("Times are said as people say them", arguments: spoken)
    func times(offset: Int, words: String) {
        #expect(TimeWords(now: now)(UInt64(Int(now) + offset)) == words)
        #expect(TimeWords(now: now).day == "2025年9月29日 星期一 08:00")
    }
}
