import CentralServer
import Cryptography
import Foundation
import SyncProtocol
import Web

/// What a day of work takes on the wire, both directions: as messages, compressed as they are sent. Beside it the bodies alone,
/// in one stream by `zstd -19`. A window's own changes come back as ranges, without receipts; photos, HTTP and TLS are not among it.
struct WireBenchmarks {
    static let births = 60

    /// What some exchanges took.
    private struct Tally {
        var exchanges = 0
        var up = 0
        var down = 0
        var bodies: [UInt8] = []
        var changes = 0

        var bytes: Int { up + down }
    }

    func figures() async throws -> [Figure] {
        let whole = try await day(portions: 1)
        let parts = try await day(portions: 14)
        return [
            try figure("a day's work on the wire, in one exchange", whole, most: 1.3),
            try figure("a day's work on the wire, in 14 exchanges", parts, most: 2.5),
        ]
    }

    private func figure(_ name: String, _ tally: Tally, most: Double) throws -> Figure {
        let bare = try Zstandard.compress(tally.bodies, level: 19).count
        return Figure(
            name: name, value: Double(tally.bytes) / Double(bare), unit: "× zstd -19", most: most,
            note:
                "\(tally.changes) changes of \(tally.bodies.count) bytes; zstd -19 \(bare); up \(tally.up), "
                + "down \(tally.down); \(tally.exchanges) exchanges")
    }

    /// A day in so many portions, each brought to central before the next begins.
    private func day(portions: Int) async throws -> Tally {
        let scratch = try Scratch()
        let desk = try await Desk(path: nil, seed: 11)
        let central = try BareCentral(directory: scratch.path)
        try await central.enrol(desk)
        // What is there before the first delivery, as the hospital's own record, is not of the day.
        _ = try await exchange(desk, central)
        var tally = Tally()
        for portion in 0..<portions {
            let births = Self.births * (portion + 1) / portions - Self.births * portion / portions
            for _ in 0..<births { try await desk.work() }
            let part = try await exchange(desk, central)
            tally.exchanges += part.exchanges
            tally.up += part.up
            tally.down += part.down
            tally.changes += part.changes
            tally.bodies += part.bodies
        }
        return tally
    }

    private func exchange(_ desk: Desk, _ central: BareCentral) async throws -> Tally {
        let dictionary = try ZstandardDictionary(ExchangeDictionary.bytes)
        var tally = Tally()
        while true {
            let outgoing = try await desk.store.compose(bytesMax: .max, budget: 1 << 24)
            tally.up += try Zstandard.compress(outgoing.request.encoded, dictionary: dictionary).count
            for case .run(_, _, _, let bodies) in outgoing.request.pushes {
                tally.changes += bodies.count
                for body in bodies { tally.bodies += body }
            }
            let response = try await central.answer(outgoing.request, to: desk)
            tally.down += try Zstandard.compress(response.encoded, dictionary: dictionary).count
            tally.exchanges += 1
            let taken = try await desk.store.take(response, for: outgoing)
            if !taken.hasMore { break }
        }
        return tally
    }
}
