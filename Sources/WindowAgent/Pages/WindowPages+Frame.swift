import Accounts
import Casework
import Pages

extension WindowPages {
    /// The hospital's name.
    func place() async throws -> String { try await api.store.loadEnrolment()?.name ?? "尚未登记的窗口" }

    /// The ways to the pages that this viewer may see, with what waits there.
    func tabs(for viewer: Viewer) async throws -> [Page.Tab] { [Page.Tab("办件", "/")] }

    /// How it stands with central, the second copy and the clock, in words.
    func lights(for viewer: Viewer) async throws -> [Page.Light] {
        try await contactLights()
    }

    /// After 90 days without central, in red.
    func contactLights() async throws -> [Page.Light] {
        try await api.store.contactNotice().map { [Page.Light(.bad, $0.sentence)] } ?? []
    }

    /// Today, in words.
    func day() async throws -> String { "" }
}
