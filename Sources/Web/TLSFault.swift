import CCurl

/// Why there is no secure connection to a server.
package enum TLSFault: Hashable, Sendable, CustomStringConvertible {
    /// No trusted authority vouches for the certificate.
    case unknownAuthority
    /// The certificate's time is over, by this computer's clock.
    case expired
    /// The certificate's time has not come, by this computer's clock.
    case notYetValid
    /// The certificate is another host's.
    case otherHost
    /// The two found no version of TLS that both speak, or the other end speaks none.
    case noAgreement
    /// The file of the trusted authority cannot be used.
    case authorityFile
    /// Anything else that is wrong with the certificate, with OpenSSL's number.
    case badCertificate(verification: Int)

    /// What is wrong and what to do, for a technician.
    package var description: String {
        switch self {
        case .unknownAuthority:
            "The server's certificate does not come from the authority that is trusted here, so nothing was sent: check the "
                + "address, and that the authority's file is this server's (--authority F)."
        case .expired:
            "The server's certificate has expired by this computer's clock, so nothing was sent: if the clock is wrong, set it; "
                + "if it is right, the server needs a new certificate."
        case .notYetValid:
            "The server's certificate is not valid yet by this computer's clock, so nothing was sent: set the clock."
        case .otherHost:
            "The server's certificate is for another name, so nothing was sent: use the name or address that is in the certificate."
        case .noAgreement:
            "The server does not speak TLS 1.2 or 1.3 here: check address and port, and whether it serves plain HTTP or is too old."
        case .authorityFile:
            "The authority's file cannot be read or holds no certificate in PEM form: give it again with --authority F."
        case .badCertificate(let verification):
            "The server's certificate cannot be trusted (OpenSSL verification error \(verification)), so nothing was sent."
        }
    }

    /// Nil for codes that are not about TLS. A certificate's fault has OpenSSL's number (X509_V_ERR_…); libcurl compares the
    /// name itself: before it writes OpenSSL's number down, which is 1 until then.
    init?(code: CURLcode, verification: Int) {
        switch code {
        case CURLE_PEER_FAILED_VERIFICATION:
            switch verification {
            case 0, 1, 62, 64: self = .otherHost
            case 2, 18, 19, 20, 21: self = .unknownAuthority
            case 9: self = .notYetValid
            case 10: self = .expired
            default: self = .badCertificate(verification: verification)
            }
        case CURLE_SSL_CACERT_BADFILE: self = .authorityFile
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_USE_SSL_FAILED: self = .noAgreement
        case CURLE_SSL_CERTPROBLEM, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ENGINE_NOTFOUND,
            CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT,
            CURLE_SSL_SHUTDOWN_FAILED:
            self = .badCertificate(verification: verification)
        default: return nil
        }
    }
}
