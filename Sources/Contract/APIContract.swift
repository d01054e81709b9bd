import Casework
package import Web

/// The contract of a JSON API: one OpenAPI 3.1 document, made of a part for each resource.
///
/// The document is not only told, it is kept: what a request may not hold by it is refused before anything is done
/// (``refusal(of:)``), and the tests hold every answer to it (``faults(in:to:)``). See docs/decisions/0024.
package struct APIContract: Sendable {
    /// The whole document, as `GET /api/v1/openapi.json` answers it.
    package let document: [UInt8]
    private let operations: [Place: Operation]

    /// A method and the pattern of a path.
    package struct Place: Hashable, Sendable, CustomStringConvertible {
        package let method: Web.Method
        package let path: String

        package init(_ method: Web.Method, _ path: String) { (self.method, self.path) = (method, path) }

        package var description: String { "\(method.rawValue) \(path)" }
    }

    /// Every place that the document describes.
    package var places: Set<Place> { Set(operations.keys) }

    /// Joins the parts of a document. The first one has what is said once: `openapi`, `info`, `security`.
    ///
    /// - Throws: the first thing that is wrong: a part that is no JSON, a name that two parts have, a reference to nothing, or a
    ///   keyword that nobody would check.
    package init(_ parts: [(name: String, bytes: [UInt8])]) throws(ContractError) {
        let root = try Self.join(parts)
        document = try Self.encode(root)
        let library = try ContractLibrary(root)
        var operations: [Place: Operation] = [:]
        for (path, item) in root["paths"]?.members ?? [:] {
            for method in Web.Method.allCases {
                guard let operation = item.members?[method.rawValue.lowercased()] else { continue }
                let place = Place(method, path)
                operations[place] = try Operation(
                    operation, item.members?["parameters"]?.entries ?? [], at: place, by: library)
            }
        }
        self.operations = operations
    }

    /// What is wrong with a request that was routed, as a problem of status 400, 404 (a name in the path
    /// that can name nothing) or 415; nil if nothing is. It quotes nothing
    /// of the request. A route that the document does not describe is not judged.
    package func refusal(of request: Request) -> Web.Problem? {
        operation(of: request)?.refusal(of: request)
    }

    /// In what an answer differs from what the document promises; empty if in nothing.
    package func faults(in response: Response, to request: Request) -> [String] {
        guard let operation = operation(of: request) else { return ["\(request.route) is not described"] }
        return operation.faults(in: response)
    }

    private func operation(of request: Request) -> Operation? {
        operations[Place(request.method == .head ? .get : request.method, request.route)]
    }
}

/// Why a document cannot be used: a mistake in the program, which its tests find.
package struct ContractError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
