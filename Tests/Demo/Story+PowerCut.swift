import FaultyLink
import Foundation
import Glibc
import Programs

extension Story {
    /// An agent dies in the middle of saving: what it had answered is there.
    mutating func powerFails() throws {
        narrator.chapter(5, "The power fails 断电 (kill -9)")
        let (registered, window) = try place(of: "18")
        let before = try window.show(registered.id)["changes"].number
        narrator.tell("\(window.hospital.name) saves one note after the other, and loses power in between.")
        let answered = try saveUntilKilled(registered.id, at: window)
        for _ in 0..<answered { tally.note(case: registered.id, by: window.hospital.code) }
        narrator.tell("\(answered) saves were answered, then the agent was gone in the middle of the next.")
        town.windows[registered.window].daemon = try window.tool.serve()
        let after = try window.show(registered.id)["changes"].number
        try require(
            after == before + answered || after == before + answered + 1,
            "Started again, it has all \(answered) of them\(after > before + answered ? ", and the unanswered one" : "")."
        )
        // The page does not know what became of its last save: it repeats it under the same save ID.
        try edit("18", Self.note(answered + 1), user: Self.nightClerk, saveID: Self.saveID(answered + 1))
        let repeated = try window.show(registered.id)["changes"].number
        try require(repeated == before + answered + 1, "The unanswered save is repeated, and is there once.")
    }

    private static func note(_ number: Int) -> String { "note=第\(number)次补充说明" }

    /// A repeated save is the same save only if the same person makes it.
    private static let nightClerk = "night"

    private static func saveID(_ number: Int) -> String { "demo-note-\(number)" }

    /// Saves in a loop through the agent's API while another thread kills it; answers how many saves were answered.
    private func saveUntilKilled(_ id: String, at window: Window) throws -> Int {
        let file = try Value(parsing: try Data(contentsOf: window.tool.data.appending(path: "daemon.json")))
        let (count, victim) = (Guarded(0), window.daemon)
        let killer = Thread {
            while count.withLock({ $0 }) < 20 { usleep(100) }
            usleep(.random(in: 0...20_000))
            victim.strike()
        }
        killer.start()
        while true {
            let number = count.withLock { $0 } + 1
            let body = #"{"set":{"note":"\#(Self.note(number).dropFirst(5))"}}"#
            let headers = [
                "Authorization": "Bearer \(file["token"].text)", "Content-Type": "application/json",
                "Operator": Self.nightClerk, "Idempotency-Key": Self.saveID(number),
            ]
            let call = WebCall("PATCH", "/api/v1/cases/\(id)", headers: headers, body: Data(body.utf8))
            // An error of the socket means the same as no answer: nobody is there any more.
            guard let answer = try? call.send(to: victim.port) else { break }
            guard answer.status == 200 else {
                throw Failure("a save was refused: \(String(decoding: answer.body, as: UTF8.self))")
            }
            count.withLock { $0 += 1 }
        }
        victim.awaitEnd()
        return count.withLock { $0 }
    }
}
