package import Cryptography
package import SyncProtocol

/// A program that makes bundles and takes them: a window, or central.
package protocol BundleParty: Sendable {
    /// How bundles for it name their addressee.
    func addressee() async throws(BundleError) -> Digest
    /// Bundles that were made and taken, for people.
    func bundles() async throws(BundleError) -> [BundleReport]
    /// Writes a bundle to a file that is not there yet. Nothing is changed by it but the list of bundles.
    func export(
        _ order: BundleOrder, as id: BundleID, to path: String
    ) async throws(BundleError) -> BundleReport
    /// Takes a bundle. Taking it again, or late, is harmless.
    ///
    /// - Parameter decision: a person's, to take the last work of a computer whose key was revoked; only central asks for one.
    func take(
        _ path: String, isDryRun: Bool, despite decision: RevokedDecision?
    ) async throws(BundleError) -> BundleReport
}

extension BundleParty {
    package func take(_ path: String, isDryRun: Bool) async throws(BundleError) -> BundleReport {
        try await take(path, isDryRun: isDryRun, despite: nil)
    }
}

/// That somebody at central has decided to take what a revoked computer had not sent: its key was good when that was written.
/// The computer is named, so that no other's bundle on the stick is taken with it.
package struct RevokedDecision: Hashable, Sendable, Codable {
    package let device: String
    /// At most `Limits.reasonBytesMax` bytes, and not empty.
    package let reason: String

    package init(device: String, reason: String) { (self.device, self.reason) = (device, reason) }
}

/// How a bundle is to be taken: `POST /api/v1/bundles/{id}/import`.
package struct BundleImportOrder: Hashable, Sendable, Codable {
    package var isDryRun: Bool
    package var revoked: RevokedDecision?

    package init(isDryRun: Bool, revoked: RevokedDecision? = nil) {
        (self.isDryRun, self.revoked) = (isDryRun, revoked)
    }
}

/// What a bundle is to hold: `POST /api/v1/bundles`.
package struct BundleOrder: Hashable, Sendable, Codable {
    /// The computer that it is for; only central has several.
    package var device: String?
    /// Whether photos go along.
    package var photos: Bool?
    /// Bytes of the bundle at most, as far as photos are concerned.
    package var bytesMax: UInt64?
    /// The position of the feed after which it begins, whatever the window is known to have.
    package var from: UInt64?
    /// Whether none is made for a computer that has all.
    package var onlyNews: Bool?

    package init() {}
}

/// What is in a bundle, and what came of it. Counts only: nothing about any person.
package struct BundleReport: Hashable, Sendable, Codable {
    package var id: String
    /// The window's name at central.
    package var device: String
    /// The maker's clock, milliseconds since 1970.
    package var milliseconds: UInt64 = 0
    package var bytes: UInt64 = 0
    package var messages = 0
    package var changes = 0
    package var photos = 0
    /// Photos that did not fit, or were not asked for.
    package var photosLeft: Int?
    /// It brings everything back to central.
    package var isRepair: Bool?
    /// The positions of the feed before it and at its end.
    package var from: UInt64?
    package var through: UInt64?
    /// The window's bundle that it answers.
    package var answers: String?
    /// Own changes that central confirmed, changes that were new, and changes that were refused.
    package var confirmed: Int?
    package var received: Int?
    package var refused: Int?
    /// Whether central has everything of it.
    package var isConfirmed: Bool?
    /// There was nothing to write, and nothing was.
    package var isEmpty: Bool?
    package var isDryRun: Bool?
    /// What a person should know or do next.
    package var note: String?

    package init(id: String, device: String) { (self.id, self.device) = (id, device) }
}
