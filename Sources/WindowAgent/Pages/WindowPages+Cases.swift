import Accounts
import Pages
import Web

extension WindowPages {
    /// The work list, a case with its sections, its decision, its papers and its items.
    func addCases(to router: inout Router) {
        page(&router, "/", .listCases, showList)
        form(&router, "/search", .listCases, search)
        page(&router, "/register", .editCase, choosePolicy)
        form(&router, "/register", .editCase, beginRegistration)
        page(&router, "/register/{draft}", .editCase, showRegistration)
        form(&router, "/register/{draft}", .editCase, register)
        // What its own author types; the save is recorded. Scripts call it at every change of a field.
        form(&router, "/register/{draft}/draft", .editCase, recorded: AuditRule.nothing, keepRegistration)
        form(&router, "/register/{draft}/removal", .editCase, dropRegistration)
        page(&router, "/cases/{id}", .readCase, showOverview)
        page(&router, "/cases/{id}/sections/{number}", .readCase, showSection)
        form(&router, "/cases/{id}/sections/{number}", .editCase, saveSection)
        form(
            &router, "/cases/{id}/sections/{number}/draft", .editCase, recorded: AuditRule.nothing,
            keepSection)
        form(&router, "/cases/{id}/sections/{number}/draft/removal", .editCase, dropSection)
        // A script asks every 4 seconds for a page whose reading is recorded.
        other(&router, .get, "/cases/{id}/news", .readCase, recorded: AuditRule.nothing, showNews)
        page(&router, "/cases/{id}/steps", .readCase, showSteps)
        form(&router, "/cases/{id}/steps", .decideCase, takeStep)
        form(&router, "/cases/{id}/certificate", .issueCertificate, issueCertificate)
        page(&router, "/cases/{id}/papers", .readCase, showPapers)
        other(&router, .get, "/cases/{id}/papers/{kind}", .printPaper, printPaper)
        page(&router, "/cases/{id}/history", .readCase, showHistory)
        addPaperStyle(to: &router)
    }
}
