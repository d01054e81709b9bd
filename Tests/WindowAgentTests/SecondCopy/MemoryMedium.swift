import Dispatch
import Persistence
import Web

@testable import WindowAgent

/// A medium of a test: files in memory, which the test pulls out, fills up, damages, or lets hang.
final class MemoryMedium: Medium {
    struct State {
        var files: [String: [UInt8]] = [:]
        var folders: Set<String> = []
        var failure: MediumError?
        /// Bytes that may still be written before it fails; what fits of a write is written.
        var room = Int.max
        var failureWhenFull = MediumError.full
        var syncs = 0
    }

    private let state = Guarded(State())
    /// While somebody holds it, every call waits.
    private let gate = DispatchSemaphore(value: 1)

    func hang() { gate.wait() }
    func goOn() { gate.signal() }
    @discardableResult
    func change<Value: Sendable>(_ body: (inout State) -> Value) -> Value { state.withLock { body(&$0) } }
    var files: [String: [UInt8]] { change { $0.files } }

    /// The files of the log, in order.
    var segments: [String] { files.keys.filter { $0.contains("/log/") }.sorted() }

    private func ask<Value: Sendable>(
        _ body: (inout State) throws(MediumError) -> Value
    ) throws(MediumError) -> Value {
        gate.wait()
        defer { gate.signal() }
        let result: Result<Value, MediumError> = state.withLock { state in
            if let failure = state.failure { return .failure(failure) }
            do throws(MediumError) { return .success(try body(&state)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    func names(in folder: String) throws(MediumError) -> [String] {
        try ask { state in
            let start = folder.isEmpty ? "" : folder + "/"
            let all = Array(state.files.keys) + Array(state.folders)
            let names = all.filter { $0.hasPrefix(start) }.map { path in
                String(path.dropFirst(start.count).prefix { $0 != "/" })
            }
            return Array(Set(names.filter { !$0.isEmpty }))
        }
    }

    func byteCount(of path: String) throws(MediumError) -> Int? { try ask { $0.files[path]?.count } }

    func read(_ path: String, at place: Int, count: Int) throws(MediumError) -> [UInt8]? {
        try ask { state in state.files[path].map { Array($0.dropFirst(place).prefix(count)) } }
    }

    func make(_ folder: String) throws(MediumError) { try ask { _ = $0.folders.insert(folder) } }

    func create(_ path: String, _ bytes: [UInt8]) throws(MediumError) {
        try ask { state throws(MediumError) in
            guard state.files[path] == nil else { throw .exists }
            try Self.spend(bytes.count, &state)
            state.files[path] = bytes
        }
    }

    func write(_ bytes: [UInt8], to path: String, at place: Int) throws(MediumError) {
        try ask { state throws(MediumError) in
            guard var file = state.files[path] else { throw .absent }
            let fitting = bytes.prefix(state.room)
            file.replaceSubrange(
                min(place, file.count)..<min(file.count, place + fitting.count), with: fitting)
            state.files[path] = file
            try Self.spend(bytes.count, &state)
        }
    }

    func replace(_ path: String, with bytes: [UInt8]) throws(MediumError) {
        try ask { state throws(MediumError) in
            try Self.spend(bytes.count, &state)
            state.files[path] = bytes
        }
    }

    func remove(_ path: String) throws(MediumError) { try ask { $0.files[path] = nil } }

    private static func spend(_ count: Int, _ state: inout State) throws(MediumError) {
        guard count <= state.room else {
            state.room = 0
            throw state.failureWhenFull
        }
        if state.room != .max { state.room -= count }
        state.syncs += 1
    }
}
