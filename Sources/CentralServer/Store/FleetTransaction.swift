package import SyncProtocol

/// Hospitals, devices, and what was last heard of them.
package protocol FleetTransaction {
    func hospitals() throws(CentralError) -> [HospitalRecord]
    func hospital(_ id: HospitalID) throws(CentralError) -> HospitalRecord?
    func hospital(code: String) throws(CentralError) -> HospitalRecord?
    /// Inserts or replaces; a new hospital has an empty feed.
    func put(_ hospital: HospitalRecord) throws(CentralError)

    func device(_ id: DeviceID) throws(CentralError) -> DeviceRecord?
    /// Whether a device has this key or has announced it.
    func isPublicKeyKnown(_ publicKey: [UInt8]) throws(CentralError) -> Bool
    func devices(of hospital: HospitalID) throws(CentralError) -> [DeviceRecord]
    /// Inserts or replaces.
    func put(_ device: DeviceRecord) throws(CentralError)

    /// Notes a signed request's nonce; false if it was noted before.
    func note(_ nonce: String, of device: DeviceID, milliseconds: UInt64) throws(CentralError) -> Bool
    /// Forgets the nonces noted before a time.
    func forgetNonces(before milliseconds: UInt64) throws(CentralError)

    func put(_ token: EnrolmentToken) throws(CentralError)
    func enrolmentToken(hash: [UInt8]) throws(CentralError) -> EnrolmentToken?

    /// Replaces what was last heard of a device.
    func put(_ contact: Contact) throws(CentralError)
    /// How many changes of the cases in a hospital's scope are set aside.
    func asideCount(in hospital: HospitalID) throws(CentralError) -> Int
    func contacts(of hospital: HospitalID) throws(CentralError) -> [Contact]
    func contact(of device: DeviceID) throws(CentralError) -> Contact?
    /// Keeps what a message of a bundle was answered, until a bundle goes back. The first message's answer drops those of earlier
    /// bundles.
    func keep(_ answer: [UInt8], to message: BundlePlace, of device: DeviceID) throws(CentralError)
    /// The kept answers, in the order of the messages.
    func answers(to device: DeviceID) throws(CentralError) -> [[UInt8]]
}

/// The name of an enrolled computer; its Ed25519 key's ID in signatures.
package struct DeviceID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: CaseID
    package init(rawValue: CaseID) { self.rawValue = rawValue }
    package init?(_ text: String) {
        guard let id = CaseID(text) else { return nil }
        rawValue = id
    }
    package var bytes: [UInt8] { rawValue.bytes }
    package var description: String { rawValue.description }
}

/// A hospital as it is listed. Name and code are cached from its record in the log.
package struct HospitalRecord: Hashable, Sendable {
    package let id: HospitalID
    package let code: String
    package let name: String
    package let addedMilliseconds: UInt64

    package init(id: HospitalID, code: String, name: String, addedMilliseconds: UInt64) {
        self.id = id
        self.code = code
        self.name = name
        self.addedMilliseconds = addedMilliseconds
    }
}

/// An enrolled computer.
package struct DeviceRecord: Hashable, Sendable {
    package let id: DeviceID
    package let hospital: HospitalID
    /// Ed25519, 32 bytes.
    package var publicKey: [UInt8]
    /// One that it announced and has not used yet.
    package var nextPublicKey: [UInt8]?
    package let enrolledMilliseconds: UInt64
    package var isRevoked: Bool
    /// The replica that it began to write with last; nil if it has not, or the order is not known.
    package var lastReplica: ReplicaID?

    package init(
        id: DeviceID, hospital: HospitalID, publicKey: [UInt8], enrolledMilliseconds: UInt64,
        isRevoked: Bool = false
    ) {
        self.id = id
        self.hospital = hospital
        self.publicKey = publicKey
        self.enrolledMilliseconds = enrolledMilliseconds
        self.isRevoked = isRevoked
    }
}

/// The right to enrol one computer, once. Only its hash is kept.
package struct EnrolmentToken: Hashable, Sendable {
    package let hash: [UInt8]
    package let hospital: HospitalID
    package let expiresMilliseconds: UInt64
    /// The device that used it.
    package var device: DeviceID?

    package init(hash: [UInt8], hospital: HospitalID, expiresMilliseconds: UInt64, device: DeviceID? = nil) {
        self.hash = hash
        self.hospital = hospital
        self.expiresMilliseconds = expiresMilliseconds
        self.device = device
    }
}

/// What was last heard of a device.
package struct Contact: Hashable, Sendable {
    package let device: DeviceID
    /// Central's clock.
    package let milliseconds: UInt64
    /// The device's clock minus central's, milliseconds.
    package let clockErrorMilliseconds: Int64
    /// How far it had taken in its feed.
    package let cursor: UInt64
    package let isRepair: Bool
    package let report: ExchangeRequest.Report?
    /// The device's clock when it said so.
    package var sentMilliseconds: UInt64 = 0
    /// The bundle in which it did; nil for the network.
    package var bundle: BundleID?

    package init(
        device: DeviceID, milliseconds: UInt64, clockErrorMilliseconds: Int64, cursor: UInt64, isRepair: Bool,
        report: ExchangeRequest.Report?
    ) {
        self.device = device
        self.milliseconds = milliseconds
        self.clockErrorMilliseconds = clockErrorMilliseconds
        self.cursor = cursor
        self.isRepair = isRepair
        self.report = report
    }
}

/// A message of a bundle.
package struct BundlePlace: Hashable, Sendable {
    package let bundle: BundleID
    /// 0 for the first.
    package let number: Int
    /// Whether a person decided to take it although its computer is revoked.
    package let isDecided: Bool

    package init(bundle: BundleID, number: Int, isDecided: Bool = false) {
        (self.bundle, self.number, self.isDecided) = (bundle, number, isDecided)
    }
}
