import Accounts
import Casework
import Foundation
import Pages
import Web

extension WindowPages {
    /// What all pages have in common: where one is, what waits, how it stands with central, the second copy, clock and disk.
    func frame(for viewer: Viewer, _ request: Request) async throws -> Page.Frame {
        let (figures, enrolment, sync, link) = try await api.standing()
        var lights = WindowLights()
        lights.isEnrolled = enrolment != nil
        (lights.sentence, lights.isWaiting) = (link.sentence, figures.outbox + link.photos > 0)
        (lights.isFailing, lights.reason) = (sync.failures > 0, sync.lastReason)
        lights.copy = try await api.secondCopy?.status()
        lights.isClockDoubtful = figures.sync.isClockDoubtful
        lights.isDamaged = await api.store.damage != nil
        lights.freeBytes = freeBytes
        return Page.Frame(
            place: enrolment?.name ?? Self.nowhere, tabs: try await tabs(for: viewer, photos: link.photos),
            lights: try await lights.lights(sendNow: sendNow(viewer)) + contactLights(), day: day(),
            user: viewer.displayName, formToken: viewer.formToken,
            isLargeType: TypeSize.isLarge(request))
    }

    private static let nowhere = "尚未登记的窗口"

    /// The hospital's name.
    func place() async throws -> String { try await api.store.loadEnrolment()?.name ?? Self.nowhere }

    /// After 90 days without central, in red.
    func contactLights() async throws -> [Page.Light] {
        try await api.store.contactNotice().map { [Page.Light(.bad, $0.sentence)] } ?? []
    }

    /// What the people of this hospital are called.
    func people() async throws -> People {
        let accounts = try await api.store.accountBook()?.all ?? []
        return People(
            Dictionary(accounts.map { ($0.name, $0.displayName) }, uniquingKeysWith: { first, _ in first }))
    }

    /// Today, in words.
    func day() -> String { times.day }

    private var freeBytes: UInt64? {
        let folder = URL(filePath: api.store.path).deletingLastPathComponent().path
        // A file system that does not say is not warned of; a save that fails for want of room says so itself.
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: folder)
        return (attributes?[.systemFreeSize] as? NSNumber)?.uint64Value
    }

    /// The ways to the pages that this viewer may see, with what waits there.
    private func tabs(for viewer: Viewer, photos: Int) async throws -> [Page.Tab] {
        let counts = try await api.store.deskCounts()
        let all: [(Action, Page.Tab)] = [
            (.listCases, Page.Tab("办件", "/", count: counts.returned)),
            (.readStatus, Page.Tab("待发送", "/outbox", count: counts.outbox + photos)),
            (.readCase, Page.Tab("冲突与落选", "/differences", count: counts.disputed + counts.losses)),
            (.readStock, Page.Tab("证件库存", "/stock")),
            (.readStock, Page.Tab("交接登记", "/handovers")),
            (.readStatus, Page.Tab("网络与备份", "/link")),
            (.readStatus, Page.Tab("系统", "/system", count: counts.refused)),
            (.manageClerks, Page.Tab("账号", "/accounts")),
            (.readAudit, Page.Tab("审计", AuditView.address)),
        ]
        return all.filter { viewer.may($0.0) }.map(\.1)
    }

    private func sendNow(_ viewer: Viewer) -> HTML {
        guard viewer.may(.sendNow) else { return .empty }
        return """
            <form method="post" action="/send">\(FormToken.field(viewer.formToken))\
            <button class="quiet">立即发送</button></form>
            """
    }

    func addFrame(to router: inout Router) {
        gate.addFrame(to: &router)
        form(&router, "/send", .sendNow) { request, _, _ in
            guard try await api.store.loadEnrolment() != nil else { throw StoreError.notEnrolled }
            await api.exchanger.noteReachable()
            return SeeOther.back(request, otherwise: "/outbox")
        }
    }
}
