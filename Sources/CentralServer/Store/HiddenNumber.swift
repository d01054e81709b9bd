import Casework
import Persistence

/// How a number that identifies a paper is stored: hidden, so that equal ones are found; a certificate's behind its first places, so
/// that the certificates of a range are found. 10,000 papers have these places in common: they tell of a delivery, and of no person.
enum HiddenNumber {
    private static let hiddenPlaces = 4
    /// Comes after the mark that ends the places.
    private static let end = ";"

    static func stored(_ number: CertificateNumber) -> SQLiteValue {
        .name(number.description, order: places(number))
    }

    static func stored(_ number: NumberRecord) -> SQLiteValue {
        guard number.kind == .certificate, let certificate = CertificateNumber(number.number) else {
            return .name(number.number, order: "")
        }
        return stored(certificate)
    }

    /// Bounds between which all numbers of a range are stored, and perhaps some more. One number alone is found by itself.
    static func bounds(
        _ first: CertificateNumber, _ last: CertificateNumber
    ) -> (SQLiteValue, SQLiteValue) {
        if first == last { return (stored(first), stored(first)) }
        return (floor(first), ceiling(last))
    }

    /// Comes before what is stored of a number and of those above.
    static func floor(_ number: CertificateNumber) -> SQLiteValue { .text(places(number)) }

    /// Comes after what is stored of a number and of those below.
    static func ceiling(_ number: CertificateNumber) -> SQLiteValue { .text(places(number) + end) }

    private static func places(_ number: CertificateNumber) -> String {
        String(number.description.dropLast(hiddenPlaces))
    }
}
