import Glibc

/// This machine as it calls itself: what goes there leaves no network card.
package enum Loopback {
    /// Whether the host of an address is certainly this machine: `localhost`, 127.0.0.0/8 or ::1, in brackets or not.
    package static func contains(host: String) -> Bool {
        let host = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        if host.lowercased() == "localhost" || host == "::1" { return true }
        // inet_pton takes four decimal numbers only: a name that begins with "127." is not one.
        var address = in_addr()
        return inet_pton(AF_INET, host, &address) == 1 && UInt32(bigEndian: address.s_addr) >> 24 == 127
    }
}
