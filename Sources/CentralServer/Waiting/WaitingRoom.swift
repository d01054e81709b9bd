package import SyncProtocol

/// Where exchanges wait that would bring nothing yet. They hold a connection meanwhile, and no thread, transaction or place in
/// the queue for a commit.
package actor WaitingRoom {
    /// Exchanges that may wait at a time; one beyond is answered at once. A third of the connections that one server keeps open.
    package static let placesMax = 2048

    /// Why a wait ended.
    package enum End: Hashable, Sendable {
        /// The feed grew.
        case news
        /// The time is up, another exchange of the device came, nobody may wait any more, or nobody waits for the answer.
        case over
    }

    private let news: any FeedNews
    private let pause: @Sendable (Duration) async throws -> Void
    private let placesMax: Int
    private var stays: [DeviceID: Stay] = [:]
    private var count = 0
    private var isClosed = false

    private struct Stay {
        let number: Int
        let task: Task<End, Never>
    }

    /// - Parameter pause: waits; it throws when the task is cancelled.
    package init(
        news: any FeedNews, placesMax: Int = WaitingRoom.placesMax,
        pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        (self.news, self.placesMax, self.pause) = (news, placesMax, pause)
    }

    /// How many wait.
    package var waitingCount: Int { stays.count }

    /// Waits until the hospital's feed reaches beyond a position, the seconds are over, or one of the other ends comes.
    package func wait(
        for hospital: HospitalID, beyond position: UInt64, _ device: DeviceID, seconds: UInt64
    ) async -> End {
        if let older = stays.removeValue(forKey: device) { older.task.cancel() }
        guard !isClosed, stays.count < placesMax else { return .over }
        count += 1
        let number = count
        let (news, pause) = (news, pause)
        let task = Task {
            await Self.first(
                { await news.growth(of: hospital, beyond: position) },
                { try await pause(.seconds(Int64(clamping: seconds))) })
        }
        stays[device] = Stay(number: number, task: task)
        let end = await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
        if stays[device]?.number == number { stays[device] = nil }
        return end
    }

    /// Lets everybody go, and nobody in from now on: the server stops.
    package func close() {
        isClosed = true
        for stay in stays.values { stay.task.cancel() }
    }

    private static func first(
        _ news: @escaping @Sendable () async -> Void, _ pause: @escaping @Sendable () async throws -> Void
    ) async -> End {
        await withTaskGroup(of: End.self) { group in
            group.addTask {
                await news()
                return Task.isCancelled ? .over : .news
            }
            group.addTask {
                // Only a wait that nobody needs any more is broken off.
                try? await pause()
                return .over
            }
            let end = await group.next() ?? .over
            group.cancelAll()
            return end
        }
    }
}
