package import Casework
package import SyncProtocol

/// How hospitals and their computers stand, beside what was last heard of them.
package protocol StandingTransaction {
    /// Replaces what a computer last told of itself.
    func put(_ condition: DeviceCondition) throws(CentralError)
    func conditions(of hospital: HospitalID) throws(CentralError) -> [DeviceCondition]
    /// How many bodies of a hospital's computers could not become changes, and how many changes wait for a person because their
    /// receipts do not fit.
    func strayCounts(of hospital: HospitalID) throws(CentralError) -> (unreadable: Int, waiting: Int)
    /// How many groups in conflict the cases in a hospital's scope show.
    func conflictCount(in hospital: HospitalID) throws(CentralError) -> Int
    /// How many numbers of a range are used by cases or voided by the record's hospital.
    func takenCount(of range: CertificateRange, in record: CaseID) throws(CentralError) -> Int
    /// How many items of a hospital's cases are open, and how many of them should have been done before a day.
    func openItemCounts(of hospital: HospitalID, lateBefore day: Int) throws(CentralError) -> (
        late: Int, open: Int
    )
    /// What waits for central's people: groups in conflict, changes set aside, changes without a valid receipt, unreadable bodies.
    func queueSizes() throws(CentralError) -> QueueSizes

    /// Notes how a hospital stood at an hour; what is noted already stays.
    func put(_ sample: LagSample) throws(CentralError)
    /// Drops the samples of hours before one.
    func dropSamples(before hour: Int) throws(CentralError)
    /// The samples of a hospital from an hour on, ascending.
    func samples(of hospital: HospitalID, from hour: Int) throws(CentralError) -> [LagSample]
    /// Whether any hospital was sampled at an hour.
    func hasSample(at hour: Int) throws(CentralError) -> Bool
}

/// What a computer last told of itself, beside its report.
package struct DeviceCondition: Hashable, Sendable {
    package let device: DeviceID
    /// Central's clock.
    package let milliseconds: UInt64
    /// The version of the protocol that it spoke.
    package let version: UInt64
    package let condition: ExchangeRequest.Condition
    /// The newest version of each policy that it has of those that its hospital offers.
    package let policies: [ExchangeRequest.HeldPolicy]

    package init(
        device: DeviceID, milliseconds: UInt64, version: UInt64, condition: ExchangeRequest.Condition,
        policies: [ExchangeRequest.HeldPolicy]
    ) {
        (self.device, self.milliseconds, self.version) = (device, milliseconds, version)
        (self.condition, self.policies) = (condition, policies)
    }
}

/// How a hospital stood at an hour.
package struct LagSample: Hashable, Sendable {
    /// How long samples are kept: 31 days.
    package static let hoursKept = 31 * 24

    package let hospital: HospitalID
    /// Hours since 1970.
    package let hour: Int
    /// Entries of the feed that the computer heard last had not taken in.
    package let lag: UInt64
    /// Unconfirmed changes as it reported, and the age of the oldest in seconds.
    package let outbox: UInt64
    package let oldestSeconds: UInt64
    /// Seconds since any of its computers was heard.
    package let silentSeconds: UInt64

    package init(
        hospital: HospitalID, hour: Int, lag: UInt64, outbox: UInt64, oldestSeconds: UInt64,
        silentSeconds: UInt64
    ) {
        (self.hospital, self.hour, self.lag, self.outbox) = (hospital, hour, lag, outbox)
        (self.oldestSeconds, self.silentSeconds) = (oldestSeconds, silentSeconds)
    }
}

/// What waits for central's people.
package struct QueueSizes: Hashable, Sendable {
    package let conflicts: Int
    package let asides: Int
    package let waiting: Int
    package let unreadable: Int
    /// Changes in the log.
    package let changes: Int
    /// Attachments that central lacks and has asked for.
    package let wants: Int
}
