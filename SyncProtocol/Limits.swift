/// The bounds of everything that another party can send. Beyond one is an error, never a surprise.
package enum Limits {
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
    /// Dots above a gap in one version vector.
    package static let dotsAboveGapMax = 4096
}
