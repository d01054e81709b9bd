package import Foundation

/// One HTTP request over a connection of its own, for talking to a daemon as a page would.
package struct WebCall: Sendable {
    package struct Answer: Hashable, Sendable {
        package let status: Int
        package let body: Data
    }

    private let method: String
    private let target: String
    private let headers: [String: String]
    private let body: Data

    package init(_ method: String, _ target: String, headers: [String: String] = [:], body: Data = Data()) {
        (self.method, self.target, self.headers, self.body) = (method, target, headers, body)
    }

    /// Sends the request to a port of 127.0.0.1.
    ///
    /// - Returns: the answer; nil if the connection ended, or was silent for this long, before all of it was there: then
    ///   nobody knows what happened.
    /// - Throws: ``SocketError`` if nobody listens.
    package func send(to port: UInt16, waitSeconds: Int = 30) throws -> Answer? {
        let socket = try Socket.connected(
            to: try Address(host: "127.0.0.1", port: port), waitSeconds: waitSeconds)
        var rest = bytes(port: port)[...]
        do throws(SocketError) {
            while !rest.isEmpty { rest = rest.dropFirst(try socket.send(rest)) }
            var answer = Data()
            while let part = try socket.receive(bytesMax: 64 * 1024), !part.isEmpty {
                answer.append(contentsOf: part)
            }
            return Self.parse(answer)
        } catch {
            if error.code == ECONNRESET || error.code == EPIPE { return nil }
            throw error
        }
    }

    private func bytes(port: UInt16) -> [UInt8] {
        var head = "\(method) \(target) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n"
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) { head += "\(name): \(value)\r\n" }
        return Array("\(head)Content-Length: \(body.count)\r\n\r\n".utf8) + body
    }

    private static func parse(_ answer: Data) -> Answer? {
        guard let end = answer.firstRange(of: Data("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: answer[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let length = lines.first { $0.lowercased().hasPrefix("content-length:") }?.split(separator: " ").last
        let body = answer[end.upperBound...]
        guard let status = lines[0].split(separator: " ").dropFirst().first.flatMap({ Int($0) }),
            length.flatMap({ Int($0) }).map({ $0 == body.count }) ?? true
        else { return nil }
        return Answer(status: status, body: Data(body))
    }
}
