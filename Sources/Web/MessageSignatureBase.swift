/// The bytes that are signed (RFC 9421 section 2.5): one line per covered component, in the order in which the
/// signature names them, and a last line that repeats the signature's parameters.
///
///     "@method": POST
///     "@path": /sync/v1/exchange
///     "@signature-params": ("@method" "@path");created=1700000000;nonce="b3k2";keyid="gx-17"
struct MessageSignatureBase {
    /// The components' names without quotes, and their values.
    let lines: [(name: String, value: String)]
    /// What stands in `Signature-Input` after the label.
    let parameters: String

    /// The lines, joined by newlines, with none at the end.
    var bytes: [UInt8] {
        let covered = lines.map { "\"\($0.name)\": \($0.value)" }
        return Array((covered + ["\"@signature-params\": \(parameters)"]).joined(separator: "\n").utf8)
    }
}
