package import Casework
package import SyncProtocol
package import Web

/// Why central did not do what was asked. It holds no person's data: it may be logged and told.
package enum CentralError: Error, Hashable, Sendable {
    /// The database failed; nothing of the transaction has happened, unless the failure says that this is not known.
    case store(StoreFailure)
    /// A change of central's own cannot be encoded within the limits.
    case notEncodable(CBORError)
    /// What was asked is not allowed, or not possible as things stand.
    case refused(Refusal)
}

/// What the store could not do, told apart as far as the caller acts on it.
package struct StoreFailure: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        /// Room is needed; what is there stays readable.
        case full
        /// Trying again may help.
        case busy
        /// The connection broke during the commit: it may have happened, or not. Repeating an exchange is harmless.
        case unknown
        /// The file is damaged, or is no database at all.
        case damaged
        /// A row holds what this program never stores there, or a body that its content ID does not name.
        case inconsistent
        /// The file was written by a later version, or by another program.
        case foreign
        case other
    }

    package let kind: Kind
    /// For the technician: statement and code, never a value.
    package let description: String

    package init(kind: Kind, description: String) {
        self.kind = kind
        self.description = description
    }
}

/// A refusal that the other party can do something about.
package enum Refusal: Hashable, Sendable {
    /// Central speaks other versions of the protocol: these.
    case unsupportedVersion(spoken: ClosedRange<UInt64>)
    /// The device belongs to another hospital.
    case otherHospital
    case unknownHospital
    case unknownDevice
    case unknownCase
    case unknownDepartment
    case unknownChange
    case unknownTask
    case unknownAttachment
    /// A hospital or department with this code, or a device with this key, is there already.
    case taken
    /// The case is in the scope of the hospital with this code, and of no other.
    case alreadyThere(String)
    /// The groups may be written by their owner only.
    case notOwner([GroupID])
    /// Answers that cannot become a change: unknown, somebody else's, or in conflict.
    case notEditable(EditError)
    /// Answers that are wrong in themselves: every fault.
    case wrongAnswers(CaseFileError)
    /// The group shows no conflict, so there is nothing to settle.
    case noConflict(GroupID)
    /// Others have written since the person looked: what stands now.
    case stale(GroupID, live: [Dot])
    /// A verdict has been given since the person looked.
    case staleVerdict(ContentID)
    /// What stands in the group was not written by central, or took the place of nothing: there is nothing to take back.
    case notUndoable(GroupID)
    /// No value that stands is the one that was asked for, or several are.
    case noSuchValue(GroupID)
    /// What cannot be read cannot be taken up.
    case notReadable
    /// Dots were named that no change has.
    case unseenDots
    /// A value does not have the shape that the dictionary gives its group.
    case malformedValue(GroupID)
    /// A result that came before under the same ID said something else.
    case differentResult
    /// A result that is wrong in itself, or that cannot be one: every reason, in Chinese.
    case wrongResult([String])
    /// Somebody else is at the task, until then by central's clock.
    case claimed(by: String, untilMilliseconds: UInt64)
    /// A policy file cannot be published.
    case wrongPolicy(PolicyError)
    /// A calendar file cannot be used.
    case wrongCalendar(CalendarError)
    /// This version of the policy is at hand with another content.
    case policyTaken(PolicyName)
    case unknownPolicy
    /// These hospitals have no other version of the policy.
    case onlyPolicy(hospitals: [String])
    /// The hospital still has cases.
    case casesLeft
    /// The hospital was closed.
    case closed(String)
    /// A range shares numbers with one that a hospital holds.
    case rangeTaken(hospital: String, range: CertificateRange)
    /// The hospital was not given this certificate.
    case notHeld(CertificateNumber)
    /// A case holds this certificate.
    case certificateUsed(CertificateNumber)
    /// An order has to be for 1 to ``Casework/ResyncOrder/windowsMax`` computers; the hospital has so many.
    case noWindows(count: Int)
    /// Two cases cannot be merged, told apart or parted again as they stand.
    case duplicates(DuplicateRefusal)
    /// The hospital has too many orders that are not over.
    case tooManyOrders
    case unknownOrder
    /// A text or list is over its limit, or empty where it must not be.
    case malformed(String)
    /// The request is not what the API's document says.
    case notByContract(Web.Problem)
    /// The token, signature or key is not good. Deliberately no more than that.
    case unauthorised
    /// The signature's time is too far from central's; what central's clock says.
    case wrongTime(centralMilliseconds: UInt64)
    /// The nonce was used before.
    case replayed
    /// Too many enrolments failed lately.
    case tooManyAttempts
    /// Too much is asked at once.
    case busy
    /// The caller asks too often; it may come again after so many seconds.
    case tooFast(seconds: Int)
}
