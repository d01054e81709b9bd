import Casework
import Foundation
import Web

/// The commands about people who sign in, of both programs.
package enum UserCommands<Place: Site> {
    /// What an order of the API holds; what is nil stays as it is.
    private struct Order: Encodable, Sendable {
        var name: String?
        var displayName: String?
        var roles: [String]?
        var hospitals: [String]?
        var policies: [String]?
        var department: String?
        var isDisabled: Bool?
        var reason: String?
        var password: String?

        init() {}

        /// What an account is to be.
        init(particulars arguments: inout Arguments) {
            displayName = arguments.option("--display-name")
            roles = Self.some(arguments.options("--role"))
            hospitals = Self.some(arguments.options("--hospital"))
            policies = Self.some(arguments.options("--policy"))
            department = arguments.option("--department")
            reason = arguments.option("--reason")
        }

        /// `all` takes a limit back.
        private static func some(_ words: [String]) -> [String]? {
            words.isEmpty ? nil : words == ["all"] ? [] : words
        }
    }

    private static var particulars: Set<String> {
        ["--display-name", "--role", "--hospital", "--policy", "--department", "--reason"]
    }

    private static var common: Set<String> { ["--user", "--at"] }

    /// Of both programs: `user add`, `list`, `show`, `reset`, `disable`, `enable`, `sessions`.
    package static var all: [Command] {
        [add, list, show, reset, standing("disable", true), standing("enable", false), sessions]
    }

    /// Of central besides.
    package static var ofCentral: [Command] { [set, confirm] }

    private static var add: Command {
        Command(
            "user add", "NAME --role ROLE… [--display-name TEXT] \(PasswordInput.usage)",
            "add an account of somebody who signs in",
            discussion: """
                NAME: 2 to 32 lower-case letters, digits or . - _; changes name their author by it. ROLE at windows: clerk, issuer,
                supervisor, technician; at central: merger, officer, administrator, auditor, technician. A window itself adds
                clerks and issuers only; central confirms them later. At central --hospital CODE… and --policy ID… limit the
                account, and an officer has --department CODE.

                \(PasswordInput.discussion)
                """,
            valued: particulars.union(common).union(PasswordInput.valued)
        ) { arguments, console in
            let place = Place(&arguments)
            var order = Order(particulars: &arguments)
            order.name = try arguments.word("the account's name")
            let input = try PasswordInput(&arguments)
            let headers = Headers(saving: &arguments)
            try arguments.finish()
            order.password = try input.read()
            let made = order
            let answer = try await place.withEndpoint { endpoint in
                try await endpoint.call(.post, "/api/v1/accounts", headers: headers, json: made)
            }
            tell(answer, "added", place, console)
            return .ok
        }
    }

    private static func tell(_ answer: [UInt8], _ done: String, _ place: Place, _ console: Console) {
        console.show(answer, asJSON: place.isJSON) { json in
            let password = json["oneTimePassword"].word
            return ["\(json["name"].word): \(done)"]
                + (password.isEmpty ? [] : ["password for one time, told only now: \(password)"])
        }
    }

    private static var list: Command {
        Command(
            "user list", "[--at CODE] [--unconfirmed]", "list the accounts",
            discussion: """
                At central: its own, and those that windows' supervisors added or disabled and that wait for its word; with --at
                CODE those of one hospital's windows.
                """,
            valued: common
        ) { arguments, console in
            let place = Place(&arguments)
            var query = arguments.flag("--unconfirmed") ? ["unconfirmed=true"] : []
            if let code = arguments.option("--at") { query.append("hospital=\(pathSegment(code))") }
            try arguments.finish()
            let target = "/api/v1/accounts" + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
            let answer = try await place.withEndpoint { endpoint in try await endpoint.call(.get, target) }
            console.showList(answer, "accounts", asJSON: place.isJSON, empty: "no accounts", line)
            return .ok
        }
    }

    private static func line(_ account: [String: JSON]) -> String {
        let roles = account["roles"].entries.map(\.word).joined(separator: ",")
        let limits = (account["hospitals"].entries + account["policies"].entries).map(\.word)
        var parts = [account["name"].word, account["displayName"].word, roles]
        if !limits.isEmpty { parts.append(limits.joined(separator: ",")) }
        for (key, word) in [("department", "of "), ("hospital", "at ")] where !account[key].word.isEmpty {
            parts.append(word + account[key].word)
        }
        for (key, word) in [
            ("isDisabled", "disabled"), ("isUnconfirmed", "unconfirmed"),
            ("mustChangePassword", "first password"),
        ] where account[key] == .bool(true) { parts.append(word) }
        return parts.joined(separator: "  ")
    }

    private static func target(
        _ name: String, _ suffix: String = "", _ arguments: inout Arguments
    ) -> String {
        let query = arguments.option("--at").map { "?hospital=\(pathSegment($0))" } ?? ""
        return "/api/v1/accounts/\(pathSegment(name))\(suffix)\(query)"
    }

    private static var show: Command {
        Command("user show", "NAME [--at CODE]", "show an account", valued: common) { arguments, console in
            let place = Place(&arguments)
            let name = try arguments.word("the account's name")
            let target = target(name, "", &arguments)
            try arguments.finish()
            let answer = try await place.withEndpoint { endpoint in try await endpoint.call(.get, target) }
            console.show(answer, asJSON: place.isJSON) { [line($0)] }
            return .ok
        }
    }

    private static var reset: Command {
        Command(
            "user reset", "NAME [--at CODE] \(PasswordInput.usage)", "set another password for an account",
            discussion: PasswordInput.discussion, valued: common.union(PasswordInput.valued)
        ) { arguments, console in
            let place = Place(&arguments)
            let name = try arguments.word("the account's name")
            let target = target(name, "/password", &arguments)
            let input = try PasswordInput(&arguments)
            let headers = Headers(saving: &arguments)
            try arguments.finish()
            var order = Order()
            order.password = try input.read()
            let made = order
            let answer = try await place.withEndpoint { endpoint in
                try await endpoint.call(.post, target, headers: headers, json: made)
            }
            tell(
                answer, "the password was set; who is signed in with the old one is signed out", place,
                console)
            return .ok
        }
    }

    private static func standing(_ verb: String, _ isDisabled: Bool) -> Command {
        Command(
            "user \(verb)", "NAME [--at CODE] [--reason TEXT]",
            isDisabled ? "let somebody sign in no more" : "let somebody sign in again",
            valued: common.union(["--reason"])
        ) { arguments, console in
            let place = Place(&arguments)
            let name = try arguments.word("the account's name")
            let target = target(name, "", &arguments)
            var order = Order()
            (order.isDisabled, order.reason) = (isDisabled, arguments.option("--reason"))
            let headers = Headers(saving: &arguments)
            try arguments.finish()
            let made = order
            _ = try await place.withEndpoint { endpoint in
                try await endpoint.call(.patch, target, headers: headers, json: made)
            }
            console.print(place.isJSON ? "{}" : "\(name) is \(verb)d")
            return .ok
        }
    }

    private static var sessions: Command {
        Command(
            "user sessions", "NAME [--end]",
            "how often somebody is signed in here; with --end, sign them out",
            valued: common
        ) { arguments, console in
            let place = Place(&arguments)
            let name = try arguments.word("the account's name")
            let ends = arguments.flag("--end")
            try arguments.finish()
            let target = "/api/v1/accounts/\(pathSegment(name))/sessions"
            let answer = try await place.withEndpoint { endpoint in
                try await endpoint.call(ends ? .delete : .get, target)
            }
            if ends {
                console.print(place.isJSON ? "{}" : "\(name) is signed out")
            } else {
                console.show(answer, asJSON: place.isJSON) { ["\($0["sessions"].entries.count) sessions"] }
            }
            return .ok
        }
    }

    // MARK: Central's

    private static var set: Command {
        Command(
            "user set",
            "NAME [--display-name TEXT] [--role ROLE…] [--hospital CODE…] [--policy ID…] [--department CODE]",
            "change what an account is and may do",
            discussion: "What is not named stays; --hospital all and --policy all take a limit back.",
            valued: particulars.union(common)
        ) { arguments, console in
            try await change("changed", &arguments, console)
        }
    }

    private static var confirm: Command {
        Command(
            "user confirm", "NAME --at CODE",
            "say yes to an account that a window's supervisor added or disabled",
            discussion: "To say no: birthcentral user disable NAME --at CODE",
            valued: particulars.union(common)
        ) { arguments, console in
            try await change("confirmed", &arguments, console)
        }
    }

    private static func change(
        _ done: String, _ arguments: inout Arguments, _ console: Console
    ) async throws -> ExitStatus {
        let place = Place(&arguments)
        let name = try arguments.word("the account's name")
        let target = target(name, "", &arguments)
        let order = Order(particulars: &arguments)
        let headers = Headers(saving: &arguments)
        try arguments.finish()
        _ = try await place.withEndpoint { endpoint in
            try await endpoint.call(.patch, target, headers: headers, json: order)
        }
        console.print(place.isJSON ? "{}" : "\(name): \(done)")
        return .ok
    }
}
