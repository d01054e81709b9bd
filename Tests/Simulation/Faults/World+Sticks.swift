import Bundles
import Casework
import Cryptography
import Foundation
import SyncProtocol
import Web
import WindowAgent

/// A bundle in somebody's pocket.
struct Stick {
    let file: String
    /// The computer that it is for; nil: for central.
    let device: String?
}

/// Bundles on sticks: written at any moment, and taken at once, late, again, in another order, or never.
extension World {
    static let sticksMax = 16

    /// A window writes what waits.
    func exportAtWindow() async throws {
        let machine = machines[try anyMachine()]
        let stick = Stick(file: newName("stick-"), device: nil)
        guard let id = BundleID(bytes: machine.dice.bytes(BundleID.byteCount)) else { throw Broken("no ID") }
        let report = try await machine.bundles.export(BundleOrder(), as: id, to: disk.file(stick.file))
        note("export: \(machine.name) writes \(report.changes) on \(stick.file)")
        pocket(stick)
    }

    /// Central writes what a window lacks, or what a technician thinks that it lacks.
    func exportAtCentral() async throws {
        let machine = machines[try anyMachine()]
        let stick = Stick(file: newName("stick-"), device: machine.device.id)
        var order: [String: JSON] = ["device": .text(machine.device.id)]
        if random.chance(1, in: 5) { order["from"] = .number(.init(Int.random(in: 0..<20, using: &random))) }
        let bundle = try await central.exportBundle(.object(order))
        try Data(bundle).write(to: URL(fileURLWithPath: disk.file(stick.file)))
        note("export at central: for \(machine.name) on \(stick.file)")
        pocket(stick)
    }

    private func pocket(_ stick: Stick) {
        if sticks.count >= Self.sticksMax {
            disk.remove(sticks.remove(at: Int.random(in: 0..<sticks.count, using: &random)).file)
        }
        sticks.append(stick)
    }

    /// Somebody brings a stick to where it belongs, or to another computer.
    func importStick() async throws {
        guard let stick = sticks.randomElement(using: &random) else { return }
        guard let device = stick.device else { return try await importAtCentral(stick) }
        let isAstray = random.chance(1, in: 8)
        let here = present.filter { isAstray || machines[$0].device.id == device }
        guard let index = here.randomElement(using: &random) else { return }
        try await take(stick, at: index)
    }

    private func importAtCentral(_ stick: Stick) async throws {
        let isCut = random.chance(1, in: 10)
        note("import at central: \(stick.file)\(isCut ? ", the power goes" : "")")
        let logBytes = disk.logBytes(of: CentralSite.file)
        let bundle = [UInt8](try Data(contentsOf: URL(fileURLWithPath: disk.file(stick.file))))
        let upload = "\(random.next().hexadecimal)\(random.next().hexadecimal)"
        let answer = try await central.importBundle(bundle, as: upload)
        if answer.status != 200 { violate("central refuses \(stick.file): \(answer.status)") }
        if isCut { return try crashCentral(since: logBytes) }
        // Who brought it was told that it is there.
        for id in try await casesAtCentral() {
            central.held.formUnion(try await changesAtCentral(of: id).compactMap(Act.init))
        }
    }

    /// A stick that is not for now, or not for here, changes nothing.
    private func take(_ stick: Stick, at index: Int) async throws {
        let (machine, isCut) = (machines[index], random.chance(1, in: 10))
        let before = try await machine.store.figures()
        let logBytes = disk.logBytes(of: machine.file)
        var end = ""
        do throws(BundleError) {
            let report = try await machine.bundles.take(disk.file(stick.file), isDryRun: false)
            end = "\(report.received ?? 0) received, \(report.note ?? "")"
            if machine.device.id != stick.device { violate("\(machine.name) takes another's stick") }
        } catch {
            guard error.isOrderly else { throw error }
            end = "refused, \(error)"
            if try await machine.store.figures() != before {
                violate("\(machine.name): a refused stick moves it")
            }
        }
        note("import: \(machine.name) \(stick.file)\(isCut ? ", the power goes" : "") \(end)")
        if isCut { try await crash(index, since: logBytes) }
    }
}

extension BundleError {
    /// Whether another stick, or the network, helps.
    fileprivate var isOrderly: Bool {
        switch self {
        case .gap, .repairing, .otherReceiver: true
        default: false
        }
    }
}

extension Machine {
    fileprivate var bundles: WindowBundles {
        let (clock, key) = (clock, device.key)
        return WindowBundles(
            store: store, lane: nil, codec: BundleCodec(dictionary: device.dictionary),
            milliseconds: { clock.now }, key: { key })
    }
}

extension CentralSite {
    /// A bundle that central makes, as its command fetches it.
    fileprivate func exportBundle(_ order: JSON) async throws -> [UInt8] {
        let made = try await staff(.post, "/api/v1/bundles", order)
        guard made.status == 200, case .text(let id)? = try JSON(parsing: made.body).members?["id"] else {
            throw Broken("no bundle: \(made.status)")
        }
        let bundle = try await staff(.get, "/api/v1/bundles/\(id)?at=0")
        _ = try await staff(.delete, "/api/v1/bundles/\(id)")
        guard bundle.status == 200, bundle.body.count < BundleShelf.pieceBytesMax else {
            throw Broken("the bundle is not to be had: \(bundle.status)")
        }
        return bundle.body
    }

    /// What central answers to a bundle, as its command brings it.
    fileprivate func importBundle(_ bundle: [UInt8], as id: String) async throws -> Response {
        let brought = try await staff(.put, "/api/v1/bundles/\(id)?at=0", bytes: bundle)
        guard brought.status == 204 else { throw Broken("the bundle is not taken: \(brought.status)") }
        let answer = try await staff(
            .post, "/api/v1/bundles/\(id)/import", .object(["isDryRun": .bool(false)]))
        _ = try await staff(.delete, "/api/v1/bundles/\(id)")
        return answer
    }
}
