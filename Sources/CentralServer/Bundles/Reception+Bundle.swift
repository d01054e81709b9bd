import SyncProtocol

/// Carrying out a message that came on a stick: late perhaps, or again, or before an earlier one.
extension Reception {
    /// Carries out a message of a bundle as an exchange, and keeps its answer for the bundle that goes back. A message that is
    /// older than what was heard of the device is carried out too, but sets nothing back.
    mutating func perform(_ place: BundlePlace) throws(CentralError) -> ExchangeResponse {
        bundle = place
        let transaction = ledger.transaction
        guard let current = try transaction.device(device.id), current.isRevoked == place.isDecided else {
            throw CentralError.refused(.unauthorised)
        }
        // A computer that is revoked gets nothing, and is waited for no more: its changes count, and no more of it.
        if place.isDecided {
            try carryOut(isNews: false)
            return response
        }
        let last = try transaction.contact(of: device.id)
        let isNews =
            last.map { $0.bundle == place.bundle || $0.sentMilliseconds < request.milliseconds } ?? true
        // A stick may have been long under way: only a clock that is ahead shows.
        let ahead = Int64(clamping: request.milliseconds) - Int64(clamping: ledger.milliseconds)
        if isNews {
            try noteContact(
                clockErrorMilliseconds: ahead > 0 ? ahead : last?.clockErrorMilliseconds ?? 0)
        }
        try carryOut(isNews: isNews)
        if isNews {
            var answer = response
            // Which of them are here is looked up when the answer goes back.
            answer.held = request.offers.map(\.hash)
            try transaction.keep(answer.encoded, to: place, of: device.id)
        }
        return response
    }
}
