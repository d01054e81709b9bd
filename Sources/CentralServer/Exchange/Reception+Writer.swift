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
    func noteWriter(_ replica: ReplicaID, isNew: Bool) throws(CentralError) {
        guard var stored = try ledger.transaction.device(device.id) else { return }
        if !request.isRepair, !isNew, let last = stored.lastReplica, last != replica {
            try alarm(.twoPlaces, device.id.description)
        }
        let next = request.isRepair ? nil : replica
        guard stored.lastReplica != next else { return }
        stored.lastReplica = next
        try ledger.transaction.put(stored)
    }
}
