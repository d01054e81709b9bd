/// Lets in so many at once to what costs much; a bounded number waits, each caller with few, and the rest are sent away.
package actor Turnstile {
    /// How many are inside at once.
    package let insideMax: Int
    /// How many wait.
    package let waitingMax: Int
    /// How many of one caller are inside or wait.
    package let perCallerMax: Int

    private var insideCount = 0
    private var countByCaller: [String: Int] = [:]
    private var waiting: [CheckedContinuation<Void, Never>] = []

    package init(insideMax: Int, waitingMax: Int, perCallerMax: Int) {
        (self.insideMax, self.waitingMax, self.perCallerMax) = (insideMax, waitingMax, perCallerMax)
    }

    /// Waits for a place. Whoever is let in calls ``leave(_:)``.
    ///
    /// - Returns: false if too many wait, or too many of this caller.
    package func enter(_ caller: String) async -> Bool {
        let own = countByCaller[caller, default: 0]
        guard own < perCallerMax, insideCount < insideMax || waiting.count < waitingMax else { return false }
        countByCaller[caller] = own + 1
        if insideCount < insideMax {
            insideCount += 1
        } else {
            // Whoever leaves hands over its place.
            await withCheckedContinuation { waiting.append($0) }
        }
        return true
    }

    package func leave(_ caller: String) {
        let own = countByCaller[caller, default: 1] - 1
        countByCaller[caller] = own > 0 ? own : nil
        if waiting.isEmpty { insideCount -= 1 } else { waiting.removeFirst().resume() }
    }
}
