import Accounts
import Pages
import Web

extension WindowPages {
    /// Signing in and out, the own password, and the people of this window.
    func addAccounts(to router: inout Router) {
        SignInPages(api.signIn) { viewer, request in
            if let viewer, !(viewer.account?.mustChangePassword ?? false) {
                return try await frame(for: viewer, request)
            }
            return Page.Frame(
                place: try await place(), tabs: [], lights: try await contactLights(), day: day(),
                user: viewer?.displayName, formToken: viewer?.formToken ?? "",
                isLargeType: TypeSize.isLarge(request))
        }.add(to: &router)
        AccountPages(AccountDesk(api.signIn), frame: { try await frame(for: $0, $1) }, choices: { .init() })
            .add(
                managedBy: .manageClerks, page: { page(&router, $0, $1, $2) },
                form: { form(&router, $0, $1, $2) })
    }
}
