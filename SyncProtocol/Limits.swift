/// The bounds of everything that another party can send. Beyond one is an error, never a surprise.
package enum Limits {
    /// Every edition, sequence, position, time and count: what a signed 64-bit column holds.
    package static let counterMax = UInt64(Int64.max)
    /// Members of a head, or of a change's content, those of later versions counted.
    package static let membersMax = 64
    /// Members of a push or a feed entry, those of later kinds counted.
    package static let membersPerItemMax = 16
    /// Members of a body, those of later schemas counted.
    package static let membersPerBodyMax = 256
    /// Bytes of one change's body.
    package static let bodyBytesMax = 64 * 1024
    /// Nesting of a field's value, the outermost array counted.
    package static let valueDepthMax = 8
    /// Field groups that one change may write, and groups that it may name as its basis.
    package static let groupsPerChangeMax = 256
    /// Dots that one write may replace, or one basis may name in a group.
    package static let dotsPerGroupMax = 1024
    /// Changes that one change may set aside or take up again.
    package static let asidesPerChangeMax = 64
    /// Bytes of an author's unit or user name.
    package static let nameBytesMax = 128
    /// Bytes of a reason that a person gives.
    package static let reasonBytesMax = 2048
    /// Bytes of one exchange's request or response, uncompressed.
    package static let exchangeBytesMax = 8 * 1024 * 1024
    /// Data items of one request or response after its head.
    package static let itemsPerExchangeMax = 16384
    /// Bodies in one run of changes.
    package static let bodiesPerRunMax = 4096
    /// Replicas whose heads one request may tell, as many as an agent may need to in a repair.
    package static let headsMax = 4096
    /// Cases whose sums one request may tell.
    package static let caseSumsMax = 1024
    /// Checkpoints of a chain that central tells of a fork.
    package static let checkpointsMax = 64
    /// Replicas in one version vector.
    package static let replicasPerCaseMax = 4096
    /// Dots above a gap of one replica in one version vector.
    package static let dotsAboveGapMax = 4096
    /// Bytes of one message of a verify, uncompressed.
    package static let verifyBytesMax = 256 * 1024
    /// Ranges that one message of a verify may ask about.
    package static let verifyRangesMax = 4096
    /// Cases that one message of a verify may leave out because they are known to differ.
    package static let verifyExceptMax = 256
    /// Cases that are listed instead of a range's fingerprint at most.
    package static let verifyListMax = 16
    /// Parts into which an answer may split a range.
    package static let verifyPartsMax = 128
    /// Round trips after which an agent gives a verify up.
    package static let verifyRoundsMax = 64
    /// Differing cases after which an agent gives a verify up: a repair of everything costs less.
    package static let verifyDifferencesMax = 4096
    /// Ranges that an agent keeps open at a time; beyond, it gives the verify up.
    package static let verifyOpenMax = 16384
    /// Attachments that one request may offer.
    package static let offersMax = 64
    /// Bytes of the token of an upload.
    package static let tokenBytesMax = 512
    /// Attachments that one response may ask for.
    package static let wantsMax = 64
    /// Attachments of which one request may ask whether they are in a verified backup.
    package static let backupQuestionsMax = 64
    /// Policies of which a request may tell the versions.
    package static let heldPoliciesMax = 16
    /// Seconds for which a request may ask central to wait for news.
    package static let waitSecondsMax = 300
    /// Bytes of a bundle's clear header.
    package static let bundleHeaderBytesMax = 512
    /// Bytes of one item of a bundle's content: a message, or an attachment with its hash.
    package static let bundleItemBytesMax = 24 * 1024 * 1024
    /// Messages and parts of a feed in one bundle; each is decompressed within `exchangeBytesMax`.
    package static let bundleMessagesMax = 4096
    /// Bytes of a bundle.
    package static let bundleBytesMax = 2 * 1024 * 1024 * 1024
}
