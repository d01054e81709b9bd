import Casework
import Cryptography
import Foundation
import SealedWindow
import SyncProtocol
import Web
import WindowAgent

/// Hospitals, their computers and central: the real stores, on real files, in virtual time. One seed repeats all of it.
///
/// A step is one thing that somebody does or that goes wrong; ``Fault/all`` lists them. ``settle()`` then lets everybody
/// exchange until nothing is left to do, and ``judge()`` compares what there is with what was noted at every save.
final class World {
    static let machinesMax = 6

    let seed: UInt64
    var random: SeededGenerator
    let disk: Disk
    let time = VirtualTime()
    let central: CentralSite
    let centralClock: WallClock
    let dictionary: ZstandardDictionary
    var hospitals: [Hospital] = []
    var machines: [Machine] = []
    /// What happened, one line a step.
    var trace: [String] = []
    /// Laws that were broken.
    var violations: [String] = []
    /// How often each thing happened.
    var counts: [String: Int] = [:]
    let book = Book()
    /// What central's people last saw of each case.
    var deskPages: [CaseID: [GroupID: [Dot: Act]]] = [:]
    /// Requests that a slow network still carries.
    var lateRequests: [Request] = []
    /// Bundles that are carried about.
    var sticks: [Stick] = []
    private var names = 0

    init(seed: UInt64) async throws {
        self.seed = seed
        random = SeededGenerator(seed: seed)
        disk = try Disk()
        dictionary = try ZstandardDictionary(ExchangeDictionary.bytes)
        centralClock = WallClock(time)
        central = try CentralSite(disk: disk, clock: centralClock, dice: Dice(seed: random.next()))
        for index in 0..<Int.random(in: 2...3, using: &random) { try await addHospital(index) }
        try await central.backUp(to: newFile("central"), byProgram: false)
    }

    /// A name that nothing else has.
    func newName(_ stem: String) -> String {
        names += 1
        return "\(stem)\(names)"
    }

    func newFile(_ stem: String) -> String { newName(stem + "-") + ".sqlite" }

    func note(_ what: String) {
        trace.append("\(trace.count) \(what)")
        counts[String(what.prefix { $0 != ":" }), default: 0] += 1
    }

    func violate(_ what: String) { violations.append(what) }

    /// The computers that still run.
    var present: [Int] { machines.indices.filter { !machines[$0].isGone } }

    func anyMachine() throws -> Int {
        guard let index = present.randomElement(using: &random) else { throw Broken("no machine is left") }
        return index
    }

    // MARK: Setting up

    private func addHospital(_ index: Int) async throws {
        let code = "H\(index + 1)"
        let added = try await central.staff(
            .post, "/api/v1/hospitals",
            .object([
                "code": .text(code), "name": .text("Hospital \(code)"), "policies": .list([.text("gx")]),
            ]))
        guard added.status == 201 else { throw Broken("the hospital was not added: \(added.status)") }
        for _ in 0..<Int.random(in: 1...2, using: &random) { try await addMachine(code) }
    }

    private func addMachine(_ code: String) async throws {
        let issued = try await central.staff(.post, "/api/v1/hospitals/\(code)/enrolment-tokens")
        guard case .text(let token)? = try JSON(parsing: issued.body).members?["token"] else {
            throw Broken("no token")
        }
        let dice = Dice(seed: random.next())
        guard let key = Ed25519.SigningKey(seed: SecretBytes(dice.bytes(32))) else { throw Broken("no key") }
        let enrolled = try await central.respond(
            to: Request(
                .post, "/sync/v1/enrolment",
                body: Array(
                    #"{"token":"\#(token)","publicKey":"\#(Data(key.publicKey.bytes).base64EncodedString())","software":"1"}"#
                        .utf8)))
        guard let answer = try JSON(parsing: enrolled.body).members,
            case .text(let hospital)? = answer["hospital"],
            let record = CaseID(hospital), case .text(let id)? = answer["device"],
            let centralKey = Ed25519.PublicKey(bytes: Self.bytes(answer["centralKey"])),
            let recoveryKey = SealedBox.PublicKey(bytes: Self.bytes(answer["recoveryKey"]))
        else { throw Broken("not enrolled: \(enrolled.status)") }
        let place = Hospital(id: HospitalID(record: record), code: code)
        if !hospitals.contains(place) { hospitals.append(place) }
        let clock = WallClock(time)
        let file = newFile(code)
        let store = try open(file, clock, dice)
        try await store.enrol(
            Enrolment(
                hospital: place.id, code: code, name: "测试卫生院", device: id, central: "https://central.test",
                centralKey: centralKey, recoveryKey: recoveryKey))
        machines.append(
            Machine(
                name: newName("pc"), hospital: place,
                device: Device(id: id, key: key, dictionary: dictionary),
                clock: clock, dice: dice, file: file, store: store))
    }

    /// Of a text in Base64.
    private static func bytes(_ json: JSON?) -> [UInt8] {
        guard case .text(let text)? = json else { return [] }
        return [UInt8](Data(base64Encoded: text) ?? Data())
    }

    func open(_ file: String, _ clock: WallClock, _ dice: Dice) throws -> WindowStore {
        try WindowStore(
            path: disk.file(file), dictionary: .standard,
            environment: WindowStore.Environment(milliseconds: { clock.now }, random: { dice.next() }))
    }

    // MARK: Running

    /// Lets things happen, one after the other: some combination of them, which the seed chooses.
    func run(steps: Int) async throws {
        let faults = Fault.all.map { fault in
            (
                fault,
                fault.isWork
                    ? fault.weight : fault.weight * ([0, 0, 1, 4].randomElement(using: &random) ?? 0)
            )
        }
        let total = faults.reduce(0) { $0 + $1.1 }
        for _ in 0..<steps {
            time.pass(milliseconds: .random(in: 0...90_000, using: &random))
            var place = Int.random(in: 0..<total, using: &random)
            for (fault, weight) in faults {
                place -= weight
                if place < 0 {
                    try await fault.happen(self)
                    break
                }
            }
        }
    }
}
