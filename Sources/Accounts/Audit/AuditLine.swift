import Cryptography
package import SyncProtocol

/// One line of the audit log: who did what to what, when, from where, and how it ended. It holds no value of a field and no address of a
/// person's computer; a reason may hold anything, so lines are sealed.
///
///     line = { 0: milliseconds, 1: kind, ? 2: action, 3: who, ? 4: true (a machine's token), ? 5: [* role], 6: site, ? 7: department,
///              ? 8: true (from the machine itself), 9: route, ? 10: [* case], ? 11: hospital, ? 12: account, ? 13: reason,
///              ? 14: status, ? 15: note, ? 16: object, ? 17: cases beyond those named }
package struct AuditLine: Hashable, Sendable {
    /// Cases that one line names; any others are counted.
    package static let casesMax = 32
    /// UTF-8 bytes of each text in a line.
    package static let textBytesMax = 1024

    /// By this machine's clock, since 1970.
    package var milliseconds: UInt64
    package var kind: AuditKind
    /// What the route asks of its caller; nil where that is nothing in particular.
    package var action: Action?
    /// The account; with a machine's token the name that its program gives, which nobody has proved. Empty if it is not known.
    package var who = ""
    /// It came with a machine's own token, and not in a person's session.
    package var isMachine = false
    package var roles: [String] = []
    package var site: StaffRole.Site
    /// The department whose token or officer it was.
    package var department: String?
    /// It came from the machine itself, over loopback.
    package var isLocal = false
    /// Method and pattern: `GET /cases/{id}`. Never an address, in which there may be more.
    package var route: String
    package var cases: [CaseID] = []
    /// How many cases there were beside ``cases``.
    package var moreCases: UInt64 = 0
    /// By its code.
    package var hospital: String?
    /// The account that it was about.
    package var account: String?
    package var reason: String?
    /// The HTTP status of a refusal; nil for what was done.
    package var status: UInt64?
    /// Of lines about the log itself.
    package var note: String?
    /// Which paper, which quarter: a word of the program.
    package var object: String?

    package init(_ kind: AuditKind, at milliseconds: UInt64, site: StaffRole.Site, route: String) {
        (self.kind, self.milliseconds, self.site, self.route) = (kind, milliseconds, site, route)
    }

    /// Adds a case, once.
    package mutating func touch(_ id: CaseID) {
        guard !cases.contains(id) else { return }
        if cases.count < Self.casesMax { cases.append(id) } else { moreCases += 1 }
    }
}

extension AuditLine {
    private enum Key: UInt64 {
        case milliseconds, kind, action, who, machine, roles, site, department, local, route
        case cases, hospital, account, reason, status, note, object, moreCases
    }

    /// The line's bytes, over which the chain goes: deterministic CBOR.
    package var encoded: [UInt8] {
        var map = KeyedWriter()
        func write(_ key: Key, _ text: String?) {
            guard let text else { return }
            map.write(key.rawValue) { $0.write(Self.cut(text)) }
        }
        map.write(Key.milliseconds.rawValue) { $0.write(milliseconds) }
        write(.kind, kind.rawValue)
        write(.action, action?.rawValue)
        write(.who, who)
        if isMachine { map.write(Key.machine.rawValue) { $0.write(true) } }
        if !roles.isEmpty { map.write(Key.roles.rawValue) { $0.writeList(roles) { $0.write($1) } } }
        write(.site, site == .central ? "central" : "window")
        write(.department, department)
        if isLocal { map.write(Key.local.rawValue) { $0.write(true) } }
        write(.route, route)
        if !cases.isEmpty { map.write(Key.cases.rawValue) { $0.writeList(cases) { $0.write($1.bytes) } } }
        write(.hospital, hospital)
        write(.account, account)
        write(.reason, reason)
        if let status { map.write(Key.status.rawValue) { $0.write(status) } }
        write(.note, note)
        write(.object, object)
        if moreCases > 0 { map.write(Key.moreCases.rawValue) { $0.write(moreCases) } }
        return map.finished.bytes
    }

    /// The longest beginning that fits.
    private static func cut(_ text: String) -> String {
        guard text.utf8.count > textBytesMax else { return text }
        var (kept, bytes) = ("", 0)
        for character in text {
            bytes += character.utf8.count
            if bytes > textBytesMax { break }
            kept.append(character)
        }
        return kept
    }

    /// Reads what ``encoded`` wrote; members of later versions are passed over.
    package init(decoding bytes: [UInt8]) throws(CBORError) {
        var reader = CBORReader(bytes)
        self.init(.log, at: 0, site: .window, route: "")
        try reader.readKeyed { reader, key throws(CBORError) in try self.readMember(key, from: &reader) }
        try reader.finish()
    }

    private mutating func readMember(_ key: UInt64, from reader: inout CBORReader) throws(CBORError) {
        let most = Self.textBytesMax
        switch Key(rawValue: key) {
        case .milliseconds: milliseconds = try reader.readUnsigned()
        case .kind:
            guard let kind = AuditKind(rawValue: try reader.readText(bytesMax: most)) else {
                throw reader.failure(.unexpectedType)
            }
            self.kind = kind
        // An action of a later version is none here.
        case .action: action = Action(rawValue: try reader.readText(bytesMax: most))
        case .who: who = try reader.readText(bytesMax: most)
        case .machine: isMachine = try reader.readBool()
        case .roles:
            roles = try reader.readList(countMax: StaffRole.allCases.count) { reader throws(CBORError) in
                try reader.readText(bytesMax: most)
            }
        case .site: site = try reader.readText(bytesMax: most) == "central" ? .central : .window
        case .department: department = try reader.readText(bytesMax: most)
        case .local: isLocal = try reader.readBool()
        case .route: route = try reader.readText(bytesMax: most)
        case .cases:
            cases = try reader.readList(countMax: Self.casesMax) { reader throws(CBORError) in
                try reader.readCaseID()
            }
        case .hospital: hospital = try reader.readText(bytesMax: most)
        case .account: account = try reader.readText(bytesMax: most)
        case .reason: reason = try reader.readText(bytesMax: most)
        case .status: status = try reader.readUnsigned()
        case .note: note = try reader.readText(bytesMax: most)
        case .object: object = try reader.readText(bytesMax: most)
        case .moreCases: moreCases = try reader.readUnsigned()
        case nil: _ = try reader.readEncodedItem(depthMax: Limits.valueDepthMax)
        }
    }
}
