package import Cryptography
import SyncProtocol

/// By what a shared database knows a key without having it: a code that only the key makes. Of a key of 256 random bits it
/// tells nothing.
package struct KeyMark: Hashable, Sendable {
    /// The key's file.
    package let name: String
    package let mark: Digest

    package init(name: String, mark: Digest) { (self.name, self.mark) = (name, mark) }

    init(name: String, key: SecretBytes) {
        let code = MessageAuthentication(key: key).code(Array("birthcentral key mark".utf8), Array(name.utf8))
        guard let mark = Digest(bytes: code) else { preconditionFailure("a code has 32 bytes") }
        self.init(name: name, mark: mark)
    }
}

extension SharingTransaction {
    /// Compares a process's keys with those of the first process that used the database; those that were never used are noted,
    /// if none is another.
    ///
    /// - Returns: the files whose keys are others.
    package func agree(on marks: [KeyMark]) throws(CentralError) -> [String] {
        var (others, news): ([String], [KeyMark]) = ([], [])
        for mark in marks {
            guard let known = try keyMark(mark.name) else {
                news.append(mark)
                continue
            }
            if known != mark { others.append(mark.name) }
        }
        guard others.isEmpty else { return others }
        for mark in news { try put(mark) }
        return []
    }
}
