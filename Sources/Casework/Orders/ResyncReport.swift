package import SyncProtocol

/// What a window says of an order, as a value of the group `resyncReport` in the hospital's record.
package struct ResyncReport: Hashable, Sendable {
    package enum Stage: String, Hashable, Sendable, Codable {
        /// It is here, and waits for its turn.
        case seen
        case underWay
        case done
        /// It cannot be carried out here; the note says why.
        case failed

        /// Whether nothing more is to come.
        package var isFinal: Bool { self == .done || self == .failed }
    }

    package let order: String
    /// The device.
    package let window: String
    package let stage: Stage
    package let figures: ResyncFigures
    /// In English, for the technician; no personal data.
    package let note: String?
    /// When it was written, milliseconds since 1970 by the window's clock.
    package let milliseconds: UInt64
    /// The dot of the value that says this; nil before it is written.
    package let dot: Dot?

    /// Characters of a note.
    package static let noteLongest = FieldType.textLongest

    package init(
        order: String, window: String, stage: Stage, figures: ResyncFigures = ResyncFigures(),
        note: String? = nil, milliseconds: UInt64 = 0
    ) {
        (self.order, self.window, self.stage, self.figures) = (order, window, stage, figures)
        self.note = note.map { String($0.prefix(Self.noteLongest)) }
        (self.milliseconds, dot) = (milliseconds, nil)
    }

    /// The value of the group, in the order of its members.
    package var value: [CBOR] {
        [.text(order), .text(window), .text(stage.rawValue)] + figures.values
            + [note.map(CBOR.text) ?? .null]
    }

    /// Nil for what cannot be read, or that no window wrote.
    init?(_ standing: Standing) {
        let value = standing.value
        guard standing.author.role == .window, let order = value.text(0), let window = value.text(1),
            let stage = value.text(2).flatMap(Stage.init)
        else { return nil }
        (self.order, self.window, self.stage) = (order, window, stage)
        figures = ResyncFigures(
            cases: value.number(3), differing: value.number(4), sent: value.number(5),
            received: value.number(6), remaining: value.number(7))
        note = value.text(8).map { String($0.prefix(Self.noteLongest)) }
        (milliseconds, dot) = (standing.time.milliseconds, standing.dot)
    }
}

/// What a resync came to, in numbers.
package struct ResyncFigures: Hashable, Sendable, Codable {
    /// Cases that it went through.
    package var cases = 0
    /// Of these, those that differed.
    package var differing = 0
    /// Changes that it brought to central.
    package var sent = 0
    /// Changes that it brought here.
    package var received = 0
    /// Cases that differ all the same.
    package var remaining = 0

    package init(
        cases: Int = 0, differing: Int = 0, sent: Int = 0, received: Int = 0, remaining: Int = 0
    ) {
        (self.cases, self.differing, self.sent) = (cases, differing, sent)
        (self.received, self.remaining) = (received, remaining)
    }

    fileprivate var values: [CBOR] {
        [cases, differing, sent, received, remaining].map { .unsigned(UInt64(max(0, $0))) }
    }

    /// In words.
    package var sentence: String {
        "\(differing) of \(cases) cases differed, \(sent) changes sent, \(received) received"
            + (remaining == 0 ? "" : ", \(remaining) cases still differ")
    }
}
