import Accounts
import Casework
import SyncProtocol
import Web

/// Which hospitals' data a route touches: how somebody who works for some hospitals, or with some policies, is kept to them. A route
/// that says nothing of it touches everything, and is for those only who are not limited.
enum Reach: Hashable, Sendable {
    case everything
    /// What belongs to no hospital.
    case nothing
    /// The list of hospitals, which is filtered where it is made.
    case hospitals
    /// The hospital whose code is in the path.
    case hospital
    /// The hospital that the query names. Who works for one only need not name it.
    case query
    /// As ``query``, for a list that leaves out what is of other policies where it is made.
    case cases
    /// The case in the path.
    case `case`
    /// The two cases in the path.
    case pair
    /// The cases and the hospital that the body names: each as `caseID` in an object or in `cases`, and as `hospital`.
    case body
    /// The cases and hospitals that the fields of a form name, or the query: each as `case`, of which the first word counts, and as
    /// `hospital`.
    case form
}

extension CentralAPI {
    /// Keeps a request to what who asks may see. What is foreign is as unknown as what is not there.
    ///
    /// - Returns: the request, with the hospital in its query where there is but one.
    func confined(_ request: Request, to viewer: Viewer, _ reach: Reach) async throws(CentralError) -> Request
    {
        switch reach {
        case .nothing, .hospitals: break
        case .everything: try requireUnlimited(viewer)
        case .hospital:
            guard viewer.serves(hospital: try request.parameter("code")) else {
                throw CentralError.refused(.unknownHospital)
            }
        case .query:
            if viewer.policies != nil { try requireUnlimited(viewer) }
            return try confinedQuery(request, to: viewer)
        case .cases: return try confinedQuery(request, to: viewer)
        case .case: try await check([try request.caseID()], for: viewer)
        case .pair:
            try await check([try request.caseID("first"), try request.caseID("second")], for: viewer)
        case .body: try await checkBody(of: request, for: viewer)
        case .form: try await checkForm(of: request, for: viewer)
        }
        return request
    }

    private func requireUnlimited(_ viewer: Viewer) throws(CentralError) {
        guard viewer.hospitals == nil, viewer.policies == nil else {
            throw CentralError.refused(
                .notByContract(
                    Web.Problem(
                        status: 403, title: "您的账号只限部分医院或政策包",
                        detail: "This is about all hospitals.", remedy: "请由不限医院的同事办理。")))
        }
    }

    private func confinedQuery(_ request: Request, to viewer: Viewer) throws(CentralError) -> Request {
        guard let hospitals = viewer.hospitals else { return request }
        if let asked = request.query["hospital"] {
            guard hospitals.contains(asked) else { throw CentralError.refused(.unknownHospital) }
            return request
        }
        guard hospitals.count == 1, let only = hospitals.first else {
            throw CentralError.refused(
                .notByContract(
                    Web.Problem(
                        status: 422, title: "请选择医院",
                        detail: "您的账号只限：\(hospitals.sorted().joined(separator: "、"))",
                        remedy: "Say which: ?hospital=CODE")))
        }
        var request = request
        request.target +=
            (request.target.contains("?") ? "&" : "?") + "hospital=" + PercentCoding.encode(only)
        return request
    }

    /// - Throws: a refusal, as of a case that is unknown, for one that who asks may not see: of other hospitals or policies; the
    ///   record of central's own accounts; and, for anybody who signed in, the records of hospitals, with the passwords in them.
    func check(_ cases: [CaseID], for viewer: Viewer) async throws(CentralError) {
        guard !cases.contains(.staffRecord) else { throw CentralError.refused(.unknownCase) }
        guard viewer.account != nil else { return }
        for id in cases {
            let view = try await caseDesk.view(id)
            let isRecord = id == .centralRecord || books.casebook.hospitalIdentity(in: view.state) != nil
            let policies = view.state.texts("policyID", in: books.casebook.dictionary)
            let isServed =
                viewer.hospitals == nil || view.hospitals.contains { viewer.serves(hospital: $0.code) }
            guard !isRecord, isServed, policies.allSatisfy({ viewer.applies(policy: $0) }) else {
                throw CentralError.refused(.unknownCase)
            }
        }
    }

    private func checkBody(of request: Request, for viewer: Viewer) async throws(CentralError) {
        // What is no JSON is refused by its route.
        guard let json = try? JSON(parsing: request.body) else { return try requireUnlimited(viewer) }
        let named = Named(json)
        if viewer.hospitals != nil || viewer.policies != nil, named.isIncomplete {
            try requireUnlimited(viewer)
        }
        guard named.hospitals.allSatisfy({ viewer.serves(hospital: $0) }) else {
            throw CentralError.refused(.unknownHospital)
        }
        try await check(named.cases, for: viewer)
    }

    private func checkForm(of request: Request, for viewer: Viewer) async throws(CentralError) {
        let query = request.target.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
        let fields: FormFields
        do throws(Web.Problem) {
            fields =
                request.method == .get ? try FormFields(body: Array(query.utf8)) : try FormFields(request)
        } catch { throw CentralError.refused(.notByContract(error)) }
        let hospitals = fields.all("hospital").filter { !$0.isEmpty }
        let cases = fields.all("case").map { CaseID(String($0.prefix { $0 != " " })) }
        guard !cases.contains(nil) else { throw CentralError.refused(.unknownCase) }
        if hospitals.isEmpty, cases.isEmpty { try requireUnlimited(viewer) }
        guard hospitals.allSatisfy({ viewer.serves(hospital: $0) }) else {
            throw CentralError.refused(.unknownHospital)
        }
        try await check(cases.compactMap(\.self), for: viewer)
    }

    /// What a body names.
    private struct Named {
        private(set) var cases: [CaseID] = []
        private(set) var hospitals: [String] = []
        /// It may touch more than it names.
        private(set) var isIncomplete = false

        init(_ json: JSON) {
            guard let members = json.members else {
                isIncomplete = true
                return
            }
            if case .text(let code)? = members["hospital"] { hospitals.append(code) }
            take(members["cases"]?.entries ?? [])
            for (_, value) in members {
                for entry in value.entries {
                    guard let entry = entry.members else { continue }
                    take([entry["caseID"] ?? .null])
                }
            }
            if cases.isEmpty, hospitals.isEmpty { isIncomplete = true }
        }

        private mutating func take(_ values: [JSON]) {
            for value in values {
                if case .text(let text) = value, let id = CaseID(text) {
                    cases.append(id)
                } else {
                    isIncomplete = true
                }
            }
        }
    }
}
