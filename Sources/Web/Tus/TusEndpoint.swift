/// Answers tus requests: reads the head, asks the store, and says it in tus's headers.
package struct TusEndpoint<Store: TusStore>: Sendable {
    private let store: Store
    private let path: String

    /// - Parameter path: where uploads are made; an upload's own address is below it.
    package init(store: Store, path: String) { (self.store, self.path) = (store, path) }

    /// Adds the addresses.
    ///
    /// - Parameter access: what the router remembers of who may ask; the store itself sees to it.
    package func add(to router: inout Router, access: String? = nil) {
        let one = path + "/{name}"
        for method in [Method.post, .patch] { router.onStream(method, one, access: access, respond) }
        router.onStream(.post, path, access: access, respond)
        for (method, pattern) in [(Method.options, path), (.options, one), (.head, one), (.delete, one)] {
            router.on(method, pattern, access: access) { await respond(to: $0, RequestBody([])) }
        }
    }

    /// Answers one request; it throws nothing.
    package func respond(to request: Request, _ body: RequestBody) async -> Response {
        do throws(TusRefusal) {
            return try await answer(request, body)
        } catch { return error.response }
    }

    private func answer(_ request: Request, _ body: RequestBody) async throws(TusRefusal) -> Response {
        let name = request.parameters["name"]
        let command: TusCommand
        do throws(TusRefusal) {
            command = try TusCommand(request, isCollection: name == nil, lengthMax: store.lengthMax)
        } catch {
            // Who may do nothing here does not learn what is wrong with it either.
            if error != .version { _ = try await store.grant(for: request, name: name) }
            throw error
        }
        if command == .options { return options }
        let grant = try await store.grant(for: request, name: name)
        switch command {
        case .options: return options
        case .create(let length, let metadata, let part):
            return try await create(grant, length, metadata, part, body)
        case .offset: return offset(try await store.upload(grant))
        case .append(let part): return said(try await append(part, grant, body), status: 204)
        case .terminate:
            try await store.terminate(grant)
            return Response(status: 204, headers: ["Tus-Resumable": Tus.version])
        }
    }

    private var options: Response {
        Response(
            status: 204,
            headers: [
                "Tus-Resumable": Tus.version, "Tus-Version": Tus.version, "Tus-Extension": Tus.extensions,
                "Tus-Max-Size": "\(store.lengthMax)",
                "Tus-Checksum-Algorithm": TusChecksum.Algorithm.allCases.map(\.rawValue).joined(
                    separator: ","),
            ])
    }

    private func create(
        _ grant: Store.Grant, _ length: UInt64, _ metadata: String, _ part: TusCommand.Part?,
        _ body: RequestBody
    ) async throws(TusRefusal) -> Response {
        let name = try await store.create(grant, length: length, metadata: metadata)
        var upload = try await store.upload(grant)
        if let part {
            // What is there already is not sent twice into the same place: its bytes are left unread.
            if upload.offset == 0 { upload = try await append(part, grant, body) }
        }
        var response = said(upload, status: 201)
        if part == nil { response.headers["Upload-Offset"] = nil }
        response.headers["Location"] = "\(path)/\(name)"
        return response
    }

    private func offset(_ upload: TusUpload) -> Response {
        var response = said(upload, status: 200)
        response.headers["Upload-Length"] = "\(upload.length)"
        response.headers["Cache-Control"] = "no-store"
        if !upload.metadata.isEmpty { response.headers["Upload-Metadata"] = upload.metadata }
        return response
    }

    private func said(_ upload: TusUpload, status: Int) -> Response {
        var response = Response(
            status: status, headers: ["Tus-Resumable": Tus.version, "Upload-Offset": "\(upload.offset)"])
        if let expires = upload.expires { response.headers["Upload-Expires"] = Tus.date(expires) }
        return response
    }

    /// Takes the bytes of a request into an upload. Those that came before the connection broke are kept; those that
    /// have a checksum count together or not at all.
    private func append(
        _ part: TusCommand.Part, _ grant: Store.Grant, _ body: RequestBody
    ) async throws(TusRefusal) -> TusUpload {
        let upload = try await store.upload(grant)
        guard part.offset == upload.offset else { throw .offset }
        let room = upload.length - upload.offset
        guard part.count ?? 0 <= room else { throw .tooLarge(room) }
        if room == 0 { return upload }
        let writer = try await store.begin(grant, at: part.offset, isHeldBack: part.checksum != nil)
        do throws(TusRefusal) {
            let isRight = try await take(body, room, part.checksum, grant, writer)
            let upload = try await store.end(grant, writer: writer, keeping: isRight)
            guard isRight else { throw .checksum }
            return upload
        } catch {
            // What came in before the refusal stays, as far as the store can keep it.
            _ = try? await store.end(grant, writer: writer, keeping: part.checksum == nil)
            throw error
        }
    }

    /// Whether all that came may be kept.
    private func take(
        _ body: RequestBody, _ room: UInt64, _ checksum: TusChecksum?, _ grant: Store.Grant, _ writer: UInt64
    ) async throws(TusRefusal) -> Bool {
        var hasher = checksum.map { TusChecksum.Hasher($0.algorithm) }
        var left = room
        while true {
            let piece: [UInt8]?
            do throws(BodyError) { piece = try await body.next() } catch { return checksum == nil }
            guard let piece else { return hasher?.finish() == checksum?.bytes }
            guard UInt64(piece.count) <= left else { throw .tooLarge(room) }
            left -= UInt64(piece.count)
            hasher?.update(piece)
            try await store.append(piece, grant, writer: writer)
        }
    }
}
