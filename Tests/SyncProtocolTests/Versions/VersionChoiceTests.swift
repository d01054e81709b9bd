import Testing

@testable import SyncProtocol

@Suite("Which version of the protocol is spoken")
struct VersionChoiceTests {
    private static let epoch = Epoch(rawValue: 7)

    private func choice(_ spoken: ClosedRange<UInt64>, _ version: UInt64? = nil) -> VersionChoice {
        VersionChoice(
            spoken: spoken,
            agreement: version.map {
                VersionChoice.Agreement(version: $0, epoch: Self.epoch, software: "1", milliseconds: 1_000)
            })
    }

    @Test("It begins with the newest, and stays at what was agreed")
    func first() {
        #expect(choice(1...3).version(epoch: nil, software: "1", milliseconds: 0) == 3)
        #expect(choice(1...3, 2).version(epoch: Self.epoch, software: "1", milliseconds: 1_000) == 2)
    }

    @Test(
        "The newest is tried again after a day, under another epoch, by other software, and by a clock set back",
        arguments: [
            (Epoch(rawValue: 7), "1", 1_000 + VersionChoice.agreementMillisecondsMax),
            (Epoch(rawValue: 8), "1", 2_000), (Epoch(rawValue: 7), "2", 2_000),
            (Epoch(rawValue: 7), "1", 999),
        ])
    func again(epoch: Epoch, software: String, milliseconds: UInt64) {
        let version = choice(1...3, 2).version(epoch: epoch, software: software, milliseconds: milliseconds)
        #expect(version == 3)
    }

    @Test("A version that is not spoken any more is never asked in, whatever was agreed")
    func dropped() {
        #expect(choice(2...3, 1).version(epoch: Self.epoch, software: "1", milliseconds: 1_000) == 3)
        #expect(choice(1...2, 9).version(epoch: Self.epoch, software: "1", milliseconds: 1_000) == 2)
    }

    @Test("Both ends of all ranges find the newest in common, or see that there is none")
    func common() {
        for low in UInt64(1)...4 {
            for high in low...4 {
                for other in UInt64(1)...4 {
                    for otherHigh in other...4 {
                        let both = Set(low...high).intersection(other...otherHigh)
                        #expect(choice(low...high).common(with: Array(other...otherHigh)) == both.max())
                    }
                }
            }
        }
        #expect(choice(1...1).common(with: []) == nil)
    }

    @Test("The media type names kind, version and dictionary; parameters come in any order")
    func mediaType() {
        let message = SyncMessage.exchange
        #expect(message.mediaType(version: 1) == "application/vnd.birthwindow.exchange; v=1; d=1")
        #expect(SyncMessage.verify.mediaType(version: 12) == "application/vnd.birthwindow.verify; v=12; d=1")
        for version in [1, 2, UInt64.max] {
            #expect(message.version(in: message.mediaType(version: version)) == version)
        }
        #expect(message.version(in: "application/vnd.birthwindow.exchange;d=1;v=3;x=y") == 3)
        for wrong in [
            "", "application/vnd.birthwindow.verify; v=1; d=1", "application/vnd.birthwindow.exchange",
            "application/vnd.birthwindow.exchange; v=1", "application/vnd.birthwindow.exchange; v=1; d=2",
            "application/vnd.birthwindow.exchange; v=1; v=2; d=1",
            "application/vnd.birthwindow.exchange; v=-1; d=1", "application/vnd.birthwindow.exchange; v; d=1",
            "application/vnd.birthwindow.exchange; v=18446744073709551616; d=1",
            "application/vnd.birthwindow.exchange; v=1; d=1" + String(repeating: "; x=1", count: 9),
        ] {
            #expect(message.version(in: wrong) == nil, "\(wrong)")
        }
    }
}
