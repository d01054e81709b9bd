import Contract
import Testing
import Web

@testable import CentralServer

@Suite("One caller does not take central from the others")
struct RestraintTests {
    @Test("Who asks too often is told when to come again, is let in then, and the document says so")
    func rates() async throws {
        let world = try World()
        let staff = Token(world.environment)
        let router = world.api(for: staff).router { _, _ in }
        let headers: Headers = ["Authorization": "Bearer \(staff.text)"]
        let request = Request(.get, "/api/v1/hospitals", headers: headers)
        var letIn = 0
        while await router.respond(to: request).status == 200, letIn < 10_000 { letIn += 1 }
        #expect(letIn == Int(Restraint.staffRates.burst))
        let refusal = await router.respondByContract(to: request)
        #expect(refusal.status == 429 && refusal.headers["Retry-After"] == "1")
        // Whoever shows no token counts against nobody, and takes nobody's place.
        for _ in 0..<200 {
            #expect(await router.respond(to: Request(.get, "/api/v1/hospitals")).status == 401)
        }
        world.clock.withLock { $0 += 1000 }
        #expect(await router.respondByContract(to: request).status == 200)
    }

    @Test(
        "What costs much is done a few at a time; who has too many of them in hand is sent away, and others are not"
    )
    func turnstile() async throws {
        let restraint = Restraint(Restraint.staffRates)
        let (inside, isOpen) = (Guarded(0), Guarded(false))
        let refused = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<Restraint.costlyPerCallerMax + 5 {
                group.addTask {
                    do throws(CentralError) {
                        try await restraint.perform(by: "greedy") { () async throws(CentralError) in
                            inside.withLock { $0 += 1 }
                            while !isOpen.withLock({ $0 }) { await Task.yield() }
                        }
                        return false
                    } catch {
                        return error == .refused(.busy)
                    }
                }
            }
            // Those beyond its share come back at once.
            var refused = 0
            for _ in 0..<5 { if await group.next() == true { refused += 1 } }
            #expect(inside.withLock { $0 } <= Restraint.costlyMax)
            isOpen.withLock { $0 = true }
            for await isRefused in group where isRefused { refused += 1 }
            return refused
        }
        #expect(refused == 5)
        let answer = try await restraint.perform(by: "other") { () async throws(CentralError) in 1 }
        #expect(answer == 1)
    }
}
