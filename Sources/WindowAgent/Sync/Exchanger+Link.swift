package import Casework

/// What the exchanger learns and tells of the link.
extension Exchanger {
    /// Takes over what is set of the link, here and at central; at once, also while it waits at central.
    package func noteSettings() async throws {
        let rules = try await store.linkRules()
        guard rules != schedule.rules else { return }
        events.post(.ruled(rules))
        await ruleLanes(rules)
    }

    /// Counts bytes of photos, headers included.
    package func noteUploaded(_ bytes: Int) async {
        await count(DayTraffic(day: today, photos: UInt64(clamping: bytes)))
    }

    /// Counts bytes of exchanges, and of what else goes over the link beside photos.
    func noteExchanged(_ bytes: Int) async {
        await count(DayTraffic(day: today, exchanges: UInt64(clamping: bytes)))
    }

    /// Begins with what was set and counted before this program was started.
    func restore() async {
        // A store that cannot be read says so at the first exchange.
        if let rules = try? await store.linkRules() {
            _ = schedule.handle(.ruled(rules), now: environment.milliseconds(), random: 0)
            await ruleLanes(rules)
        }
        await count(DayTraffic(day: today))
    }

    /// How it goes over the link, for `status` and the pages.
    package var linkProgress: LinkProgress {
        get async {
            let now = environment.milliseconds()
            var progress = LinkProgress(rules: schedule.rules, traffic: schedule.traffic)
            progress.isSpent = schedule.isSpent(now: now)
            progress.bytesPerSecond = schedule.bytesPerSecond
            progress.activity = activity
            guard let lane else { return progress }
            (progress.photos, progress.photoBytes, progress.photosFrom) = await lane.waiting
            return progress
        }
    }

    private func ruleLanes(_ rules: LinkRules) async {
        await lane?.post(.ruled(rules.photoRules))
        await downloads?.post(.ruled(rules.photoRules))
    }

    private var today: Int64 { schedule.rules.day(of: environment.milliseconds()) }

    private func count(_ traffic: DayTraffic) async {
        if let counted = try? await store.count(traffic) {
            schedule.traffic = counted
        } else {
            // A full disk counts nothing: then what is known while the program runs has to do.
            if schedule.traffic.day != traffic.day { schedule.traffic = DayTraffic(day: traffic.day) }
            schedule.traffic.exchanges += traffic.exchanges
            schedule.traffic.photos += traffic.photos
        }
        await lane?.post(.counted(schedule.traffic))
    }
}

/// What the agent does on the link just now.
package enum LinkActivity: String, Hashable, Sendable, Codable {
    case resting
    /// Central holds an answer back until there is news.
    case waiting
    case exchanging
}

/// How it goes over the link, as far as the exchanger knows.
package struct LinkProgress: Hashable, Sendable {
    package let rules: LinkRules
    package let traffic: DayTraffic
    package var isSpent = false
    /// As last measured; nil before.
    package var bytesPerSecond: Int?
    package var activity = LinkActivity.resting
    /// Photos that wait, and their bytes.
    package var photos = 0
    package var photoBytes: UInt64 = 0
    /// When the next may go, milliseconds since 1970; nil: as soon as case data has gone.
    package var photosFrom: UInt64?

    init(rules: LinkRules, traffic: DayTraffic) { (self.rules, self.traffic) = (rules, traffic) }
}
