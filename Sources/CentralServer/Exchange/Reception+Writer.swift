import SyncProtocol

/// Finding out that one device's key is in two places.
///
/// Every opening of a window's store writes with a replica of its own, and a window sends its changes in the order in which
/// they were saved. So once a later opening's replica has come, no earlier one grows any more, unless a second computer has
/// the same key: a copied disk. A repair sends in another order, and says nothing about this.
extension Reception {
    /// Notes that changes came that continue a replica.
    ///
    /// - Parameter isNew: it was not known before.
    mutating func noteWriter(_ replica: ReplicaID, isNew: Bool) throws(CentralError) {
        let last = device.lastReplica
        if !request.isRepair, !isNew, let last, last != replica {
            try alarm(.twoPlaces, device.id.description)
        }
        let next = request.isRepair ? nil : replica
        guard next != last else { return }
        // The device of an exchange that came in no signed request may be older than what is stored.
        guard var stored = try ledger.transaction.device(device.id) else { return }
        stored.lastReplica = next
        try ledger.transaction.put(stored)
        device.lastReplica = next
    }
}
