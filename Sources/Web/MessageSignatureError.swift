/// Why a request is not taken as signed. Quotes nothing of the request, so it may be logged.
package enum MessageSignatureError: Error, Hashable, Sendable {
    /// What of a request is looked at.
    package enum Part: String, Hashable, Sendable {
        case method = "@method"
        case path = "@path"
        case contentDigest = "content-digest"
        case signatureInput = "signature-input"
        case signature
    }

    /// The request lacks the field.
    case missing(Part)
    /// The part is longer than may be read.
    case tooLong(Part, byteCountMax: Int)
    /// The part is not of the form that the profile prescribes.
    case malformed(Part)
    /// The signature has a label other than `s`, or there are several.
    case unknownLabel
    /// The signature covers something that the profile does not know.
    case unknownComponent
    /// The signature has a parameter that the profile does not know, or another algorithm.
    case unknownParameter
    /// The signature lacks a parameter.
    case missingParameter(String)
    /// The part has to be covered by the signature and is not.
    case notCovered(Part)
    /// The key ID is not that of the key.
    case wrongKey
    /// The signature's own end has passed.
    case expired
    /// The signature was made too long ago, or in the future; by how many seconds, negative for the future.
    case tooFarInTime(seconds: Int64)
    /// The key did not sign this.
    case badSignature
}
