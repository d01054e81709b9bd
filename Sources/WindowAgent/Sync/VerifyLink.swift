import SyncProtocol

/// The way to central for a verify: one request, one answer. Real over HTTP, simulated in tests.
package protocol VerifyLink: Sendable {
    /// Carries one message: encoded request in, encoded response out.
    func verify(_ request: [UInt8]) async throws(LinkError) -> LinkAnswer
}

extension HTTPCentralLink: VerifyLink {
    package func verify(_ request: [UInt8]) async throws(LinkError) -> LinkAnswer {
        try await carry(
            request,
            Course(
                path: "/sync/v1/verify", message: .verify,
                bytesMax: SyncProtocol.Limits.verifyBytesMax))
    }
}
