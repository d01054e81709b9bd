import SyncProtocol

extension CentralAPI {
    /// Holds an answer back that brings nothing, for as long as the request says; answers the one to give.
    ///
    /// What was asked is committed before: the signature's time, the nonce and the contact are those of the arrival.
    func hold(
        _ answer: ExchangeResponse, to arrival: Intake.Arrival
    ) async throws(CentralError) -> ExchangeResponse {
        let request = arrival.request
        guard let waitingRoom, let seconds = request.waitSeconds, seconds > 0, request.asksForNewsOnly,
            answer.bringsNothing
        else { return answer }
        let end = await waitingRoom.wait(
            for: request.hospital, beyond: answer.head.position, arrival.device.id, seconds: seconds)
        guard end == .news, !Task.isCancelled else {
            var held = answer
            held.milliseconds = environment.now()
            return held
        }
        return try await intake.exchange(arrival.again(at: environment.now()))
    }
}

extension Intake.Arrival {
    /// The same exchange, after it waited: nothing of it counts twice.
    fileprivate func again(at milliseconds: UInt64) -> Intake.Arrival {
        var again = Intake.Arrival(request: request, device: device, milliseconds: milliseconds)
        again.hasWaited = true
        return again
    }
}

extension ExchangeRequest {
    /// Whether its answer may wait for news.
    fileprivate var asksForNewsOnly: Bool {
        pushes.isEmpty && sums.isEmpty && wanted.isEmpty && offers.isEmpty && backupQuestions.isEmpty
            && !isRepair
    }
}

extension ExchangeResponse {
    /// Whether there is nothing in it that an agent could use at once.
    fileprivate var bringsNothing: Bool {
        entries.isEmpty && !hasMore && !isRepairNeeded && forks.isEmpty && unreadable.isEmpty
    }
}
