import Casework

/// A picture of a page of a paper, as a task names it.
package struct Picture: Hashable, Sendable {
    package let caseID: String
    package let item: String
    /// SHA-256 of the file, 64 hexadecimal digits.
    package let hash: String
    private let ending: String

    /// Bytes of one at most: of an attachment at central.
    static let byteCountMax = 20 << 20
    /// What the name of one that is not whole yet begins with, and that of one which central does not have yet.
    static let (prepared, wanted) = ("paper-", "wanted~")

    private static let endings = [
        "image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf",
    ]

    /// Its name in `papers`.
    var name: String { "\(hash).\(ending)" }

    /// What is remembered of it in `.state` while central does not have it.
    var wantedName: String { "\(Self.wanted)\(caseID)~\(item)~\(name)" }

    /// Reads ``wantedName``.
    init?(wantedName: String) {
        let parts = wantedName.split(separator: "~", omittingEmptySubsequences: false).map(String.init)
        let file = parts.last?.split(separator: ".").map(String.init) ?? []
        guard wantedName.hasPrefix(Self.wanted), parts.count == 4, file.count == 2 else { return nil }
        self.init(caseID: parts[1], item: parts[2], hash: file[0], ending: file[1])
    }

    private init?(caseID: String, item: String, hash: String, ending: String) {
        let isPlain = [caseID, item].allSatisfy { word in
            1...64 ~= word.utf8.count
                && word.unicodeScalars.allSatisfy {
                    $0.isASCII
                        && ($0.properties.isAlphabetic || $0.properties.numericType != nil || $0 == "-")
                }
        }
        guard isPlain, hash.utf8.count == 64,
            hash.utf8.allSatisfy({ 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 })
        else { return nil }
        (self.caseID, self.item, self.hash, self.ending) = (caseID, item, hash, ending)
    }

    /// Those that a task shows, each once.
    ///
    /// - Throws: ``FolderError/answer`` if one could not be a file's name.
    static func all(of task: JSON) throws(FolderError) -> [Picture] {
        let task = task.members ?? [:]
        var pictures: [Picture] = []
        for page in task["papers"].entries.flatMap({ ($0.members?["pages"]).entries }) {
            guard let page = page.members, let picture = Picture(page, of: task) else { throw .answer }
            if !pictures.contains(picture) { pictures.append(picture) }
        }
        return pictures
    }

    init?(_ page: [String: JSON], of task: [String: JSON]) {
        self.init(
            caseID: task["caseID"].word, item: task["item"].word, hash: page["hash"].word,
            ending: Self.endings[page["mediaType"].word] ?? "bin")
    }
}

extension TaskFile {
    /// A task whose pages name the files beside it.
    static func withFiles(_ task: JSON) -> JSON {
        guard var members = task.members else { return task }
        members["papers"] = .list(
            members["papers"].entries.map { paper in
                guard var paper = paper.members else { return paper }
                paper["pages"] = .list(
                    paper["pages"].entries.map { page in
                        guard var page = page.members, let picture = Picture(page, of: members) else {
                            return page
                        }
                        page["file"] = .text("\(FolderDisk.papers)/\(picture.name)")
                        return .object(page)
                    })
                return .object(paper)
            })
        return .object(members)
    }

    /// Files that a cell of a table names; a longer list would not be read back.
    private static let filesPerCellMax = 50

    static func files(_ row: [String: JSON]) -> String {
        // What cannot be a file's name was refused before.
        let names = ((try? Picture.all(of: .object(row))) ?? []).map(\.name)
        let shown = names.prefix(filesPerCellMax).joined(separator: "；")
        return names.count > filesPerCellMax ? shown + "；…" : shown
    }
}
