import Casework

/// A family with the children of one delivery, as one window writes them down.
struct Family {
    struct Child {
        var name: String?
        var sex: String
        /// Minutes since midnight.
        var minutes: Int
        var grams: Int?
    }

    var mother: (name: String, id: String?)
    var father: (name: String, id: String?)?
    var phone: String
    var day: CalendarDate
    var institution: String
    var plurality: String?
    var children: [Child]

    init(hospitals: Int, _ random: inout SplitMix) {
        let surname = NamePool.surname(&random)
        mother = (
            NamePool.surname(&random) + NamePool.given(.mother, &random), Self.id(isMale: false, &random)
        )
        father =
            Int.random(in: 0..<100, using: &random) < 4
            ? nil : (surname + NamePool.given(.father, &random), Self.id(isMale: true, &random))
        phone = "1" + Self.digits(10, &random)
        day = CalendarDate(year: 2025, month: 10, day: 1) ?? CalendarDate(milliseconds: 0)
        day = day.adding(days: Int.random(in: 0..<365, using: &random)) ?? day
        institution = "第\(Int.random(in: 1...hospitals, using: &random))人民医院"
        children = []
        fill(surname: surname, &random)
    }

    /// The same mother's next delivery.
    mutating func give(birthAfter days: Int, _ random: inout SplitMix) {
        day = day.adding(days: days) ?? day
        fill(surname: String((father?.name ?? mother.name).prefix(1)), &random)
    }

    private mutating func fill(surname: String, _ random: inout SplitMix) {
        let count = Int.random(in: 0..<1_000, using: &random) < 30 ? 2 : 1
        plurality = count > 1 ? "TWIN" : Int.random(in: 0..<100, using: &random) < 85 ? "SINGLE" : nil
        let minutes = Int.random(in: 0..<1_400, using: &random)
        let first = surname + NamePool.given(.child, &random)
        children = (0..<count).map { place in
            var child = Child(
                name: first, sex: Bool.random(using: &random) ? "1" : "2",
                minutes: minutes + place * Int.random(in: 0...20, using: &random),
                grams: Int.random(in: 2_000...4_300, using: &random) / 10 * 10)
            // Twins are often called alike: one character is the other's.
            if place > 0 { child.name = NamePool.mistyped(first, &random) }
            if Int.random(in: 0..<100, using: &random) < 8 { child.name = nil }
            return child
        }
    }

    /// As a second window writes it down: some of it is wrong, and some is missing.
    mutating func makeSlips(hospitals: Int, _ random: inout SplitMix) {
        func roll(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
        if roll(50) { institution = "第\(Int.random(in: 1...hospitals, using: &random))人民医院" }
        if roll(10) {
            mother.id = nil
        } else if roll(12) {
            mother.id = mother.id.map { Self.slip($0, &random) }
        }
        if roll(15) { mother.name = NamePool.misheard(mother.name, &random) ?? mother.name }
        if roll(5) { mother.name = NamePool.mistyped(mother.name, &random) }
        if roll(15) { father = nil }
        if roll(25) { phone = "1" + Self.digits(10, &random) }
        if roll(6) { day = day.adding(days: Bool.random(using: &random) ? 1 : -1) ?? day }
        if roll(3) { day = day.adding(days: 30) ?? day }
        if roll(20) { plurality = nil }
        for place in children.indices { slip(&children[place], &random) }
    }

    private func slip(_ child: inout Child, _ random: inout SplitMix) {
        func roll(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
        if roll(20) { child.name = child.name.map { NamePool.misheard($0, &random) ?? $0 } }
        if roll(8) { child.name = child.name.map { NamePool.mistyped($0, &random) } }
        if roll(15) { child.name = nil }
        if roll(10) { child.minutes = max(0, child.minutes + Int.random(in: -5...5, using: &random)) }
        if roll(10) { child.grams = nil }
        if roll(2) { child.sex = child.sex == "1" ? "2" : "1" }
    }

    func values(_ child: Child) -> [ChildTraits.Trait: Set<String>] {
        func some(_ text: String?) -> Set<String> { text.map { [$0] } ?? [] }
        let minutes = child.minutes % 1_440
        let time = [minutes / 60, minutes % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
        return [
            .childName: some(child.name), .sex: [child.sex], .birthDate: [day.description],
            .birthTime: [time],
            .weight: some(child.grams.map(String.init)), .plurality: some(plurality),
            .institution: [institution], .motherName: [mother.name], .motherID: some(mother.id),
            .fatherName: some(father?.name), .fatherID: some(father?.id), .phone: [phone],
        ]
    }

    /// A citizen ID number with its check character.
    private static func id(isMale: Bool, _ random: inout SplitMix) -> String {
        let county =
            ["450326", "450221", "450103", "340102", "230421"].randomElement(using: &random) ?? "450326"
        let birth = CalendarDate(
            milliseconds: 500_000_000_000 + UInt64.random(in: 0..<500_000_000_000, using: &random))
        let odd = Int.random(in: 0..<500, using: &random) * 2 + (isMale ? 1 : 0)
        let sequence = String(String(1_000 + odd).dropFirst())
        let head = county + birth.description.filter { $0 != "-" } + sequence
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
        let sum = zip(head, weights).reduce(0) { $0 + ($1.0.wholeNumberValue ?? 0) * $1.1 }
        return head + String(Array("10X98765432")[sum % 11])
    }

    private static func digits(_ count: Int, _ random: inout SplitMix) -> String {
        String((0..<count).map { _ in Character(String(Int.random(in: 0...9, using: &random))) })
    }

    /// One digit is another, or two neighbours have changed places.
    private static func slip(_ text: String, _ random: inout SplitMix) -> String {
        var characters = Array(text)
        let place = Int.random(in: 0..<(characters.count - 1), using: &random)
        if Bool.random(using: &random) {
            characters.swapAt(place, place + 1)
        } else {
            characters[place] = Character(String(Int.random(in: 0...9, using: &random)))
        }
        return String(characters)
    }
}
