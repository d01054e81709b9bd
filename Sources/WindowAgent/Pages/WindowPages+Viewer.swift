import Accounts
import Web

extension WindowPages {
    /// Who asks. To be connected with the sessions of `Accounts`; until then nobody signs in here, and the one at the screen is the machine's.
    func viewer(of request: Request) async throws -> Viewer {
        Viewer(account: nil, name: "clerk", site: .window, formToken: "unsigned")
    }
}
