import SyncProtocol
import Testing

@Suite("Version vectors")
struct VersionVectorTests {
    @Test("A vector holds exactly the dots put in, in any order", arguments: 0..<200)
    func holds(seed: Int) {
        var random = SeededGenerator(seed: seed)
        let dots = random.dots()
        let vector = VersionVector(dots)
        for dot in SeededGenerator.allDots {
            #expect(vector.contains(dot) == dots.contains(dot), "seed \(seed), \(dot)")
        }
        #expect(VersionVector(dots.shuffled(using: &random) + dots) == vector, "seed \(seed)")
        #expect(vector.isEmpty == dots.isEmpty)
    }

    @Test("A dot is new once", arguments: 0..<50)
    func insertion(seed: Int) {
        var random = SeededGenerator(seed: seed)
        var vector = VersionVector()
        for dot in Set(random.dots()) {
            let (isNew, isNewAgain) = (vector.insert(dot), vector.insert(dot))
            #expect(isNew && !isNewAgain, "seed \(seed)")
        }
        let takesZero = vector.insert(Dot(replica: ReplicaID(rawValue: 1), edition: 0))
        #expect(!takesZero)
    }

    @Test(
        "Union is the least vector that contains both: it commutes, associates and repeats harmlessly",
        arguments: 0..<200)
    func union(seed: Int) {
        var random = SeededGenerator(seed: seed)
        let (left, right, third) = (random.dots(), random.dots(), random.dots())
        let (a, b, c) = (VersionVector(left), VersionVector(right), VersionVector(third))
        #expect(a.union(b) == VersionVector(left + right), "seed \(seed)")
        #expect(a.union(b) == b.union(a), "seed \(seed)")
        #expect(a.union(b).union(c) == a.union(b.union(c)), "seed \(seed)")
        #expect(a.union(a) == a && a.union(VersionVector()) == a, "seed \(seed)")
    }

    @Test("It comes back from its bytes", arguments: 0..<200)
    func roundTrip(seed: Int) throws {
        var random = SeededGenerator(seed: seed)
        let vector = VersionVector(random.dots())
        #expect(try VersionVector.read(vector.encoded) == vector, "seed \(seed)")
    }

    @Test(
        "What is not in its one form is refused",
        arguments: [
            "[[h'0000000000000001', 0, []]]", "[[h'0000000000000001', 1, [2]]]",
            "[[h'0000000000000001', 1, [1]]]",
            "[[h'0000000000000001', 1, [5, 4]]]", "[[h'0000000000000001', 1, [4, 4]]]",
            "[[h'0000000000000002', 1, []], [h'0000000000000001', 1, []]]",
            "[[h'0000000000000001', 1, []], [h'0000000000000001', 2, []]]", "[[h'01', 1, []]]",
            "[[h'0000000000000001', 9223372036854775808, []]]",
            "[[h'0000000000000001', 18446744073709551615, [1]]]", "[[h'0000000000000001', 1]]",
        ])
    func refused(diagnostic: String) throws {
        let bytes = try DiagnosticParser.value(diagnostic).encoded
        #expect(throws: CBORError.self) { try VersionVector.read(bytes) }
    }

    @Test("The greatest edition overflows nothing")
    func greatestEdition() throws {
        let top = Limits.counterMax
        let vector = try VersionVector.read(
            DiagnosticParser.value("[[h'0000000000000001', \(top), []]]").encoded)
        var merged = VersionVector([Dot(replica: ReplicaID(rawValue: 1), edition: 3)])
        merged.formUnion(vector)
        #expect(merged == vector)
        var beyond = VersionVector([Dot(replica: ReplicaID(rawValue: 1), edition: .max)])
        beyond.formUnion(vector)
        #expect(beyond.contains(Dot(replica: ReplicaID(rawValue: 1), edition: .max)))
    }
}

extension SeededGenerator {
    static let allDots = (1...3).flatMap { replica in
        (1...8).map { Dot(replica: ReplicaID(rawValue: UInt64(replica)), edition: UInt64($0)) }
    }

    mutating func dots() -> [Dot] {
        let part = Int.random(in: 0...8, using: &self)
        return Self.allDots.filter { _ in chance(part, in: 8) }.shuffled(using: &self)
    }
}

extension VersionVector {
    init(_ dots: some Sequence<Dot>) {
        self.init()
        for dot in dots { insert(dot) }
    }

    func union(_ other: VersionVector) -> VersionVector {
        var union = self
        union.formUnion(other)
        return union
    }

    var encoded: [UInt8] {
        var writer = CBORWriter()
        writer.write(self)
        return writer.bytes
    }

    static func read(_ bytes: [UInt8]) throws -> VersionVector {
        var reader = CBORReader(bytes)
        let vector = try reader.readVersionVector()
        try reader.finish()
        return vector
    }
}
