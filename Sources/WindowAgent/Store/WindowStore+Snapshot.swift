extension WindowStore {
    /// Takes over what another opening has in memory, as the second one of two virtual machines that were started from one snapshot
    /// does: both then write under one replica. Only a simulation does this on purpose.
    package func resume(as original: WindowStore) async { memory = await original.memory }
}
