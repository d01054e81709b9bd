import Testing

@testable import WindowAgent

@Suite("When the second copy is written")
struct SecondCopyTests {
    /// A medium and a clerk of a test: what was saved, what an append took with it, and what is in the journal.
    private struct Run {
        var machine = SecondCopy()
        var now: UInt64 = 1_000_000
        var action = SecondCopy.Action.rest
        var saved = 0
        var journaled = 0
        var oldestLacking: UInt64?
        var running: (ticket: SecondCopy.Ticket, carries: Int, began: UInt64)?
        var lastFailure: UInt64?

        mutating func tell(_ event: SecondCopy.Event) throws {
            action = machine.handle(event, now: now)
            guard case .append(let ticket) = action else { return }
            try #require(running == nil, "two appends at a time")
            running = (ticket, saved, now)
        }

        mutating func save() throws {
            saved += 1
            if oldestLacking == nil { oldestLacking = now }
            try tell(.saved)
        }

        mutating func end(_ failure: JournalFailure?) throws {
            guard let run = running else { return }
            running = nil
            if let failure {
                lastFailure = now
                return try tell(.failed(run.ticket, failure))
            }
            lastFailure = nil
            journaled = run.carries
            try tell(.appended(run.ticket, isWhole: true))
            if saved == journaled { oldestLacking = nil } else { oldestLacking = machine.behindSince }
        }
    }

    @Test(
        "Whatever happens: one append at a time; it begins within a second of a save, or 30 s of a failure; it rests only when whole",
        arguments: 0..<200)
    func laws(seed: Int) throws {
        var random = SeededGenerator(seed: seed)
        var run = Run()
        try run.tell(.chosen)
        for _ in 0..<300 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<4: try run.save()
            case 4..<6: try run.end(nil)
            case 6: try run.end(random.chance(1, in: 2) ? .absent : .full)
            case 7: try run.tell(.timePassed)
            default:
                if case .wait(let until) = run.action, random.chance(1, in: 2) {
                    run.now = max(run.now, until)
                }
                run.now += UInt64.random(in: 0...2000, using: &random)
                try run.tell(.timePassed)
            }
            let told = "SEED \(seed)"
            if run.saved > run.journaled {
                #expect(run.machine.behindSince != nil, "\(told): it says whole and lacks something")
            }
            guard run.running == nil else { continue }
            if case .rest = run.action {
                #expect(run.saved == run.journaled, "\(told): it rests and lacks something")
            }
            guard case .wait(let until) = run.action else { continue }
            let bound =
                run.lastFailure == nil ? SecondCopy.batchMilliseconds : SecondCopy.retryMillisecondsMax
            #expect(until <= run.now + bound, "\(told)")
            if let since = run.machine.behindSince, run.lastFailure == nil {
                #expect(until <= since + SecondCopy.batchMilliseconds, "\(told): a save waits too long")
            }
        }
        for _ in 0..<20 {
            try run.end(nil)
            guard case .wait(let until) = run.action else { continue }
            run.now = until
            try run.tell(.timePassed)
        }
        #expect(run.journaled == run.saved && run.machine.behindSince == nil, "SEED \(seed)")
    }

    @Test("What an earlier place still answers counts for nothing")
    func otherPlace() {
        var machine = SecondCopy()
        guard case .append(let first) = machine.handle(.chosen, now: 10) else {
            Issue.record("a place that was chosen is written to at once")
            return
        }
        guard case .append(let second) = machine.handle(.chosen, now: 20) else {
            Issue.record("the place before holds up nothing")
            return
        }
        #expect(machine.handle(.appended(first, isWhole: true), now: 30) == .rest)
        #expect(machine.behindSince == 20)
        #expect(machine.handle(.appended(second, isWhole: true), now: 40) == .rest)
        #expect(machine.behindSince == nil && machine.wholeAt == 40)
        #expect(machine.handle(.dropped, now: 50) == .rest)
        #expect(machine.handle(.saved, now: 60) == .rest && machine.behindSince == nil)
    }

    @Test("A clock that is set back by years puts off nothing for longer than 30 s")
    func clock() {
        var machine = SecondCopy()
        guard case .append(let ticket) = machine.handle(.chosen, now: 2_000_000_000_000) else {
            Issue.record("a place that was chosen is written to at once")
            return
        }
        _ = machine.handle(.failed(ticket, .absent), now: 2_000_000_000_000)
        #expect(machine.handle(.timePassed, now: 1000) == .wait(until: 31_000))
        guard case .append = machine.handle(.timePassed, now: 31_000) else {
            Issue.record("it is tried again")
            return
        }
    }
}

@Suite("What the pages say of the second copy")
struct SecondCopyStatusTests {
    private func status(
        _ place: String? = "/media/backup", behind: UInt64? = nil, _ failure: JournalFailure? = nil,
        changes: Int = 0,
        photos: Int = 0
    ) -> SecondCopyStatus {
        var status = SecondCopyStatus()
        (status.place, status.behindSeconds, status.failure) = (place, behind, failure)
        (status.lackingChanges, status.lackingAttachments) = (changes, photos)
        return status
    }

    @Test("Absent or stale is red, late is amber, within 5 seconds is green")
    func levels() {
        #expect(status(nil).level == .red)
        #expect(status().level == .green)
        #expect(status(behind: 5).level == .green)
        #expect(status(behind: 6).level == .amber)
        #expect(status(behind: 60).level == .amber)
        #expect(status(behind: 61).level == .red)
        for failure in [JournalFailure.absent, .sameDisk, .full, .readOnly, .medium, .store] {
            #expect(status("/media/backup", behind: nil, failure).level == .red, "\(failure)")
        }
    }

    @Test("The sentence says what is wrong, what lacks and what to do")
    func sentences() {
        #expect(status().chinese == "第二份备份正常。")
        #expect(status(nil).chinese == "没有第二份备份：本机磁盘一旦损坏，未上传的办件将丢失，请联系技术人员。")
        #expect(
            status(behind: 9, .absent, changes: 12, photos: 3).chinese
                == "备份介质未接入，尚有12条变更、3张照片未备份，请插回U盘或恢复网络共享。")
        #expect(status(behind: 9, .full, changes: 1).chinese == "备份介质已满，尚有1条变更未备份，请更换备份介质。")
        #expect(status(behind: 7200, changes: 5).chinese == "第二份备份已滞后2小时，尚有5条变更未备份，请联系技术人员。")
        #expect(status(behind: 20, changes: 5).chinese == "第二份备份稍有延迟，尚有5条变更未备份。")
    }
}
