import Testing

@testable import WindowAgent

@Suite("What a window's log tells of how it stands")
struct StandingLogTests {
    private func sync(failures: Int, contact: UInt64? = 1, isRepairing: Bool = false) -> SyncStatus {
        var status = SyncStatus()
        (status.failures, status.lastContact, status.isRepairing) = (failures, contact, isRepairing)
        status.lastError = failures > 0 ? "no route" : nil
        return status
    }

    private func copy(behind: UInt64? = nil, failure: JournalFailure? = nil) -> SecondCopyStatus {
        var status = SecondCopyStatus()
        (status.place, status.behindSeconds, status.failure) = ("/mnt/usb", behind, failure)
        return status
    }

    @Test(
        "Each change once: central lost and found, a repair, the copy that fails; what stays is not repeated")
    func changes() {
        var log = StandingLog()
        var names: [String] = []
        let looks: [(SyncStatus, SecondCopyStatus?)] = [
            (sync(failures: 0, contact: nil), nil), (sync(failures: 1, contact: nil), copy()),
            (sync(failures: 9), copy()), (sync(failures: 0), copy(behind: 30)),
            (sync(failures: 0, isRepairing: true), copy(behind: 3_000)),
            (sync(failures: 0, isRepairing: true), copy(behind: 3_100)),
            (sync(failures: 0), copy(failure: .full)),
            (sync(failures: 0), copy()),
        ]
        for (sync, copy) in looks { names += log.see(sync, copy: copy).map(\.name) }
        #expect(
            names == [
                "link.down", "second-copy.whole", "link.up", "repair.began", "second-copy.stale",
                "repair.ended",
                "second-copy.full", "second-copy.whole",
            ])
    }
}
