/// Why a server could not start.
package enum ServerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Another program, or this one, listens there already.
    case portInUse(UInt16)
    /// The system keeps this port for others: below 1024 it asks for a capability.
    case forbiddenPort(UInt16)
    /// The host is not an address of this machine.
    case unknownHost(String)
    /// Certificate and key do not belong together, or one of them is not what it should be.
    case badCertificate
    /// The system refused with this `errno`; 0 when libmicrohttpd gave no reason.
    case other(code: Int32)

    /// A sentence for a log or a technician.
    package var description: String {
        switch self {
        case .portInUse(let port): "Port \(port) is in use by another program."
        case .forbiddenPort(let port): "The system does not allow this program to use port \(port)."
        case .unknownHost(let host): "This machine has no address \(host)."
        case .badCertificate: "The certificate and the key do not belong together, or one of them is damaged."
        case .other(let code): "The server could not listen (system error \(code))."
        }
    }
}
