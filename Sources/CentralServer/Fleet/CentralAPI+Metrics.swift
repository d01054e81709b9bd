import Accounts
import Casework
import SyncProtocol
import Web

/// `GET /metrics`: Prometheus' text, without anything personal. Hospitals are named by their codes.
extension CentralAPI {
    private static let help = [
        "birthcentral_requests_total": "Answers by route and status since the start.",
        "birthcentral_request_seconds": "Time to make an answer; exchanges that wait for news included.",
        "birthcentral_exchange_seconds": "Time to carry out an exchange and commit it.",
        "birthcentral_changes_pushed_total": "Changes that exchanges brought, repeats included.",
        "birthcentral_refusals_total": "Requests that were refused, by kind.",
    ]

    /// Adds the address; for staff, and for whoever asks from this machine.
    func addMetrics(to router: inout Router) {
        let permit = Permit.local(.readFleet)
        add(.get, "/metrics", permit, to: &router) { request throws(CentralError) in
            if !Loopback.contains(host: request.remoteAddress) {
                _ = try await admitted(request, permit, .everything)
            }
            return try await showMetrics()
        }
    }

    private func showMetrics() async throws(CentralError) -> Response {
        var text = MetricsText()
        metrics.write(to: &text, help: Self.help)
        try await writeFleet(to: &text)
        try await writeQueues(to: &text)
        if let status = try await backupStatus() {
            let made = status.verified.map { Double($0.madeMilliseconds) / 1000 } ?? 0
            text.gauge(
                "birthcentral_verified_backup_timestamp_seconds",
                "When the last verified backup was made; 0: never.",
                made)
            text.gauge(
                "birthcentral_backup_failed", "1 if the last try to make a backup failed.",
                status.fault == nil ? 0 : 1)
        }
        if let bytes = storeBytes() {
            text.gauge(
                "birthcentral_database_bytes", "Bytes of the database and its log on the disk.", Double(bytes)
            )
        }
        text.gauge(
            "birthcentral_exchanges_queued", "Exchanges that wait for the commit under way.",
            Double(await intake.waitingCount))
        return text.response
    }

    private func writeFleet(to text: inout MetricsText) async throws(CentralError) {
        let now = environment.now()
        let rows = try await store.read { transaction throws(CentralError) in
            var rows: [(code: String, position: UInt64, contact: Contact?)] = []
            for hospital in try transaction.hospitals() {
                let latest = try transaction.contacts(of: hospital.id).max {
                    $0.milliseconds < $1.milliseconds
                }
                rows.append((hospital.code, try transaction.feedHead(of: hospital.id)?.position ?? 0, latest))
            }
            return rows
        }
        func family(_ name: String, _ help: String, _ value: (UInt64, Contact) -> Double?) {
            text.begin(name, .gauge, help)
            for row in rows {
                guard let contact = row.contact, let number = value(row.position, contact) else { continue }
                text.add(name, [MetricLabel("hospital", row.code)], number)
            }
        }
        text.begin("birthcentral_feed_position", .gauge, "The end of a hospital's feed.")
        for row in rows {
            text.add("birthcentral_feed_position", [MetricLabel("hospital", row.code)], Double(row.position))
        }
        family("birthcentral_lag_entries", "Entries that the computer heard last had not taken in.") {
            Double($0 - min($0, $1.cursor))
        }
        family("birthcentral_outbox_changes", "Unconfirmed changes as it reported.") {
            $1.report.map { Double($0.outboxCount) }
        }
        family("birthcentral_silent_seconds", "Seconds since a hospital was heard.") {
            Double(now - min(now, $1.milliseconds)) / 1000
        }
        family("birthcentral_clock_error_seconds", "Its clock less central's.") {
            Double($1.clockErrorMilliseconds) / 1000
        }
    }

    private func writeQueues(to text: inout MetricsText) async throws(CentralError) {
        let today = CalendarDate(milliseconds: environment.now()).dayNumber
        let (sizes, late, alarms) = try await store.read { transaction throws(CentralError) in
            (
                try transaction.queueSizes(),
                try transaction.openItemCounts(through: today - 1, lateBefore: today),
                try transaction.alarms(countMax: FleetDesk.alarmsMax)
            )
        }
        text.gauge("birthcentral_changes", "Changes in the log.", Double(sizes.changes))
        text.begin("birthcentral_queue_size", .gauge, "What waits for central's people.")
        for (queue, size) in [
            ("asides", sizes.asides), ("attachments-lacking", sizes.wants), ("conflicts", sizes.conflicts),
            ("unreadable", sizes.unreadable), ("waiting", sizes.waiting),
        ] { text.add("birthcentral_queue_size", [MetricLabel("queue", queue)], Double(size)) }
        text.begin("birthcentral_late_items", .gauge, "Items whose limit has ended, by department.")
        for (department, counts) in Dictionary(grouping: late, by: \.department).sorted(by: {
            $0.key < $1.key
        }) {
            text.add(
                "birthcentral_late_items", [MetricLabel("department", department)],
                Double(counts.reduce(0) { $0 + $1.late }))
        }
        text.begin("birthcentral_alarms_total", .counter, "Alarms that were raised, by kind.")
        for kind in Alarm.Kind.allCases {
            let count = alarms.filter { $0.alarm.kind == kind }.reduce(0) { $0 + $1.count }
            text.add("birthcentral_alarms_total", [MetricLabel("kind", kind.rawValue)], Double(count))
        }
    }
}
