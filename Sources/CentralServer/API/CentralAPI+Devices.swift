import Foundation
import SyncProtocol
import Web

extension CentralAPI {
    private struct DeviceShape: Encodable {
        let device: String
        let hospital: String
        let enrolledMilliseconds: UInt64
        let lastContactMilliseconds: UInt64?
        let isRevoked: Bool
        /// It has announced a key that it has not used yet.
        let isKeyChanging: Bool
        let twoPlacesCount: UInt64

        init(_ listed: Fleet.ListedDevice) {
            device = listed.device.id.description
            hospital = listed.hospitalCode
            enrolledMilliseconds = listed.device.enrolledMilliseconds
            lastContactMilliseconds = listed.lastContactMilliseconds
            isRevoked = listed.device.isRevoked
            isKeyChanging = listed.device.nextPublicKey != nil
            twoPlacesCount = listed.twoPlacesCount
        }
    }

    /// `GET /api/v1/devices?hospital=CODE`: all of them without a hospital.
    func listDevices(_ request: Request) async throws(CentralError) -> Response {
        try json(["devices": try await fleet.devices(of: request.query["hospital"]).map(DeviceShape.init)])
    }

    /// `DELETE /api/v1/devices/{id}`: takes away a computer's right.
    func revokeDevice(_ request: Request) async throws(CentralError) -> Response {
        guard let id = DeviceID(try request.parameter("id")) else {
            throw CentralError.refused(.unknownDevice)
        }
        try await fleet.revoke(id)
        return .noContent
    }

    private struct KeyBody: Decodable {
        let publicKey: Data
        let proof: Data
    }

    /// `POST /sync/v1/device-key`: signed with the present key, `{publicKey, proof}` of the next in Base64.
    func announceKey(_ request: Request) async throws(CentralError) -> Response {
        let admission = try await gate.admit(request)
        let body = try request.decoded(as: KeyBody.self)
        try await fleet.announce([UInt8](body.publicKey), proof: [UInt8](body.proof), by: admission)
        return .noContent
    }
}
