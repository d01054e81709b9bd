import Foundation
import SyncProtocol
import Web

/// Notes each hour how every hospital stands, for a picture of the last 31 days. Only what is in memory or a row: it costs little.
struct FleetSampler: Sendable {
    let store: any CentralStore
    let environment: Environment

    /// Runs until the task is cancelled. Of several processes over one store, one notes each hour.
    func run() async {
        while !Task.isCancelled {
            do { try await sample() } catch {
                environment.log(
                    LogEvent(
                        .error, "fleet.sample-failed",
                        "how the hospitals stand could not be noted: \(type(of: error))",
                        ["error": "\(type(of: error))"]))
            }
            let left = 3_600_000 - environment.now() % 3_600_000
            // Cancelling ends it.
            try? await Task.sleep(for: .milliseconds(left + 1))
        }
    }

    /// Notes this hour, if it is not noted yet, and forgets what is older than 31 days.
    func sample() async throws(CentralError) {
        let now = environment.now()
        let hour = Int(clamping: now / 3_600_000)
        let isNoted = try await store.read { transaction throws(CentralError) in
            try transaction.hasSample(at: hour)
        }
        if isNoted { return }
        try await store.write { transaction throws(CentralError) in
            if try transaction.hasSample(at: hour) { return }  // another process was first
            try transaction.dropSamples(before: hour - LagSample.hoursKept)
            for hospital in try transaction.hospitals() {
                guard let sample = try Self.sample(of: hospital.id, hour, now, transaction) else { continue }
                try transaction.put(sample)
            }
        }
    }

    /// By the computer that was heard last; nil if none ever was.
    private static func sample(
        of hospital: HospitalID, _ hour: Int, _ now: UInt64, _ transaction: any CentralTransaction
    ) throws(CentralError) -> LagSample? {
        let latest = try transaction.contacts(of: hospital).max { $0.milliseconds < $1.milliseconds }
        guard let latest else { return nil }
        let position = try transaction.feedHead(of: hospital)?.position ?? 0
        let silence = now - min(now, latest.milliseconds)
        let oldest =
            latest.report.map { $0.oldestMilliseconds == 0 ? 0 : $0.oldestMilliseconds + silence } ?? 0
        return LagSample(
            hospital: hospital, hour: hour, lag: position - min(position, latest.cursor),
            outbox: latest.report?.outboxCount ?? 0, oldestSeconds: oldest / 1000,
            silentSeconds: silence / 1000)
    }
}
