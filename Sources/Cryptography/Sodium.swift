import CSodium

/// libsodium, which has to be initialised before its random numbers, guarded memory and signatures are used.
enum Sodium {
    private static let isReady = sodium_init() >= 0  // 1 means: it was already

    /// Initialises it once per process, on whichever thread comes first.
    static func prepare() {
        // "sodium_init() … returns -1 if the library couldn't be initialized. It is not safe to use."
        precondition(isReady, "libsodium found no source of random numbers")
    }
}
