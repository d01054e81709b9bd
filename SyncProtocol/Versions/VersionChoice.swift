/// Decides in which version of the protocol an agent asks central (PROTOCOL.md section 16).
///
/// It begins with the newest that it speaks, and goes down to the newest in common when central says which ones it speaks. Laws: it
/// never asks in a version that it does not speak; with central's versions known, it asks in the newest in common; a version
/// that was agreed is given up for the newest one after a day, under another epoch, and by another software.
package struct VersionChoice: Hashable, Sendable {
    /// What was agreed when central did not speak the newest version.
    package struct Agreement: Hashable, Sendable {
        package let version: UInt64
        /// Central's epoch at that time.
        package let epoch: Epoch?
        /// The agent's own.
        package let software: String
        /// Milliseconds since 1970, by the agent's clock.
        package let milliseconds: UInt64

        package init(version: UInt64, epoch: Epoch?, software: String, milliseconds: UInt64) {
            (self.version, self.epoch) = (version, epoch)
            (self.software, self.milliseconds) = (software, milliseconds)
        }
    }

    /// How long an agreement holds, in milliseconds.
    package static let agreementMillisecondsMax: UInt64 = 24 * 3600 * 1000

    package let spoken: ClosedRange<UInt64>
    package let agreement: Agreement?

    package init(spoken: ClosedRange<UInt64>, agreement: Agreement?) {
        (self.spoken, self.agreement) = (spoken, agreement)
    }

    /// The version to ask in first.
    package func version(epoch: Epoch?, software: String, milliseconds: UInt64) -> UInt64 {
        guard let agreement, spoken.contains(agreement.version), agreement.epoch == epoch,
            agreement.software == software, milliseconds >= agreement.milliseconds,
            milliseconds - agreement.milliseconds < Self.agreementMillisecondsMax
        else { return spoken.upperBound }
        return agreement.version
    }

    /// The newest version in common with central, which speaks these; nil if there is none.
    package func common(with versions: [UInt64]) -> UInt64? { versions.filter(spoken.contains).max() }
}
