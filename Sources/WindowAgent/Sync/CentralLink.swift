/// The way to central: one request, one answer. Real over HTTP, simulated in tests.
package protocol CentralLink: Sendable {
    /// Carries one exchange: encoded request in, encoded response out.
    func exchange(_ request: [UInt8]) async throws(LinkError) -> LinkAnswer

    /// Carries one whose answer central may hold back for so long, on a way of its own: no other exchange waits for it. Cancelling
    /// the task ends it at once.
    func wait(_ request: [UInt8], seconds: UInt64) async throws(LinkError) -> LinkAnswer
}

extension CentralLink {
    /// A way that has no second one just exchanges.
    package func wait(_ request: [UInt8], seconds: UInt64) async throws(LinkError) -> LinkAnswer {
        try await exchange(request)
    }
}

/// What came back, and what it cost.
package struct LinkAnswer: Hashable, Sendable {
    package let response: [UInt8]
    /// Bytes both ways, headers included.
    package let bytesUp: Int
    package let bytesDown: Int

    package init(response: [UInt8], bytesUp: Int, bytesDown: Int) {
        self.response = response
        self.bytesUp = bytesUp
        self.bytesDown = bytesDown
    }
}

/// Why no answer of central came.
package enum LinkError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The network failed; the words of the client. Whether central acted is not known, and a repeat is harmless.
    case network(String)
    /// No connection came about: nothing was sent.
    case unreachable(String)
    /// Something answered that is not central: a captive portal, a proxy, another server.
    case notCentral(status: Int)
    /// Central understood and declined; a person has to do something.
    case refused(status: Int, reason: String)
    /// Central speaks these versions of the protocol, and not the one that it was asked in.
    case unsupportedVersion([UInt64])
    /// Central speaks these versions of the protocol, and this window speaks none of them.
    case noCommonVersion(central: [UInt64], here: ClosedRange<UInt64>)
    /// The answer cannot be read.
    case malformed(String)

    /// Whether central may have acted all the same.
    package var mayHaveArrived: Bool {
        switch self {
        case .network, .malformed: true
        case .unreachable, .notCentral, .refused, .unsupportedVersion, .noCommonVersion: false
        }
    }

    package var description: String {
        switch self {
        case .network(let reason), .unreachable(let reason): reason
        case .notCentral(let status):
            "What answered is not central (HTTP \(status)): check the address, or sign in to the network first."
        case .refused(let status, let reason): "Central declined (HTTP \(status)): \(reason)"
        case .unsupportedVersion(let versions):
            "Central speaks other versions of the protocol than it was asked in (\(Self.list(versions)))."
        case .noCommonVersion(let central, let here):
            "Central speaks version \(Self.list(central)) of the protocol, this window version "
                + "\(Self.list(Array(here))): install newer software "
                + ((central.max() ?? 0) > here.upperBound ? "at this window." : "at central.")
                + " Its changes are kept, and clerks go on working."
        case .malformed(let reason): "Central's answer cannot be read: \(reason)"
        }
    }

    private static func list(_ versions: [UInt64]) -> String {
        versions.isEmpty ? "none" : versions.map { "\($0)" }.joined(separator: ", ")
    }
}
