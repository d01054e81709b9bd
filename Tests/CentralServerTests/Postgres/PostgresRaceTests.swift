#if Postgres
    import Dispatch
    import Persistence
    import SyncProtocol
    import Testing
    import Web

    @testable import CentralPostgres
    @testable import CentralServer

    @Suite("Several writers on PostgreSQL", .timeLimit(.minutes(3)))
    struct PostgresRaceTests {
        @Test("Two processes write one feed: its positions have no gap, and readers see them in their order")
        func feed() async throws {
            let address = try freshAddress()
            func process(_ seed: UInt64) throws -> World {
                try World(seed: seed) { try PostgresCentralStore(address, announce: $0, random: $1) }
            }
            let worlds = [try process(1), try process(2)]
            let first = try await worlds[0].hospital("H1")
            let second = try await first.secondComputer()
            let wards = [first, Ward(world: worlds[1], hospital: first.hospital, device: second.device)]
            let shared = worlds[0].newCase()
            let isOver = Guarded(false)
            let hospital = first.hospital.id
            async let seen = positions(of: hospital, in: worlds[1].store, until: isOver)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, ward) in wards.enumerated() {
                    group.addTask {
                        var writer = Writer(UInt64(100 + index))
                        for count in 1...25 {
                            let caseID = count % 5 == 0 ? shared : ward.world.newCase()
                            try writer.write(caseID, [20: (CBOR.name("\(index) \(count)"), [])])
                            try await ward.push(writer.run(count))
                            // Central's own changes, each process on a replica of its own. The shared case shows a conflict.
                            if caseID == shared { continue }
                            _ = try await ward.world.caseDesk.edit(
                                CaseDesk.Edit(
                                    caseID: caseID, answers: ["childName": .text("\(index) \(count) edited")],
                                    user: "s"))
                        }
                    }
                }
                defer { isOver.withLock { $0 = true } }  // whatever happens: the reader waits for it
                try await group.waitForAll()
            }
            let entries = try await worlds[0].feed(of: hospital)
            #expect(entries.map(\.item.position) == Array(1...UInt64(entries.count)))
            #expect(entries.count > 80)
            // What a reader saw is what stands there, none was put before one that it had seen.
            let ids = Dictionary(uniqueKeysWithValues: entries.map { ($0.item.position, $0.item) })
            #expect(try await seen.allSatisfy { ids[$0.position] == $0 })
            let report = try PostgresStoreEnd(address).report(keys: worlds[0].keys)
            #expect(report.problemCount == 0, "\(report.problems)")
            #expect(report.replicaCount == 4)
            for caseID in [shared] {
                #expect(try await worlds[0].state(of: caseID) == worlds[1].state(of: caseID))
            }
        }

        /// Reads a feed as agents do, from where one ended, until told that it is over; every position must follow the last.
        private func positions(
            of hospital: HospitalID, in store: any CentralStore, until isOver: Guarded<Bool>
        ) async throws -> [FeedItem] {
            var items: [FeedItem] = []
            while true {
                let isLast = isOver.withLock { $0 }
                let last = items.last?.position ?? 0
                let more = try await store.read { transaction throws(CentralError) in
                    try transaction.feed(of: hospital, after: last, countMax: 1_000)
                }
                #expect(more.map(\.position) == Array(last + 1..<last + 1 + UInt64(more.count)))
                items += more
                if isLast { return items }
                await Task.yield()
            }
        }

        /// What two writers do to one feed, one of them in the middle of the other.
        private func overlap(isWriterAlone: Bool) async throws -> (outer: Bool, isInnerFirst: Bool) {
            let address = try freshAddress()
            let world = try World(seed: 1) { try PostgresCentralStore(address, announce: $0, random: $1) }
            let hospital = try await world.hospital("H1").hospital.id
            let workers = try (2...3).map { seed in
                try PostgresWorker(
                    address, seal: SealKey(.testSeal), random: { UInt64(seed) }, isWriter: true,
                    isWriterAlone: isWriterAlone)
            }
            @Sendable func append(
                _ transaction: any CentralTransaction, _ meanwhile: () -> Void
            ) throws(CentralError) {
                guard var head = try transaction.feedHead(of: hospital) else { return }
                meanwhile()
                head.position += 1
                try transaction.append(
                    FeedRow(subject: .enters(hospital.record), head: head), to: hospital)
                try transaction.setFeedHead(head, of: hospital)
            }
            let (begun, innerDone) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            let isInnerDone = Guarded(false)
            let isInnerFirst = Guarded(false)
            let inner = Task {
                await Self.wait(for: begun)
                _ = try await workers[1].perform(.immediate) { transaction throws(CentralError) in
                    try append(transaction) {}
                }
                isInnerDone.withLock { $0 = true }
                innerDone.signal()
            }
            var isOuterGood = true
            do {
                _ = try await workers[0].perform(.immediate) { transaction throws(CentralError) in
                    try append(transaction) {
                        begun.signal()
                        // With the lock, the other waits for this one: there is nothing to wait for here.
                        if !isWriterAlone { innerDone.wait() }
                        isInnerFirst.withLock { $0 = isInnerDone.withLock { $0 } }
                    }
                }
            } catch { isOuterGood = false }
            try await inner.value
            return (isOuterGood, isInnerFirst.withLock { $0 })
        }

        private static func wait(for semaphore: DispatchSemaphore) async {
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    semaphore.wait()
                    continuation.resume()
                }
            }
        }

        @Test("Without the writers' lock one of two writers of a feed fails; with it neither does")
        func lock() async throws {
            let without = try await overlap(isWriterAlone: false)
            #expect(without == (false, true))
            let with = try await overlap(isWriterAlone: true)
            #expect(with == (true, false))
        }
    }
#endif
