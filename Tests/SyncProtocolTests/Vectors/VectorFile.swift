import Foundation
import SyncProtocol
import Testing

/// A file of golden bytes in `SyncProtocol/Vectors`.
///
/// The tests make the vectors anew and compare them with the file, so that changed bytes fail. On purpose only:
/// `BIRTHWINDOW_WRITE_VECTORS=1 swift test --filter Vectors` writes the files.
enum VectorFile {
    static var isWriting: Bool { ProcessInfo.processInfo.environment["BIRTHWINDOW_WRITE_VECTORS"] == "1" }

    /// What the file holds, after a check that it is what the program makes.
    static func vectors<Vector: Codable & Equatable>(_ name: String, made: [Vector]) throws -> [Vector] {
        if isWriting { try write(made, name) }
        let vectors: [Vector] = try read(name)
        #expect(vectors.count == made.count, "\(name)")
        for (vector, made) in zip(vectors, made) { #expect(vector == made, "\(name)") }
        return vectors
    }

    static func read<Vector: Decodable>(_ name: String) throws -> [Vector] {
        let data = try Data(contentsOf: Repository.file("SyncProtocol/Vectors/\(name).json"))
        return try JSONDecoder().decode([Vector].self, from: data)
    }

    static func write(_ vectors: some Encodable, _ name: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(vectors) + Data("\n".utf8)
        try data.write(to: Repository.file("SyncProtocol/Vectors/\(name).json"))
    }
}

/// The bytes that a vector's digits stand for.
func bytes(_ hexadecimal: String) throws -> [UInt8] { try #require([UInt8](hexadecimal: hexadecimal)) }
