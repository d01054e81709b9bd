import FaultyLink
import Foundation
import Programs

/// A day of three windows, from a morning with a network to the count in the evening.
struct Story {
    let narrator: Narrator
    var town: Town
    var tally = Tally()
    /// The cases by the number of their birth.
    var cases: [String: Registered] = [:]
    /// The departments' answers, as the commands that gave them.
    var results: [[String]] = []
    private let births: [String: Birth]

    struct Registered {
        let id: String
        let birth: Birth
        /// The window's place in the town.
        let window: Int
    }

    init(on stage: Stage, _ narrator: Narrator) throws {
        self.narrator = narrator
        births = try Birth.all()
        narrator.say("BirthWindow: three hospitals, one central, and a network that fails.")
        narrator.chapter(1, "Central and three hospitals 中心与三家医院")
        town = try Town(on: stage)
        town.describe(to: narrator)
        narrator.confirm("Each window is enrolled with a one-time token; its key never leaves its machine.")
    }

    mutating func tell() throws {
        try morning()
        try outage()
        try twoPeople()
        try powerFails()
        try networkReturns()
        try settle()
        try departmentsAnswer()
        try resultsArrive()
        try photograph()
        try resync()
        try count()
        for window in town.windows {
            try requireQuietly(window.daemon.stop(), "\(window.hospital.name)'s agent stops in good order")
        }
        try requireQuietly(town.centralDaemon.stop(), "central stops in good order")
        narrator.say("\nThe story took \(narrator.seconds) s. No process and no file is left of it.")
    }

    /// Registers a birth at the window whose hospital offers its policy.
    mutating func register(_ number: String) throws {
        guard let birth = births[number],
            let window = town.windows.firstIndex(where: { $0.hospital.policies.contains(birth.policy) })
        else { throw Failure("birth \(number) is missing, or no hospital offers its policy") }
        let answer = try town.windows[window].tool.run(
            "case", "new", "--policy", birth.policy, "--file", birth.file.path, "--user", "护士甲")
        tally.note(answer, by: town.windows[window].hospital.code)
        guard let first = answer["cases"].list.first else { throw Failure("no case was registered") }
        cases[number] = Registered(id: first["id"].text, birth: birth, window: window)
        let name = birth.childName.isEmpty ? "（未命名）" : birth.childName
        narrator.tell("\(first["number"].text)  \(birth.policy)  \(name)")
    }

    /// Saves answers of a case at its window.
    mutating func edit(_ number: String, _ answer: String, user: String = "护士甲", saveID: String? = nil) throws
    {
        let (registered, window) = try place(of: number)
        var command = ["case", "set", registered.id, answer, "--user", user]
        if let saveID { command += ["--save-id", saveID] }
        tally.note(try window.tool.run(command), by: window.hospital.code)
    }

    /// Saves answers of a case at central.
    mutating func editAtCentral(_ number: String, _ answer: String) throws {
        let (registered, _) = try place(of: number)
        let command = ["case", "set", registered.id, answer, "--user", "中心核对员", "--reason", "电话核对"]
        tally.note(try town.central.run(command), by: Tally.central)
    }

    /// Hands a case in and accepts it, as the rules of its region allow.
    mutating func accept(_ number: String) throws {
        for step in ["submit", "accept"] { try take(step, number) }
    }

    /// Takes a case one step further at its window.
    mutating func take(_ step: String, _ number: String) throws {
        let (registered, window) = try place(of: number)
        tally.note(
            try window.tool.run("case", step, registered.id, "--user", "护士长"), by: window.hospital.code)
    }

    func place(of number: String) throws -> (Registered, Window) {
        guard let registered = cases[number] else { throw Failure("birth \(number) was not registered") }
        return (registered, town.windows[registered.window])
    }

    /// How many of the registered cases central knows.
    func countAtCentral() throws -> Int {
        let known = Set(try town.central.run("case", "list")["cases"].list.map { $0["id"].text })
        return cases.values.count { known.contains($0.id) }
    }

    /// What stands in the evening if all is well; the story ends badly where it does not.
    func require(_ isSo: Bool, _ fact: String) throws {
        guard isSo else { throw Failure("this is not so: \(fact)") }
        narrator.confirm(fact)
    }
}

/// The saves that were answered. Whoever saves counts here, and not the programs that are to be checked.
struct Tally {
    static let central = "central"

    /// By who saved: a hospital's code, or central.
    private(set) var byAuthor: [String: Int] = [:]
    /// By the case's ID.
    private(set) var byCase: [String: Int] = [:]

    /// Counts what an answer says was saved: one change for each case that was changed.
    mutating func note(_ answer: Value, by author: String) {
        for saved in answer["cases"].list where saved["isChanged"] != .bool(false) {
            note(case: saved["id"].text, by: author)
        }
    }

    mutating func note(case id: String, by author: String) {
        byAuthor[author, default: 0] += 1
        byCase[id, default: 0] += 1
    }
}
