import Web

/// What the log tells of how a window stands: that something changed, once each. Pure.
struct StandingLog: Hashable, Sendable {
    /// Whether central answers; nil before anything was tried.
    private var isReached: Bool?
    private var copy: String?
    private var isRepairing = false

    /// What is new.
    mutating func see(_ sync: SyncStatus, copy status: SecondCopyStatus?) -> [LogEvent] {
        var events: [LogEvent] = []
        if let event = seeLink(sync) { events.append(event) }
        if sync.isRepairing != isRepairing {
            isRepairing = sync.isRepairing
            events.append(
                isRepairing
                    ? LogEvent(
                        .warning, "repair.began", "central lacks changes that it had; they are sent again")
                    : LogEvent(.info, "repair.ended", "central has everything again"))
        }
        if let status, let event = seeCopy(status) { events.append(event) }
        return events
    }

    private mutating func seeLink(_ sync: SyncStatus) -> LogEvent? {
        let isUp = sync.failures == 0
        // Nothing was tried yet.
        if isUp, sync.lastContact == nil { return nil }
        guard isUp != isReached else { return nil }
        isReached = isUp
        if isUp { return LogEvent(.info, "link.up", "central answers") }
        let reason = sync.lastError ?? ""
        return LogEvent(
            .warning, "link.down", "central cannot be reached: \(reason) Everything is kept and tried again.",
            ["error": .text(reason)])
    }

    private mutating func seeCopy(_ status: SecondCopyStatus) -> LogEvent? {
        // Late and then whole again is every day's course.
        let state = status.level == .amber ? copy ?? "whole" : status.level == .green ? "whole" : status.state
        guard state != copy else { return nil }
        copy = state
        return LogEvent(
            state == "whole" ? .info : .error, "second-copy.\(state)",
            state == "whole" ? "the second copy is whole" : "the second copy is not kept: \(state)",
            [
                "lackingChanges": .count(status.lackingChanges),
                "lackingPhotos": .count(status.lackingAttachments),
            ])
    }
}

extension Agent {
    /// Seconds between two looks.
    private static let lookSeconds = 15

    /// Tells whenever central is lost or found, and the second copy fails or is whole again, until the task is cancelled.
    func tellStanding(to log: LogSink) async {
        var standing = StandingLog()
        while !Task.isCancelled {
            // Cancelling ends it.
            try? await Task.sleep(for: .seconds(Self.lookSeconds))
            if Task.isCancelled { return }
            // A store that cannot say how the copy stands fails elsewhere, aloud.
            let copy = try? await secondCopy.status()
            for event in standing.see(await exchanger.current, copy: copy) { log(event) }
        }
    }
}
