import Commands
import Foundation
import WindowAgent

extension Command {
    /// Exchanges, and prints how it goes until nothing is left.
    static func watch(_ window: Window, _ console: Console) async throws -> ExitStatus {
        try await window.withEndpoint(isRunning: true) { endpoint in
            var watch = SyncWatch(began: now())
            _ = try await endpoint.call(.post, "/api/v1/sync?wait=no")
            while true {
                let answer = try await endpoint.call(.get, "/api/v1/status")
                let status = try JSONDecoder().decode(WindowStatus.self, from: Data(answer))
                if let line = watch.see(status, now: now()) {
                    console.print(window.isJSON ? String(decoding: answer, as: UTF8.self) : line)
                }
                if watch.isDone(status) { return .ok }
                try await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    private static func now() -> UInt64 { UInt64(max(0, Date().timeIntervalSince1970 * 1000)) }
}
