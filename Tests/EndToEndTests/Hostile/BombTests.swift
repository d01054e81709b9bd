import FaultyLink
import Foundation
import Programs
import SyncProtocol
import Testing
import Web

/// Frames of an enrolled computer that say little and mean much.
@Suite("Frames that swell", .timeLimit(.minutes(4)), .onThreads)
struct BombTests {
    /// A frame of blocks that repeat one byte: 4 bytes for 128 KiB each.
    private static func repeating(window: UInt8, blocks: Int, isEnded: Bool = true) -> [UInt8] {
        var frame: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, window]
        for block in 0..<blocks {
            let head = UInt32(128 << 10) << 3 | 1 << 1 | (isEnded && block == blocks - 1 ? 1 : 0)
            frame += [UInt8(head & 0xFF), UInt8(head >> 8 & 0xFF), UInt8(head >> 16 & 0xFF), 0]
        }
        return frame
    }

    private static func bombs() throws -> [(name: String, frame: [UInt8])] {
        let zeros = try Zstandard.compress([UInt8](repeating: 0, count: 64 << 20), level: 19)
        let small = try Zstandard.compress(Array("abc".utf8))
        let empty: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58]
        return [
            ("a frame that tells how large it is", zeros),
            ("a frame that does not tell, 32,768 times its size", repeating(window: 0x68, blocks: 40_000)),
            ("the same without an end", repeating(window: 0x68, blocks: 4_000, isEnded: false)),
            ("a window of 1 GiB", repeating(window: 0xA0, blocks: 1)),
            ("the largest window that can be written", repeating(window: 0xFF, blocks: 1)),
            (
                "a size that no memory has",
                [0x28, 0xB5, 0x2F, 0xFD, 0xE0] + [UInt8](repeating: 0xFF, count: 8)
            ),
            ("an unknown dictionary", [0x28, 0xB5, 0x2F, 0xFD, 0x01, 0x58, 99, 0x19, 0, 0, 97, 98, 99]),
            ("many frames", Array(repeatElement(small, count: 50_000).joined())),
            ("a frame to be skipped", [0x50, 0x2A, 0x4D, 0x18, 0xFF, 0xFF, 0xFF, 0x7F]),
            ("blocks of nothing", empty + [UInt8](repeating: 0, count: 9_000_000)),
            ("nothing", []), ("a magic number", [0x28, 0xB5, 0x2F, 0xFD]),
        ]
    }

    @Test("Each is refused by its bounds, costs no memory to speak of, and central goes on")
    func bombs() throws {
        let stage = try Stage("birthwindow-test")
        defer { stage.clear() }
        let central = Tool("birthcentral", data: stage.directory.appending(path: "central"), stage: stage)
        let daemon = try central.serve()
        let added = try central.run("hospital", "add", "YF", "--name", "县医院", "--policy", "gx")
        let forger = try Forger(at: daemon.port, token: added["token"].text)
        #expect(try forger.send(try forger.signed(try forger.exchange())) == Reply(200, ""))
        let before = daemon.memoryPeakBytes
        for (name, frame) in try Self.bombs() {
            for path in ["/sync/v1/exchange", "/sync/v1/verify"] {
                let answer = try forger.send(try forger.signed(frame, path: path))
                #expect(answer == Reply(400, "malformed"), "\(name)")
            }
        }
        // The largest body, the largest message, a window: and what the allocator keeps of them.
        #expect(daemon.memoryPeakBytes - before < 128 << 20)
        #expect(try forger.send(try forger.signed(try forger.exchange())) == Reply(200, ""))
    }

    @Test("A message that claims more than it holds asks for no memory")
    func claims() throws {
        let stage = try Stage("birthwindow-test")
        defer { stage.clear() }
        let central = Tool("birthcentral", data: stage.directory.appending(path: "central"), stage: stage)
        let daemon = try central.serve()
        let added = try central.run("hospital", "add", "YF", "--name", "县医院", "--policy", "gx")
        let forger = try Forger(at: daemon.port, token: added["token"].text)
        let before = daemon.memoryPeakBytes
        let deep = [UInt8](repeating: 0x81, count: 4 << 20)
        for message in [
            [0x9B, 0x7F] + [UInt8](repeating: 0xFF, count: 7), [0xBB] + [UInt8](repeating: 0xFF, count: 8),
            [0x5B, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0xA1, 0x00, 0x01] + deep, deep,
            [UInt8](repeating: 0x00, count: 8 << 20),
        ] {
            let frame = try forger.frame(message)
            #expect(try forger.send(try forger.signed(frame)) == Reply(400, "malformed"))
        }
        #expect(daemon.memoryPeakBytes - before < 128 << 20)
        #expect(try forger.send(try forger.signed(try forger.exchange())) == Reply(200, ""))
    }
}
