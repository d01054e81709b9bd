import Cryptography
import Foundation
import SyncProtocol
package import Web

/// The addresses by which commands bring bundles to a program and fetch them: in pieces, so that neither side holds one in
/// memory.
package struct BundleRoutes: Sendable {
    package let party: any BundleParty
    package let shelf: BundleShelf

    package init(party: any BundleParty, shelf: BundleShelf) { (self.party, self.shelf) = (party, shelf) }

    /// What the contract of both ends says of these addresses.
    package static let contract = (name: "bundles.json", bytes: PackageResources.bundles_json)

    package typealias Action = @Sendable (Request) async throws -> Response

    /// Hands every route to whoever asks for the right token before it.
    package func add(to add: (Web.Method, String, @escaping Action) -> Void) {
        add(.get, "/api/v1/bundles", guarded(list))
        add(.post, "/api/v1/bundles", guarded(export))
        add(.get, "/api/v1/bundles/{id}", guarded(read))
        add(.put, "/api/v1/bundles/{id}", guarded(append))
        add(.delete, "/api/v1/bundles/{id}", guarded(remove))
        add(.post, "/api/v1/bundles/{id}/import", guarded(take))
    }

    /// What `GET /api/v1/bundles` answers.
    package struct List: Codable, Sendable {
        /// 64 hexadecimal digits, as headers name this receiver.
        package let addressee: String
        package let bundles: [BundleReport]
    }

    private func list(_ request: Request) async throws(BundleError) -> Response {
        let list = List(
            addressee: try await party.addressee().bytes.hexadecimal, bundles: try await party.bundles())
        return try json(list)
    }

    private func export(_ request: Request) async throws(BundleError) -> Response {
        try json(await export(try decoded(request)))
    }

    /// Makes a bundle and leaves it on the shelf; an empty one is not kept.
    package func export(_ order: BundleOrder) async throws(BundleError) -> BundleReport {
        guard let id = BundleID(bytes: SecureRandom.bytes(BundleID.byteCount)) else {
            preconditionFailure("a bundle's name has 16 bytes")
        }
        let path = try shelf.newPath(of: id)
        do throws(BundleError) {
            let report = try await party.export(order, as: id, to: path)
            if report.isEmpty == true { shelf.remove(id) }
            return report
        } catch {
            shelf.remove(id)
            throw error
        }
    }

    private func read(_ request: Request) async throws(BundleError) -> Response {
        .bytes(try shelf.read(try id(request), at: offset(request)), type: "application/octet-stream")
    }

    private func append(_ request: Request) async throws(BundleError) -> Response {
        try shelf.append(request.body, to: try id(request), at: offset(request))
        return .noContent
    }

    private func remove(_ request: Request) async throws(BundleError) -> Response {
        shelf.remove(try id(request))
        return .noContent
    }

    private func take(_ request: Request) async throws(BundleError) -> Response {
        let order: BundleImportOrder = try decoded(request)
        let path = shelf.path(of: try id(request))
        var report = try await party.take(path, isDryRun: order.isDryRun, despite: order.revoked)
        report.isDryRun = order.isDryRun
        return try json(report)
    }

    /// Takes a bundle that is here whole, and forgets the file.
    package func take(_ bytes: [UInt8]) async throws(BundleError) -> BundleReport {
        guard let id = BundleID(bytes: SecureRandom.bytes(BundleID.byteCount)) else {
            preconditionFailure("a bundle's name has 16 bytes")
        }
        defer { shelf.remove(id) }
        for start in stride(from: 0, to: bytes.count, by: BundleShelf.pieceBytesMax) {
            let piece = bytes[start..<min(bytes.count, start + BundleShelf.pieceBytesMax)]
            try shelf.append(Array(piece), to: id, at: UInt64(start))
        }
        return try await party.take(shelf.path(of: id), isDryRun: false)
    }

    private func id(_ request: Request) throws(BundleError) -> BundleID {
        guard let id = BundleID(request.parameters["id"] ?? "") else { throw .absent }
        return id
    }

    private func offset(_ request: Request) -> UInt64 { UInt64(request.query["at"] ?? "") ?? 0 }

    private func decoded<Body: Decodable>(_ request: Request) throws(BundleError) -> Body {
        do { return try JSONDecoder().decode(Body.self, from: Data(request.body)) } catch {
            throw .other(Problem(status: 400, title: "The order for a bundle cannot be read"))
        }
    }

    private func json(_ value: some Encodable) throws(BundleError) -> Response {
        do { return try .json(value) } catch { throw .disk }
    }

    private func guarded(
        _ body: @escaping @Sendable (Request) async throws(BundleError) -> Response
    ) -> Action {
        { request in
            do throws(BundleError) { return try await body(request) } catch { throw error.problem }
        }
    }
}
