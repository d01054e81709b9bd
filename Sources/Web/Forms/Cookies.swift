extension Request {
    /// The value of a cookie (RFC 6265 section 4.2); nil if it was not sent, or was sent twice: somebody else may have set one.
    package func cookie(_ name: String) -> String? {
        let values = headers.values(of: "Cookie").flatMap { $0.split(separator: ";") }.compactMap {
            pair -> String? in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, String(sides[0]).trimmed == name else { return nil }
            return String(sides[1]).trimmed
        }
        return values.count == 1 ? values[0] : nil
    }
}

extension Response {
    /// Sets a cookie that scripts cannot read and that goes with requests of this site only.
    ///
    /// - Parameters:
    ///   - value: letters, digits, `-` and `_`.
    ///   - isSecure: whether it goes over TLS only.
    ///   - maxAge: seconds until it goes; 0 takes it away, nil keeps it until the browser ends.
    package mutating func setCookie(_ name: String, _ value: String, isSecure: Bool, maxAge: Int? = nil) {
        var line = "\(name)=\(value); Path=/; HttpOnly; SameSite=Strict"
        if isSecure { line += "; Secure" }
        if let maxAge { line += "; Max-Age=\(maxAge)" }
        headers.append("Set-Cookie", line)
    }
}
