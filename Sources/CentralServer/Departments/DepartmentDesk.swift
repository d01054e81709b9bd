import Casework
import SyncProtocol

/// Which departments there are, and by which token each comes in.
package struct DepartmentDesk: Sendable {
    /// How long the token before the present one is good, so that a change interrupts nobody: a day.
    static let oldTokenMilliseconds: UInt64 = 86_400_000

    let store: any CentralStore
    let books: Books
    let environment: Environment

    package init(store: any CentralStore, books: Books, environment: Environment) {
        self.store = store
        self.books = books
        self.environment = environment
    }

    /// Adds a department; answers its token, this once.
    func add(_ code: String, name: String) async throws(CentralError) -> Token {
        guard (1...Fleet.codeBytesMax).contains(code.utf8.count),
            (1...Fleet.nameBytesMax).contains(name.utf8.count)
        else { throw CentralError.refused(.malformed("Code or name is empty or too long.")) }
        let token = Token(environment)
        try await store.write { transaction throws(CentralError) in
            guard try transaction.department(code) == nil else { throw CentralError.refused(.taken) }
            try transaction.put(DepartmentRecord(code: code, name: name, tokenHash: token.hash))
        }
        return token
    }

    func departments() async throws(CentralError) -> [DepartmentRecord] {
        try await store.read { transaction throws(CentralError) in try transaction.departments() }
    }

    /// Gives a department a new token, and lets it in again if it was disabled. The token before goes on being good for a day, unless
    /// the department was disabled.
    func renewToken(of code: String) async throws(CentralError) -> Token {
        let (token, now) = (Token(environment), environment.now())
        try await store.write { transaction throws(CentralError) in
            guard var department = try transaction.department(code) else {
                throw CentralError.refused(.unknownDepartment)
            }
            department.oldHash = department.isDisabled ? [] : department.tokenHash
            department.oldUntil = now + Self.oldTokenMilliseconds
            (department.tokenHash, department.isDisabled) = (token.hash, false)
            try transaction.put(department)
        }
        return token
    }

    /// Refuses all its tokens, at once.
    func disable(_ code: String) async throws(CentralError) {
        try await store.write { transaction throws(CentralError) in
            guard var department = try transaction.department(code) else {
                throw CentralError.refused(.unknownDepartment)
            }
            (department.isDisabled, department.oldHash) = (true, [])
            try transaction.put(department)
        }
    }

    /// Refuses all tokens but the department's own; an unknown or disabled department looks like a wrong token.
    func authorise(_ presented: String?, for code: String) async throws(CentralError) {
        let department = try await store.read { transaction throws(CentralError) in
            try transaction.department(code)
        }
        guard let presented, let token = Token(presented: presented) else {
            throw CentralError.refused(.unauthorised)
        }
        let isOwn = token.matches(department?.tokenHash ?? [UInt8](repeating: 0, count: 32))
        let isOld = token.matches(department?.oldHash ?? []) && environment.now() < department?.oldUntil ?? 0
        guard isOwn || isOld, department?.isDisabled == false else {
            throw CentralError.refused(.unauthorised)
        }
    }
}
