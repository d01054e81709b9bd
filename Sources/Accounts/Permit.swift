/// What a route asks of who calls it. Every route of both servers names one when it is registered; what names none does not start.
package enum Permit: Hashable, Sendable {
    /// It tells nothing about anybody: the program's own files, the page to sign in on.
    case anyone
    /// A window's computer, by the signature or the token that the route itself checks.
    case device
    /// Whoever has signed in, also while the password is still to be changed: what concerns the own session only.
    case signedIn
    /// Whoever asks from this machine; others must be allowed something.
    case local(Action)
    /// A department by its own token; others must be allowed something.
    case department(Action)
    case allowed(Action)

    /// Whether it is met by somebody who is known.
    package func isMet(by viewer: Viewer) -> Bool {
        switch self {
        case .anyone, .signedIn: true
        case .device: false
        case .local(let action), .department(let action), .allowed(let action): viewer.may(action)
        }
    }

    /// By which a router remembers it.
    package var label: String {
        switch self {
        case .anyone: "anyone"
        case .device: "device"
        case .signedIn: "signed-in"
        case .local(let action): "local:\(action.rawValue)"
        case .department(let action): "department:\(action.rawValue)"
        case .allowed(let action): action.rawValue
        }
    }

    /// Reads what ``label`` writes.
    package init?(label: String) {
        let parts = label.split(separator: ":", maxSplits: 1).map(String.init)
        let action = parts.last.flatMap(Action.init)
        switch (parts.first, action) {
        case ("anyone", nil): self = .anyone
        case ("device", nil): self = .device
        case ("signed-in", nil): self = .signedIn
        case ("local", let action?): self = .local(action)
        case ("department", let action?): self = .department(action)
        case (_, let action?) where parts.count == 1: self = .allowed(action)
        default: return nil
        }
    }
}
