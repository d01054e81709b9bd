#if Postgres
    import CPostgres
    import Glibc
    import Persistence

    extension PostgresConnection {
        /// What was notified, waited for if nothing is there yet; empty if nothing comes in time.
        func notifications(withinMilliseconds limit: Int32) throws(DatabaseError) -> [String] {
            let found = try taken()
            if !found.isEmpty { return found }
            var entry = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            if poll(&entry, 1, limit) == 0 { return [] }
            return try taken()
        }

        private func taken() throws(DatabaseError) -> [String] {
            try consumeInput()
            var payloads: [String] = []
            while let payload = nextNotification() { payloads.append(payload) }
            return payloads
        }
    }
#endif
