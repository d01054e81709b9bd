import SyncProtocol

extension Fleet {
    /// How a hospital fares, for the technician and the fleet view.
    struct Status: Sendable {
        struct Computer: Sendable {
            let device: DeviceRecord
            /// Nil if it never came.
            let contact: Contact?
        }

        let hospital: HospitalRecord
        /// The end of its feed.
        let position: UInt64
        let asideCount: Int
        let computers: [Computer]
        /// Nil if central never went back in time for it.
        let wentBack: AlarmRecord?

        /// Entries of the feed that a computer has not taken in yet, as far as is known.
        func lag(of computer: Computer) -> UInt64? {
            computer.contact.map { position - min(position, $0.cursor) }
        }
    }

    func status(of code: String) async throws(CentralError) -> Status {
        try await store.read { transaction throws(CentralError) in
            guard let hospital = try transaction.hospital(code: code) else {
                throw CentralError.refused(.unknownHospital)
            }
            var contacts: [DeviceID: Contact] = [:]
            for contact in try transaction.contacts(of: hospital.id) { contacts[contact.device] = contact }
            let computers = try transaction.devices(of: hospital.id).map {
                Status.Computer(device: $0, contact: contacts[$0.id])
            }
            return Status(
                hospital: hospital, position: try transaction.feedHead(of: hospital.id)?.position ?? 0,
                asideCount: try transaction.asideCount(in: hospital.id), computers: computers,
                wentBack: try transaction.alarm(
                    Alarm(kind: .wentBack, subject: hospital.id.description)))
        }
    }
}
