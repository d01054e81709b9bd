import Casework
import Cryptography
import SyncProtocol

/// The laws of what travels between window and central.
enum MessageLaws {
    /// There is one encoding of each value, and the three ways to read agree.
    static func cbor(_ input: [UInt8]) throws(BrokenLaw) {
        let value = try? CBOR(decoding: input)
        if let value {
            try BrokenLaw.unless(value.encoded == input, "a value has one encoding")
            try BrokenLaw.unless((try? CBOR(decoding: value.encoded)) == value, "a value comes back")
        }
        var reader = CBORReader(input)
        let item = try? reader.readEncodedItem(depthMax: Limits.valueDepthMax)
        if let item {
            try BrokenLaw.unless(input.starts(with: item), "an item is kept as it came")
            try BrokenLaw.unless((try? CBOR(decoding: item)) != nil, "what is skipped could be read")
        }
        try BrokenLaw.unless((value != nil) == (item?.count == input.count), "skipping reads as reading does")
    }

    /// A body is kept as it came; what decodes encodes again; the fold of it is the same both ways; its values are read or
    /// refused.
    static func change(_ input: [UInt8]) throws(BrokenLaw) {
        let replica = ReplicaID(rawValue: 0xA1A1_A1A1_A1A1_A1A1)
        guard let change = try? Change(replica: replica, sequence: 1, body: input) else { return }
        try BrokenLaw.unless(change.body == input, "a body is kept")
        var state = CaseState()
        _ = state.apply(change)
        let folded = CaseState(folding: [change, change])
        if change.content?.asides.isEmpty ?? true {
            try BrokenLaw.unless(state == folded, "one by one is as all at once")
        }
        let view = CaseView(id: change.caseID, state: folded, dictionary: .standard)
        _ = view.json
        guard let content = change.content else { return }
        try values(content)
        let again = try? Change(
            replica: replica, sequence: 1, caseID: change.caseID, edition: change.edition, content: content)
        try BrokenLaw.unless(
            again?.content == content, "content that was read can be written, and is the same")
        let isSmaller = (again?.body.count ?? 0) < input.count
        try BrokenLaw.unless(isSmaller || again?.body == input, "only what is not known is left out")
    }

    private static func values(_ content: ChangeContent) throws(BrokenLaw) {
        for (group, write) in content.writes {
            guard let group = FieldDictionary.standard[group] else { continue }
            for (field, value) in zip(group.members, write.value) {
                // An empty answer is none, and blanks at an end are left out: what is stored of it is what comes back.
                guard let json = try? field.type.json(from: value) else { continue }
                guard let stored = try? field.type.cbor(from: json), stored != .null else { continue }
                let shown = try? field.type.json(from: stored)
                let again = try? shown.map { try field.type.cbor(from: $0) }
                try BrokenLaw.unless(again == stored, "an answer comes back")
            }
        }
    }

    /// A message that is read can be written; nothing but what is not known is lost.
    static func exchange(_ input: [UInt8]) throws(BrokenLaw) {
        _ = try? ExchangeRequest.version(of: input)
        if var request = try? ExchangeRequest(decoding: input) {
            let isWhole = !request.pushes.contains { if case .unknown = $0 { true } else { false } }
            request.pushes.removeAll { if case .unknown = $0 { true } else { false } }
            let again = request.encoded
            try BrokenLaw.unless((try? ExchangeRequest(decoding: again)) == request, "a request comes back")
            try BrokenLaw.unless(
                again == input || again.count < input.count || !isWhole,
                "only what is not known is left out of a request")
        }
        if let response = try? ExchangeResponse(decoding: input) {
            let again = response.encoded
            try BrokenLaw.unless(
                (try? ExchangeResponse(decoding: again)) == response, "a response comes back")
            try BrokenLaw.unless(
                again == input || again.count < input.count,
                "only what is not known is left out of a response"
            )
        }
    }

    /// The messages of a verify come back.
    static func verify(_ input: [UInt8]) throws(BrokenLaw) {
        if let request = try? VerifyRequest(decoding: input) {
            let again = request.encoded
            try BrokenLaw.unless((try? VerifyRequest(decoding: again)) == request, "a question comes back")
            try BrokenLaw.unless(
                again == input || again.count < input.count, "only what is not known is left out")
        }
        if let response = try? VerifyResponse(decoding: input) {
            let again = response.encoded
            try BrokenLaw.unless((try? VerifyResponse(decoding: again)) == response, "an answer comes back")
            try BrokenLaw.unless(
                again == input || again.count < input.count, "only what is not known is left out")
        }
    }

    /// A bundle's header, and one item after the other as a reader takes them.
    static func bundle(_ input: [UInt8]) throws(BrokenLaw) {
        if let count = BundleHeader.byteCount(prefix: Array(input.prefix(BundleHeader.prefixByteCount))) {
            try BrokenLaw.unless(count <= Limits.bundleHeaderBytesMax, "a header is within its limit")
            let bytes = Array(input.dropFirst(BundleHeader.prefixByteCount).prefix(count))
            _ = try? BundleHeader.version(of: bytes)
            if let header = try? BundleHeader(decoding: bytes) {
                let start = header.start
                let again = Array(start.dropFirst(BundleHeader.prefixByteCount))
                try BrokenLaw.unless((try? BundleHeader(decoding: again)) == header, "a header comes back")
            }
        }
        var rest = input[...]
        while let head = BundleItem.head(Array(rest.prefix(BundleItem.headByteCount))) {
            rest = rest.dropFirst(BundleItem.headByteCount)
            guard rest.count >= head.byteCount else { return }
            let bytes = Array(rest.prefix(head.byteCount))
            rest = rest.dropFirst(head.byteCount)
            guard let item = try? BundleItem(kind: head.kind, decoding: bytes) else { return }
            if case .unknown = item { continue }
            let again = Array(item.encoded.dropFirst(BundleItem.headByteCount))
            try BrokenLaw.unless(
                (try? BundleItem(kind: head.kind, decoding: again)) == item, "an item comes back")
        }
    }

    /// The header of a second copy. Its own hash guards it, so the fuzzer's bytes get a right one.
    static func recovery(_ input: [UInt8]) throws(BrokenLaw) {
        _ = try? RecoveryHeader(decoding: input)
        let file = input + SHA256.hash(input).bytes
        guard let header = try? RecoveryHeader(decoding: file) else { return }
        try BrokenLaw.unless(header.encoded == file, "a header has one encoding")
    }
}
