import FaultyLink
import Foundation
import Programs

extension Story {
    /// A page of a material is photographed without a network, and read at central.
    mutating func photograph() throws {
        narrator.chapter(10, "A photograph 材料拍照")
        let (registered, window) = try place(of: "03")
        window.link.cut(window.hospital.outage)
        let photo = town.stage.directory.appending(path: "photo.jpg")
        // The beginning of a JPEG file, and noise.
        try Data([0xFF, 0xD8, 0xFF, 0xE0] + (0..<120_000).map { _ in UInt8.random(in: 0...255) }).write(
            to: photo)
        let answer = try window.tool.run(
            "material", "add", registered.id, "YF-M02a", photo.path, "--page", "1", "--user", "护士甲")
        let added = try onlyEntry(of: answer["added"])
        tally.note(added, by: window.hospital.code)
        let hash = added["hash"].text
        narrator.tell("\(caseName("03")): 母亲有效居民身份证 正面 is photographed without a network.")
        let waiting = try window.status["attachments"]["waiting"].number
        try require(waiting == 1, "It is on the window's own disk, sealed, and waits.")
        window.link.heal()
        try window.tool.run("sync")
        let end = ContinuousClock.now + .seconds(60)
        while try window.status["attachments"]["waiting"].number > 0 {
            guard ContinuousClock.now < end else { throw Failure("the photograph does not arrive") }
            usleep(100_000)
        }
        let fetched = town.stage.directory.appending(path: "fetched.jpg")
        try town.central.run("attachment", "show", hash, "--to", fetched.path)
        try require(
            try Data(contentsOf: fetched) == Data(contentsOf: photo),
            "With the network it follows the case data, and central shows it byte for byte.")
    }

    private func onlyEntry(of list: Value) throws -> Value {
        guard list.list.count == 1 else {
            throw Failure("one page was added, and \(list.list.count) are told")
        }
        return list.list[0]
    }
}
