/// The memory that bodies of requests which are not answered yet may take together.
final class BodyBudget: Sendable {
    private let bytesMax: Int
    private let taken = Guarded(0)

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// Takes so many bytes, if there is room for them.
    func take(_ count: Int) -> Bool {
        taken.withLock { taken in
            guard count <= bytesMax - taken else { return false }
            taken += count
            return true
        }
    }

    func give(_ count: Int) { taken.withLock { $0 -= count } }
}
