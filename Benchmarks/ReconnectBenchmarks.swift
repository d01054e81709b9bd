import CentralServer
import Cryptography
import Foundation
import SyncProtocol
import Web
import WindowAgent

/// 1,500 windows that were offline for a day come back within a minute: real stores and real exchangers, each with a connection of
/// its own to a central that is a process of its own.
struct ReconnectBenchmarks {
    static let windows = 1_500
    private static let spreadSeconds = 60.0
    private static let birthsPerWindow = 3
    /// The argument with which this program is that central.
    static let serving = "--serve-central"

    func figures() async throws -> [Figure] {
        let scratch = try Scratch()
        var desks: [Desk] = []
        for number in 0..<Self.windows {
            let desk = try await Desk(path: nil, seed: 50_000 + UInt64(number))
            for _ in 0..<Self.birthsPerWindow { try await desk.work() }
            desks.append(desk)
        }
        try await enrol(desks, in: scratch.path)
        let central = try CentralProcess(directory: scratch.path)
        defer { central.stop() }
        let began = ContinuousClock.now
        let fates = try await withThrowingTaskGroup(of: Fate.self, returning: [Fate].self) { group in
            for (number, desk) in desks.enumerated() {
                let delay = Self.spreadSeconds * Double(number) / Double(Self.windows)
                let (window, address) = (Window(desk), central.address)
                group.addTask { try await Self.comeBack(window, to: address, after: delay) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let all = ContinuousClock.now - began
        let waits = fates.map(\.seconds).sorted()
        let changes = fates.map(\.changes).reduce(0, +)
        return [
            Figure(
                name: "1,500 windows come back within a minute: not done",
                value: Double(fates.count { $0.isLeft }),
                unit: "windows", most: 0,
                note: "\(changes) changes; all done \(all.components.seconds) s after the first came; "
                    + String(
                        format: "a window took %.1f s (median), %.1f s at most", waits[waits.count / 2],
                        waits[waits.count - 1])),
            Figure(
                name: "1,500 windows come back: memory of central", value: try central.peakMegabytes(),
                unit: "MB",
                most: 1_000),
        ]
    }

    /// What of a desk goes to a task of its own.
    private struct Window: Sendable {
        let store: WindowStore
        let device: DeviceRecord
        let key: Ed25519.SigningKey

        init(_ desk: Desk) { (store, device, key) = (desk.store, desk.device, desk.key) }
    }

    private struct Fate: Sendable {
        let isLeft: Bool
        let seconds: Double
        let changes: Int
    }

    private static func comeBack(_ window: Window, to address: String, after delay: Double) async throws
        -> Fate
    {
        try await Task.sleep(for: .seconds(delay))
        let waiting = try await window.store.figures().outbox
        let link = HTTPCentralLink(
            address: { HTTPCentralLink.Address(central: address, device: window.device.id.description) },
            key: { window.key }, dictionary: try ZstandardDictionary(ExchangeDictionary.bytes),
            environment: .system)
        let exchanger = Exchanger(store: window.store, link: link, environment: .system)
        let began = ContinuousClock.now
        let running = Task { await exchanger.run() }
        for await _ in exchanger.rests { break }
        let time = ContinuousClock.now - began
        running.cancel()
        await running.value
        return Fate(
            isLeft: try await window.store.figures().outbox > 0,
            seconds: Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18,
            changes: waiting)
    }

    /// Central's directory, with all hospitals and computers in it.
    private func enrol(_ desks: [Desk], in directory: String) async throws {
        let central = try Central.open(directory: directory, exchangeDictionary: ExchangeDictionary.bytes)
        let devices = desks.map(\.device)
        try await central.store.write { transaction throws(CentralError) in
            for device in devices {
                try transaction.put(
                    HospitalRecord(
                        id: device.hospital, code: device.id.description, name: "测试医院", addedMilliseconds: 1))
                try transaction.put(device)
            }
        }
    }

    /// What the process does that ``CentralProcess`` starts: serves, and ends with its input.
    static func serve(_ directory: String) async throws {
        let central = try Central.open(directory: directory, exchangeDictionary: ExchangeDictionary.bytes)
        let server = try Server(configuration: Server.Configuration(), handler: central.router())
        let running = Task { await central.run() }
        FileHandle.standardOutput.write(Data("\(server.port)\n".utf8))
        while !FileHandle.standardInput.availableData.isEmpty {}
        running.cancel()
        await server.stop()
    }
}

/// This program once more, as a central.
private final class CentralProcess: Sendable {
    let address: String
    private let process: Guarded<Process>
    private let input = Pipe()

    init(directory: String) throws {
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = [ReconnectBenchmarks.serving, directory]
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let port = UInt16(line.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw Workday.WorkdayError.nothing
        }
        address = "http://127.0.0.1:\(port)"
        self.process = Guarded(process)
    }

    /// The most memory that it has had, by the system's own count.
    func peakMegabytes() throws -> Double {
        let number = process.withLock { $0.processIdentifier }
        let status = try String(contentsOfFile: "/proc/\(number)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
        return (line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) } ?? 0)
            / 1000
    }

    func stop() {
        try? input.fileHandleForWriting.close()  // it may have ended by itself
        process.withLock { $0.waitUntilExit() }
    }
}
