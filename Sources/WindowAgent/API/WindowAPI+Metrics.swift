import Accounts
import Foundation
import SyncProtocol
import Web

/// `GET /metrics`: Prometheus' text, without anything personal.
extension WindowAPI {
    private static let help = [
        "birthwindow_requests_total": "Answers by route and status since the start.",
        "birthwindow_request_seconds": "Time to make an answer.",
    ]

    /// For who has the token, and for whoever asks from this machine.
    @Sendable func showMetrics(_ request: Request) async throws -> Response {
        if !Loopback.contains(host: request.remoteAddress) {
            try Permit.local(.readStatus).require(of: try await viewer(of: request))
        }
        var text = MetricsText()
        metrics.write(to: &text, help: Self.help)
        let (figures, now) = (try await store.figures(), environment.milliseconds())
        let (sync, link) = (await exchanger.current, await exchanger.linkProgress)
        for (name, help, value) in [
            ("cases", "Cases in the store.", figures.cases),
            ("changes", "Changes in the log.", figures.changes),
            ("outbox_changes", "Changes that central has not confirmed.", figures.outbox),
            ("conflicts", "Groups in conflict.", figures.conflicts),
            ("asides", "Changes that are set aside.", figures.asides),
            ("refused_changes", "Own changes that central did not take.", figures.refusals),
            ("exchange_failures", "Exchanges that failed since the last that succeeded.", sync.failures),
            ("photos_waiting", "Photos that wait to be uploaded.", link.photos),
        ] { text.gauge("birthwindow_\(name)", help, Double(value)) }
        let oldest = figures.oldestQueuedAt.map { now - min(now, $0) } ?? 0
        text.gauge("birthwindow_outbox_oldest_seconds", "Age of the oldest of them.", Double(oldest) / 1000)
        text.gauge(
            "birthwindow_feed_cursor", "How far the feed was taken in.",
            Double(figures.sync.place.point.position))
        text.gauge(
            "birthwindow_last_contact_timestamp_seconds",
            "When central last answered; 0: not since the start.",
            Double(sync.lastContact ?? 0) / 1000)
        text.gauge(
            "birthwindow_repairing", "1 while what central lacks is brought back.", sync.isRepairing ? 1 : 0)
        text.gauge(
            "birthwindow_database_damaged", "1 if the database is damaged.", await store.damage == nil ? 0 : 1
        )
        text.gauge(
            "birthwindow_link_bytes_today", "Bytes over the link today.",
            Double(link.traffic.exchanges + link.traffic.photos))
        if let copy = try await secondCopy?.status() {
            text.gauge(
                "birthwindow_second_copy_whole", "1 if everything is in the second copy.",
                copy.state == "whole" ? 1 : 0)
            text.gauge(
                "birthwindow_second_copy_behind_seconds", "For how long it has lacked something.",
                Double(copy.behindSeconds ?? 0))
        }
        return text.response
    }
}
