package import SyncProtocol

/// Where another machine's log stood when it told it.
package struct KeptAnchor: Hashable, Sendable {
    package let anchor: AuditAnchor
    /// By the clock of who keeps it.
    package let milliseconds: UInt64
    /// Whose log it is; nil for central's.
    package var device: String?
    package var hospital: String?

    package init(
        _ anchor: AuditAnchor, milliseconds: UInt64, device: String? = nil, hospital: String? = nil
    ) {
        (self.anchor, self.milliseconds, self.device, self.hospital) = (
            anchor, milliseconds, device, hospital
        )
    }

    /// What is wrong by the anchors alone: a log that told an earlier place after a later one went back, and one that told two values for a line
    /// goes on in two places. By both it was put back from a copy, cloned, or rewritten.
    ///
    /// - Parameter anchors: of one computer, in the order in which they were told.
    package static func faults(of anchors: [KeptAnchor]) -> [AuditVerdict.FoundFault] {
        var ends: [[UInt8]: UInt64] = [:]
        var seen: [[UInt8]: [UInt64: AuditAnchor]] = [:]
        var faults: [AuditVerdict.FoundFault] = []
        for anchor in anchors.map(\.anchor) {
            if let known = seen[anchor.log]?[anchor.sequence] {
                if known != anchor { faults.append(.init(fault: .anchor, sequence: anchor.sequence)) }
            } else if let end = ends[anchor.log], anchor.sequence < end {
                faults.append(.init(fault: .cut, sequence: end))
            }
            seen[anchor.log, default: [:]][anchor.sequence] = anchor
            ends[anchor.log] = max(ends[anchor.log] ?? 0, anchor.sequence)
        }
        return faults
    }
}
