/// The HTTP methods that are understood; any other is answered with 501.
package enum Method: String, Hashable, Sendable, CaseIterable, Comparable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
    case options = "OPTIONS"

    /// Orders methods by their names, for the `Allow` header.
    package static func < (left: Method, right: Method) -> Bool { left.rawValue < right.rawValue }
}
