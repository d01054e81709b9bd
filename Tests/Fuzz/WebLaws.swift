import Cryptography
import SyncProtocol
import Web

/// The laws of what comes by HTTP.
enum WebLaws {
    private static let dictionary = try? ZstandardDictionary(ExchangeDictionary.bytes)

    /// Never more comes out than is taken; what comes out can be packed and comes out again.
    static func zstd(_ input: [UInt8]) throws(BrokenLaw) {
        let bytesMax = 256 << 10
        // One way for each input, so that there are more of them.
        let dictionary = (input.last ?? 0) & 1 == 1 ? dictionary : nil
        guard let bytes = try? Zstandard.decompress(input, dictionary: dictionary, bytesMax: bytesMax) else {
            return
        }
        try BrokenLaw.unless(bytes.count <= bytesMax, "no more comes out than is taken")
        guard bytes.count <= 4096 else { return }
        let frame = try? Zstandard.compress(bytes, dictionary: dictionary)
        let again = frame.flatMap {
            try? Zstandard.decompress($0, dictionary: dictionary, bytesMax: bytes.count)
        }
        try BrokenLaw.unless(again == bytes, "it can be packed again")
    }

    /// Lines: `Signature-Input`, `Signature`, `Content-Digest`, path. Nothing that the fuzzer makes is signed by the key.
    static func signature(_ input: [UInt8]) throws(BrokenLaw) {
        let lines = String(decoding: input, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let line = { (index: Int) in index < lines.count ? lines[index] : nil }
        let body = Array("body".utf8)
        if let digest = line(2) {
            let isRight = (try? ContentDigest.verify(digest, for: body)) != nil
            try BrokenLaw.unless(
                isRight == (digest == ContentDigest.field(for: body)), "a digest has one spelling")
        }
        guard let signature = try? MessageSignature(signatureInput: line(0), signature: line(1)) else {
            return
        }
        let parameters = signature.parameters
        try BrokenLaw.unless(
            MessageSignature.isWord(parameters.keyID) && MessageSignature.isWord(parameters.nonce),
            "a name is a word")
        try BrokenLaw.unless(
            Set(parameters.covered).count == parameters.covered.count, "a part is covered once")
        guard
            let components = try? MessageSignature.Components(
                method: "POST", path: line(3) ?? "/", contentDigest: line(2))
        else { return }
        let isAccepted: Void? = try? signature.verify(
            components, with: key.publicKey, keyID: parameters.keyID, now: parameters.created)
        try BrokenLaw.unless(isAccepted == nil, "nobody signs without the key")
    }

    private static let key = Ed25519.SigningKey()

    /// A head as text: method, then header lines.
    static func tus(_ input: [UInt8]) throws(BrokenLaw) {
        let lengthMax: UInt64 = 20 << 20
        let request = head(input)
        for isCollection in [true, false] {
            guard let command = try? TusCommand(request, isCollection: isCollection, lengthMax: lengthMax),
                case .create(let length, let metadata, _) = command
            else { continue }
            try BrokenLaw.unless(length <= lengthMax, "an upload is within its limit")
            try BrokenLaw.unless(metadata.utf8.count <= Tus.metadataByteCountMax, "so is its metadata")
        }
        if let wanted = ByteRange.wanted(by: request.headers, of: 1000, tag: "\"x\"") {
            try BrokenLaw.unless(
                wanted.range.lowerBound >= 0 && wanted.range.upperBound <= 1000 && !wanted.range.isEmpty,
                "a range lies in what there is")
        }
        _ = request.cookie("session")
    }

    private static func head(_ input: [UInt8]) -> Request {
        let lines = String(decoding: input, as: UTF8.self).split(separator: "\n").map(String.init)
        var request = Request(Method(rawValue: lines.first ?? "") ?? .patch, "/uploads/x")
        for line in lines.dropFirst() {
            let sides = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            request.headers.append(String(sides[0]), sides.count > 1 ? String(sides[1]) : "")
        }
        return request
    }

    /// What is decoded and encoded again is decoded to the same; no segment climbs or holds a control character.
    static func query(_ input: [UInt8]) throws(BrokenLaw) {
        let request = Request(.get, String(decoding: input, as: UTF8.self))
        for text in request.segments + request.query.flatMap({ [$0.key, $0.value] }) {
            try BrokenLaw.unless(
                text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "no control character comes out")
        }
        try BrokenLaw.unless(
            request.segments.allSatisfy { $0 != "." && $0 != ".." }, "no segment climbs")
        let path = "/" + request.segments.map(encoded).joined(separator: "/")
        let pairs = request.query.map { "\(encoded($0.key))=\(encoded($0.value))" }
        let again = Request(.get, path + "?" + pairs.joined(separator: "&"))
        try BrokenLaw.unless(again.query == request.query, "a query comes back")
        try BrokenLaw.unless(again.segments == request.segments, "a path comes back")
    }

    /// As for a query, with repeats and order kept.
    static func form(_ input: [UInt8]) throws(BrokenLaw) {
        guard let form = try? FormFields(body: input) else { return }
        try BrokenLaw.unless(form.fields.count <= FormFields.countMax, "fields are within their limit")
        let text = form.fields.map { "\(encoded($0.name))=\(encoded($0.value))" }.joined(separator: "&")
        // Encoded it is longer; that is no matter of this law.
        guard text.utf8.count <= FormFields.bytesMax else { return }
        try BrokenLaw.unless((try? FormFields(body: Array(text.utf8))) == form, "a form comes back")
    }

    /// The first line is the boundary.
    static func multipart(_ input: [UInt8]) throws(BrokenLaw) {
        let split = input.firstIndex(of: 10) ?? input.endIndex
        let boundary = String(decoding: input[..<split], as: UTF8.self)
        let body = Array(input[split...].dropFirst())
        let request = Request(
            .post, "/", headers: ["Content-Type": "multipart/form-data; boundary=\(boundary)"], body: body)
        guard let form = try? MultipartForm(request) else { return }
        try BrokenLaw.unless(form.parts.count <= MultipartForm.countMax, "parts are within their limit")
        try BrokenLaw.unless(
            form.parts.reduce(0) { $0 + $1.bytes.count } <= body.count, "no more comes out than goes in")
        _ = (form.fields, form.files)
    }

    private static func encoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
