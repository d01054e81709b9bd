package import Foundation

/// A county's own certificate authority, made by openssl in a folder for the time of a test.
package struct Authority: Sendable {
    package let folder: URL

    /// A certificate and its key, in PEM files.
    package struct Issued: Sendable {
        package let certificate: URL
        package let key: URL
    }

    /// Makes the folder's authority.
    package init(in folder: URL, name: String = "County") throws {
        self.folder = folder
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
            "ca.key",
            "-out", "ca.pem", "-days", "30", "-subj", "/CN=\(name)", "-addext",
            "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=keyCertSign")
    }

    /// What clients are to trust.
    package var certificate: URL { folder.appending(path: "ca.pem") }

    /// Issues a certificate.
    ///
    /// - Parameters:
    ///   - name: of the files, and the subject: by it a test tells certificates apart.
    ///   - hosts: as openssl's subjectAltName has them.
    ///   - days: from now; a negative number makes one that has expired.
    package func issue(
        _ name: String, for hosts: String = "IP:127.0.0.1,DNS:localhost", days: Int = 20
    ) throws -> Issued {
        try openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "\(name).key",
            "-out", "\(name).csr", "-subj", "/CN=\(name)", "-addext", "subjectAltName=\(hosts)")
        try openssl(
            "x509", "-req", "-in", "\(name).csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-days",
            "\(days)", "-copy_extensions", "copyall", "-out", "\(name).pem")
        return Issued(
            certificate: folder.appending(path: "\(name).pem"), key: folder.appending(path: "\(name).key"))
    }

    private func openssl(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        let complaint = Pipe()
        (process.standardError, process.standardOutput) = (complaint, FileHandle.nullDevice)
        try process.run()
        let text = complaint.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure("openssl \(arguments[0]): \(String(decoding: text, as: UTF8.self))")
        }
    }
}
