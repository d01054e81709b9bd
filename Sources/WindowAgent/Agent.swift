/// The window's agent.
package enum Agent {
    /// The version that exchanges, pages and `--version` tell.
    package static let version = "0.1.0"
}
