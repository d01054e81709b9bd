import Casework
import FolderExchange
import Foundation
import Web

/// The laws of bodies and files: JSON, and tables.
enum FileLaws {
    /// What is read is JSON to the platform as well, and comes back.
    static func json(_ input: [UInt8]) throws(BrokenLaw) {
        guard let json = try? JSON(parsing: input) else { return }
        guard let text = try? JSONEncoder().encode(json) else {
            throw BrokenLaw(description: "what is read can be written")
        }
        try BrokenLaw.unless((try? JSON(parsing: Array(text))) == json, "a value comes back")
    }

    /// The bodies with which clerks and departments order a change of a case.
    static func order(_ input: [UInt8]) throws(BrokenLaw) {
        if let edit = try? EditOrder(input) {
            try BrokenLaw.unless((try? EditOrder(input)) == edit, "one body is one order")
            for (key, value) in edit.set {
                guard let field = FieldDictionary.standard.field(key) else { continue }
                guard let cbor = try? field.type.cbor(from: value) else { continue }
                try BrokenLaw.unless((try? field.type.json(from: cbor)) != nil, "what is written can be read")
            }
        }
        if let step = try? StepOrder(input) {
            try BrokenLaw.unless((try? StepOrder(input)) == step, "one body is one step")
        }
    }

    /// What is read and written is read as the same, by the reader of central's tables and by that of the folders.
    static func csv(_ input: [UInt8]) throws(BrokenLaw) {
        if var reader = try? CSVReader(input), let rows = try? reader.rows(), let first = rows.first {
            var writer = CSVWriter(columns: first)
            for row in rows.dropFirst() { writer.add(row) }
            var again = try? CSVReader(writer.bytes)
            try BrokenLaw.unless((try? again?.rows()) == rows, "a table comes back")
        }
        if let rows = try? CSV.read(input), !rows.isEmpty {
            let again = try? CSV.read(CSV.write(rows))
            try BrokenLaw.unless(again == rows, "a department's table comes back")
        }
    }

    /// A department's results: each row is a result or has its faults, in both formats.
    static func results(_ input: [UInt8]) throws(BrokenLaw) {
        for format in FolderFormat.allCases {
            guard let file = try? ResultFile(input, format) else { continue }
            for row in file.rows {
                try BrokenLaw.unless(
                    (row.result == nil) == !row.faults.isEmpty, "a row is a result or has faults")
            }
        }
    }
}
