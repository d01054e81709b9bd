import Cryptography
import Foundation

/// A short name of an authority's certificate, which an enrolment token may carry: who has the token knows the authority.
package enum AuthorityFingerprint {
    /// 128 bits: nobody makes another certificate that fits.
    package static let digitCount = 32

    /// The first hexadecimal digits of SHA-256 over the first certificate (DER) in a PEM text; nil if there is none.
    package static func of(pem: String) -> String? {
        let (begin, end) = ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----")
        guard let start = pem.range(of: begin),
            let stop = pem.range(of: end, range: start.upperBound..<pem.endIndex),
            let der = Data(
                base64Encoded: String(pem[start.upperBound..<stop.lowerBound]),
                options: .ignoreUnknownCharacters),
            !der.isEmpty
        else { return nil }
        return String(SHA256.hash(Array(der)).bytes.hexadecimal.prefix(digitCount))
    }
}
