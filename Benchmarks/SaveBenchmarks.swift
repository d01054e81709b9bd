import Foundation
import Persistence
import SyncProtocol
import WindowAgent

/// A save at the window, synced: change, cache, outbox. Beside it a bare transaction writes as many bytes as the save did.
struct SaveBenchmarks {
    let births: Int

    /// Bytes of the body of the average correction and of what is kept beside it, measured at the workday.
    let bytes: Int

    var correction: Comparison {
        Comparison(
            name: "window: a correction saved", baselineName: "bare transaction", count: births,
            demand: .timesBaseline(2),
            run: {
                let scratch = try Scratch()
                let desk = try await Desk(path: scratch.path + "/window.sqlite", seed: 7)
                var cases: [CaseID] = []
                for _ in 0..<births { cases.append(try await desk.register()) }
                return try await seconds { for id in cases { try await desk.correct(id) } }
            },
            baseline: {
                let scratch = try Scratch()
                let database = try Database(
                    path: scratch.path + "/bare.sqlite", mode: .create, applicationID: 1)
                try database.execute(
                    "CREATE TABLE bare (number INTEGER NOT NULL PRIMARY KEY, body BLOB NOT NULL)")
                let body = [UInt8](repeating: 0x5A, count: bytes)
                return try await seconds {
                    for number in 0..<births {
                        try database.transaction(.immediate) {
                            _ = try database.execute(
                                "INSERT INTO bare (number, body) VALUES (?, ?)", .integer(Int64(number)),
                                .blob(body))
                        }
                    }
                }
            })
    }
}
