import FaultyLink
import Foundation
import Programs

extension Story {
    /// With a network: what is saved is at central at once.
    mutating func morning() throws {
        narrator.chapter(2, "A morning with a network 有网的上午")
        narrator.tell("Five births are registered, one under each region's policy:")
        for number in ["01", "06", "11", "16", "21"] { try register(number) }
        for window in town.windows { try window.tool.run("sync") }
        try require(try countAtCentral() == 5, "Central has all 5.")
    }

    /// Without: the windows work on.
    mutating func outage() throws {
        narrator.chapter(3, "The network goes 断网")
        for window in town.windows { window.link.cut(window.hospital.outage) }
        narrator.tell("At 永福 the cable is pulled; at 抚远 and in 安徽 the network swallows every packet.")
        narrator.tell("Nine more births are registered, as fast as before:")
        for number in ["03", "04", "08", "10", "13", "15", "18", "19", "23"] { try register(number) }
        try accept("21")
        narrator.tell("\(caseName("21")) is accepted 受理 without a network, too.")
        try require(try countAtCentral() == 5, "Central still knows 5 cases: nothing passes.")
    }

    /// The same cases, at both ends, neither knowing of the other.
    mutating func twoPeople() throws {
        narrator.chapter(4, "Two people, one case 两处同时修改")
        try edit("01", "childName=测试安宁")
        try editAtCentral("01", "childName=测试安平")
        narrator.tell("\(caseName("01")): the window corrects 新生儿姓名 to 测试安宁, central to 测试安平.")
        try edit("16", "fatherName=测试父宁")
        try editAtCentral("16", "fatherName=测试父平")
        narrator.tell("\(caseName("16")): the window corrects 父亲姓名 to 测试父宁, central to 测试父平.")
        try edit("06", "motherPhone=19900000061")
        try editAtCentral("06", "motherPhone=19900000062")
        narrator.tell("\(caseName("06")): the window notes 母亲联系电话 …061, central …062 a moment later.")
        try edit("11", "childBloodType=2")
        try editAtCentral("11", "fatherPhone=19900000111")
        narrator.tell("\(caseName("11")): the window adds 血型, central 父亲联系电话: different fields.")
        narrator.tell("What waits to be sent 待发队列:")
        for window in town.windows {
            let status = try window.status
            narrator.tell(
                "  \(window.hospital.name)  \(status["outbox"].number) changes\(Self.trouble(status))")
            try requireQuietly(status["outbox"].number > 0, "\(window.hospital.name) has changes to send")
        }
        narrator.confirm("Every one of them is on the windows' own disks.")
    }

    private static func trouble(_ status: Value) -> String {
        let error = status["sync"]["lastError"].text
        return error.isEmpty ? "" : "  (\(error))"
    }

    /// How the story names a case.
    func caseName(_ number: String) -> String {
        guard let birth = cases[number]?.birth else { return number }
        return birth.childName.isEmpty ? "（未命名）" : birth.childName
    }

    /// A fact that is only worth a line if it does not hold.
    func requireQuietly(_ isSo: Bool, _ fact: String) throws {
        guard isSo else { throw Failure("this is not so: \(fact)") }
    }
}
