import Casework
import CentralServer
import Web

/// Cases that go to another hospital.
extension World {
    /// Staff give a case to a hospital that does not have it.
    func staffMoves() async throws {
        guard let id = try await anyCase() else { return }
        let open = try await openScopes(of: id)
        guard let target = hospitals.filter({ !open.contains($0.id) }).randomElement(using: &random) else {
            return
        }
        let user = newName("staff")
        let before = try await shown(id)
        let answer = try await central.staff(
            .post, "/api/v1/cases/\(id)/move",
            .object(["to": .text(target.code), "reason": .text("moved house")]), as: user)
        if answer.status != 201 { violate("a move was refused: \(answer.status)") }
        try await noteActed(user, on: id, seen: before, "move")
    }
}
