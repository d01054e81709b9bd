/// What went wrong, as RFC 9457 writes it, with one more member: what the reader can do about it.
///
/// It goes to the other end as it is, so it names no patient and no inner part.
package struct Problem: Error, Hashable, Sendable, Codable {
    /// A URI that names the kind of problem; `about:blank` when the status says it all.
    package var type: String
    /// The kind in a few words, the same each time.
    package var title: String
    /// The HTTP status, from 400 to 599.
    package var status: Int
    /// This occurrence in a sentence.
    package var detail: String?
    /// What the reader can do now, in a sentence.
    package var remedy: String?

    /// A problem; what has no type of its own is told by its status.
    package init(
        status: Int, title: String, type: String = "about:blank", detail: String? = nil,
        remedy: String? = nil
    ) {
        self.type = type
        self.title = title
        self.status = status
        self.detail = detail
        self.remedy = remedy
    }

    /// The media type of a problem.
    package static let mediaType = "application/problem+json"

    /// What the other end is told about an error: a problem as it is, anything else without details.
    package init(of error: any Error) {
        self = error as? Problem ?? .internalError
    }
}

extension Problem {
    /// After how many seconds who was sent away for want of room may come again, if nothing better is known.
    package static let retrySeconds = 10

    /// The problem as an answer. A text that cannot be encoded leaves the status alone to speak.
    package var response: Response {
        let body = (try? Response.encode(self)) ?? []  // the status is the message that matters
        var response = Response.bytes(body, type: Problem.mediaType, status: status)
        if status == 429 || status == 503 { response.headers["Retry-After"] = "\(Problem.retrySeconds)" }
        return response
    }
}

/// The problems that this target itself finds.
extension Problem {
    static let notFound = Problem(status: 404, title: "There is nothing here")
    static let methodNotAllowed = Problem(status: 405, title: "This cannot be done here")
    static let internalError = Problem(status: 500, title: "The server failed")
    static let unknownMethod = Problem(status: 501, title: "The method is not known")
    static let unknownCoding = Problem(status: 501, title: "The transfer coding is not known")
    static let overdue = Problem(
        status: 503, title: "The server took too long", remedy: "Try again in a while.")
    static let stopping = Problem(
        status: 503, title: "The server is stopping", remedy: "Try again in a while.")

    static let crowded = Problem(
        status: 503, title: "Too much arrives at once", remedy: "Try again in a while.")

    static func malformed(_ detail: String) -> Problem {
        Problem(status: 400, title: "The request is malformed", detail: detail)
    }

    static func bodyTooLarge(bytesMax: Int) -> Problem {
        Problem(status: 413, title: "The body is too large", detail: "At most \(bytesMax) bytes are taken.")
    }

    static func targetTooLong(bytesMax: Int) -> Problem {
        Problem(status: 414, title: "The address is too long", detail: "At most \(bytesMax) bytes are taken.")
    }

    static func tooManyHeaders(countMax: Int) -> Problem {
        Problem(status: 431, title: "The head has too many lines", detail: "At most \(countMax) are taken.")
    }

    static func headersTooLarge(bytesMax: Int) -> Problem {
        Problem(status: 431, title: "The head is too large", detail: "At most \(bytesMax) bytes are taken.")
    }
}
