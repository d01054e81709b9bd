import Testing

@testable import Web

@Suite("The client against servers that misbehave", .timeLimit(.minutes(1)))
struct HTTPClientTests {
    /// Lets a raw server answer one request of the client with this text, and then close.
    private func exchange(
        _ answer: String, _ adjust: @Sendable (inout HTTPClient.Configuration) -> Void = { _ in }
    ) async throws -> ClientResponse {
        let server = try RawServer()
        async let served: Void = server.serve { socket in
            _ = socket.receive()
            socket.send(answer)
        }
        let result: Result<ClientResponse, any Error>
        do {
            result = .success(try await client(port: server.port, adjust).send(ClientRequest(.get, "/")))
        } catch { result = .failure(error) }
        try await served
        return try result.get()
    }

    @Test("Nobody listens: unreachable")
    func reportsUnreachable() async throws {
        let port = try RawServer().port  // closed again at once
        await #expect(throws: ClientError.unreachable) {
            try await client(port: port).send(ClientRequest(.get, "/"))
        }
    }

    @Test("Somebody listens but takes no connection: unreachable, after the time to connect")
    func reportsSilence() async throws {
        let server = try RawServer(backlog: 0)
        // The kernel keeps one connection for a listener that accepts none, and ignores the next.
        try await rawClient(server.port) { _ in }
        await #expect(throws: ClientError.unreachable) {
            try await client(port: server.port) { $0.connectSecondsMax = 1 }.send(ClientRequest(.get, "/"))
        }
    }

    @Test("The page of a captive portal is an answer with its type; its redirect is not followed")
    func showsPortal() async throws {
        let page = try await exchange("HTTP/1.1 200 OK\r\nContent-Type: Text/HTML; a=b\r\n\r\n<h1>Pay</h1>")
        #expect(page.mediaType == "text/html" && page.body == Array("<h1>Pay</h1>".utf8))
        let redirect = try await exchange(
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
        #expect(redirect.status == 302 && redirect.headers["location"] == "http://127.0.0.1:1/")
    }

    @Test(
        "An answer that breaks off is cut",
        arguments: [
            "", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
        ])
    func reportsCut(answer: String) async throws {
        await #expect(throws: ClientError.cut) { try await exchange(answer) }
    }

    @Test(
        "An answer that is too large is refused, whether it says so or not",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n12345678901", "HTTP/1.1 200 OK\r\n\r\n12345678901",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 70_000) + "\r\n\r\n",
        ])
    func reportsTooLarge(answer: String) async throws {
        await #expect(throws: ClientError.tooLarge) {
            try await exchange(answer) { $0.responseBytesMax = 10 }
        }
    }

    @Test("An answer of just the bound is taken")
    func takesBound() async throws {
        let response = try await exchange("HTTP/1.1 200 OK\r\n\r\n1234567890") { $0.responseBytesMax = 10 }
        #expect(response.body.count == 10)
    }

    @Test("What answers in another language is not HTTP")
    func reportsNotHTTP() async throws {
        await #expect(throws: ClientError.notHTTP) { try await exchange("SSH-2.0-OpenSSH_9.2\r\n") }
    }

    @Test("What answers without TLS to a request that needs it")
    func reportsTLS() async throws {
        await #expect(throws: ClientError.tls(.noAgreement)) {
            try await exchange("HTTP/1.1 400 Bad Request\r\n\r\n") {
                $0.baseURL = $0.baseURL.replacing("http:", with: "https:")
            }
        }
    }

    @Test("A header that could write lines of its own is not sent")
    func refusesHeader() async throws {
        let request = ClientRequest(.get, "/", headers: ["A": "b\r\nC: d"])
        await #expect(throws: ClientError.other(code: 43)) { try await client(port: 1).send(request) }
    }

    @Test("A server that dribbles is too slow, or is timed out when slowness does not matter")
    func tellsTimeoutsApart() async throws {
        let patience: @Sendable (inout HTTPClient.Configuration) -> Void = {
            $0.lowSpeedSeconds = 1
            $0.lowSpeedBytesPerSecond = 1000
        }
        let deadline: @Sendable (inout HTTPClient.Configuration) -> Void = {
            $0.lowSpeedSeconds = 0
            $0.deadlineSeconds = 1
        }
        for (adjust, expected) in [(patience, ClientError.tooSlow), (deadline, .timedOut)] {
            let server = try RawServer()
            async let served: Void = server.serve { socket in
                _ = socket.receiveMessage()
                socket.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
                while !socket.isReadable(within: 50) { socket.send("x") }
            }
            await #expect(throws: expected) {
                try await client(port: server.port, adjust).send(ClientRequest(.get, "/"))
            }
            try await served
        }
    }

    @Test("Cancelling aborts the transfer at once, and the client can be used again")
    func cancels() async throws {
        let server = try RawServer()
        let client = client(port: server.port) { $0.lowSpeedSeconds = 0 }  // nothing else wakes libcurl
        let asked = Signal()
        let waiting = Task { try await client.send(ClientRequest(.get, "/")) }
        async let served: Bool = server.serve { socket in
            _ = socket.receiveMessage()
            // Until the timers of a new connection have run out, which would wake libcurl, too.
            _ = socket.isReadable(within: 500)
            Task { await asked.happen() }
            return socket.receive().isEmpty  // the end, because the client closed
        }
        await asked.wait()
        let taken = await ContinuousClock().measure {
            waiting.cancel()
            await #expect(throws: ClientError.cancelled) { try await waiting.value }
        }
        #expect(taken < .seconds(5))
        #expect(try await served)
        async let again: Void = server.serve { socket in
            _ = socket.receiveMessage()
            socket.send("HTTP/1.1 204 No Content\r\n\r\n")
        }
        #expect(try await client.send(ClientRequest(.get, "/")).status == 204)
        try await again
    }

    @Test(
        "The bytes counted are those that the server received and sent, heads and chunks included",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nA: b\r\n\r\n",
        ])
    func countsBytes(answer: String) async throws {
        let server = try RawServer()
        let client = client(port: server.port)
        async let received: [Int] = server.serve { socket in
            (0..<2).map { _ in
                let request = socket.receiveMessage()
                socket.send(answer)
                return request.utf8.count
            }
        }
        let body = [UInt8](repeating: 0x62, count: 3000)
        let first = try await client.send(ClientRequest(.put, "/a?b", headers: ["X-Empty": ""], body: body))
        let second = try await client.send(ClientRequest(.get, "/"))
        let counts = try await received
        #expect(first.body == Array("abc".utf8))
        #expect(
            first.traffic
                == Traffic(bytesUp: counts[0], bytesDown: answer.utf8.count, connectionsOpened: 1))
        #expect(second.traffic == Traffic(bytesUp: counts[1], bytesDown: answer.utf8.count))
        #expect(await client.traffic == first.traffic + second.traffic)
    }

    @Test("A request is never sent a second time when the kept connection turns out to be closed")
    func neverRepeats() async throws {
        let server = try RawServer()
        let client = client(port: server.port)
        async let received: String = server.serve { socket in
            _ = socket.receiveMessage()
            socket.send("HTTP/1.1 204 No Content\r\n\r\n")
            return socket.receiveMessage()  // and closes without an answer
        }
        #expect(try await client.send(ClientRequest(.get, "/")).status == 204)
        await #expect(throws: ClientError.cut) {
            try await client.send(ClientRequest(.post, "/", body: [0x61]))
        }
        #expect(try await received.hasPrefix("POST / HTTP/1.1\r\n"))
    }

    @Test("Every method is sent by its name, with the body that it has")
    func sendsMethods() async throws {
        let handler = Answering {
            .text("\($0.method) \($0.body.count) \($0.headers["Content-Type"] ?? "-")")
        }
        try await withServer(handler) { server in
            let client = client(port: server.port)
            for method in Method.allCases {
                let body: [UInt8] = [.post, .put, .patch].contains(method) ? [1, 2] : []
                let response = try await client.send(ClientRequest(method, "/", body: body))
                let text = method == .head ? "" : "\(method) \(body.count) -"
                #expect(String(decoding: response.body, as: UTF8.self) == text)
            }
            let empty = try await client.send(ClientRequest(.post, "/"))
            #expect(String(decoding: empty.body, as: UTF8.self) == "post 0 -")
            #expect(server.connectionCount == 1)
        }
    }

    @Test("An exchange with nothing new leaves most of its 1,000 bytes to the protocol")
    func isLean() async throws {
        try await withServer(echo) { server in
            let client = client(port: server.port)
            let request = ClientRequest(
                .post, "/sync/v1/exchange", headers: ["Content-Type": "application/x"], body: [1])
            _ = try await client.send(request)
            let traffic = try await client.send(request).traffic
            #expect(traffic.bytesUp + traffic.bytesDown < 400)
        }
    }
}
