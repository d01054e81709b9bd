/// How it stands on the way to central: what waits, how fast it goes, what it may cost.
package struct LinkStatus: Hashable, Sendable, Codable {
    /// For a clerk, in Chinese.
    package let sentence: String
    package let activity: LinkActivity
    package let isMetered: Bool
    /// Of changes, before compression.
    package let outboxBytes: UInt64
    /// Entries of the feed that are not here yet, as far as central told.
    package let feedRemaining: UInt64
    package let photos: Int
    package let photoBytes: UInt64
    /// When the next photo may go, milliseconds since 1970; nil: as soon as case data has gone.
    package let photosFrom: UInt64?
    /// No photo goes over this link.
    package let arePhotosForbidden: Bool
    /// As last measured.
    package let bytesPerSecond: Int?
    /// How long the rest takes, with the speed last measured.
    package let secondsLeft: UInt64?
    /// Bytes of this local day, both ways, headers included.
    package let exchangeBytesToday: UInt64
    package let photoBytesToday: UInt64
    package let bytesPerDayMax: UInt64?
    package let isBudgetSpent: Bool
    /// When the next exchange starts by itself, milliseconds since 1970; nil if none does.
    package let nextTry: UInt64?

    /// Bytes that an entry of the feed usually costs.
    static let entryBytesUsual: UInt64 = 400

    init(
        _ figures: StoreFigures, outboxBytes: UInt64, _ progress: LinkProgress, _ sync: SyncStatus,
        isEnrolled: Bool, now: UInt64
    ) {
        self.outboxBytes = outboxBytes
        let state = figures.sync
        feedRemaining = state.witness.position - min(state.place.point.position, state.witness.position)
        (photos, photoBytes, photosFrom) = (progress.photos, progress.photoBytes, progress.photosFrom)
        arePhotosForbidden = progress.rules.photos == .never
        (activity, isMetered, bytesPerSecond) = (
            progress.activity, progress.rules.isMetered, progress.bytesPerSecond
        )
        exchangeBytesToday = progress.traffic.exchanges
        photoBytesToday = progress.traffic.photos
        (bytesPerDayMax, isBudgetSpent) = (progress.rules.bytesPerDayMax, progress.isSpent)
        nextTry = sync.nextTry > 0 ? sync.nextTry : nil
        secondsLeft = Self.secondsLeft(
            bytes: outboxBytes + feedRemaining * Self.entryBytesUsual
                + (progress.photosFrom == nil ? progress.photoBytes : 0),
            bytesPerSecond: progress.bytesPerSecond)
        var sentence = LinkSentence(now: now)
        (sentence.isEnrolled, sentence.isFailing) = (isEnrolled, sync.failures > 0)
        (sentence.lastContact, sentence.activity) = (sync.lastContact, progress.activity)
        (sentence.changes, sentence.entries) = (figures.outbox, feedRemaining)
        (sentence.photos, sentence.photosFrom) = (progress.photos, progress.photosFrom)
        sentence.arePhotosForbidden = arePhotosForbidden
        (sentence.secondsLeft, sentence.nextTry) = (secondsLeft, nextTry)
        (sentence.isMetered, sentence.isSpent) = (isMetered, isBudgetSpent)
        sentence.minutesAheadOfUTC = progress.rules.minutesAheadOfUTC
        self.sentence = sentence.text
    }

    /// Rounded up; nil if the speed is not known, 0 if nothing is left.
    static func secondsLeft(bytes: UInt64, bytesPerSecond: Int?) -> UInt64? {
        if bytes == 0 { return 0 }
        guard let speed = bytesPerSecond, speed > 0 else { return nil }
        return (bytes + UInt64(speed) - 1) / UInt64(speed)
    }
}
