package import Bundles
import Foundation

/// `bundle export … TO`: has bundles made, and puts them on a stick.
package struct BundleExport: Sendable {
    private let stick: BundleStick

    package init(to path: String) throws(CommandError) { stick = try BundleStick(writingTo: path) }

    /// What was put on a stick.
    package struct Line: Encodable, Sendable {
        package let file: String?
        package let bundle: BundleReport
    }

    /// Has one bundle made and saves it.
    package func write(_ order: BundleOrder, from endpoint: Endpoint) async throws -> Line {
        let answer = try await endpoint.call(.post, "/api/v1/bundles", json: order)
        let report = try JSONDecoder().decode(BundleReport.self, from: Data(answer))
        if report.isEmpty == true { return Line(file: nil, bundle: report) }
        do {
            let file = try await stick.save(report.id, from: endpoint)
            // What stays goes at the next start.
            _ = try? await endpoint.call(.delete, "/api/v1/bundles/\(report.id)")
            return Line(file: file, bundle: report)
        } catch {
            _ = try? await endpoint.call(.delete, "/api/v1/bundles/\(report.id)")  // likewise
            throw error
        }
    }

    /// Tells what was written.
    package static func show(_ lines: [Line], on console: Console, asJSON: Bool) throws {
        if asJSON {
            return console.print(
                String(decoding: try JSONEncoder().encode(["bundles": lines]), as: UTF8.self))
        }
        if !lines.contains(where: { $0.file != nil }) {
            console.print("nothing new for anybody: nothing was written")
        }
        for line in lines {
            guard let file = line.file else { continue }
            let bundle = line.bundle
            var words = ["\(fileName(file))", "\(bundle.bytes) bytes", "\(bundle.changes) changes"]
            if bundle.photos > 0 { words.append("\(bundle.photos) photos") }
            if let left = bundle.photosLeft, left > 0 { words.append("\(left) photos did not go along") }
            if bundle.isRepair == true { words.append("everything again, for a repair") }
            console.print(words.joined(separator: "  ") + (bundle.note.map { "\n  \($0)" } ?? ""))
        }
    }

    /// Bytes as people write them: `64M`, `2G`, `1000000`. Nil for anything else.
    package static func bytes(_ text: String) -> UInt64? {
        let units: [Character: UInt64] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
        guard let unit = text.last.flatMap({ units[Character($0.uppercased())] }) else { return UInt64(text) }
        guard let number = UInt64(text.dropLast()) else { return nil }
        let (product, isOver) = number.multipliedReportingOverflow(by: unit)
        return isOver ? nil : product
    }
}
