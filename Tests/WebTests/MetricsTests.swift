import Testing
import Web

/// Reads Prometheus' text format, version 0.0.4, and refuses what is not of it: a sample without its family, a family twice, a series
/// twice, a histogram whose buckets fall or whose count is not its last bucket.
struct MetricsReader {
    private(set) var samples: [String: Double] = [:]
    private(set) var kinds: [String: String] = [:]

    struct Wrong: Error { let line: String }

    init(_ text: String) throws {
        guard text.isEmpty || text.hasSuffix("\n") else { throw Wrong(line: "the end") }
        var family = ""
        for line in text.split(separator: "\n").map(String.init) {
            if let match = line.wholeMatch(of: /# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)/) {
                let name = String(match.2)
                if match.1 == "HELP" {
                    guard kinds[name] == nil else { throw Wrong(line: line) }
                    (family, kinds[name]) = (name, "")
                } else {
                    guard family == name, kinds[name] == "",
                        ["counter", "gauge", "histogram"].contains(match.3)
                    else { throw Wrong(line: line) }
                    kinds[name] = String(match.3)
                }
                continue
            }
            let sample =
                /([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*",?)+\})? (-?[0-9.e+-]+|\+Inf|-Inf|NaN)/
            guard let match = line.wholeMatch(of: sample) else { throw Wrong(line: line) }
            let name = String(match.1)
            let isHistogram = kinds[family] == "histogram"
            let isOwn =
                isHistogram
                ? ["_bucket", "_sum", "_count"].contains { family + $0 == name } : name == family
            guard isOwn, kinds[family] != "", let value = Double(match.3.replacing("Inf", with: "infinity"))
            else { throw Wrong(line: line) }
            guard samples.updateValue(value, forKey: name + String(match.2 ?? "")) == nil else {
                throw Wrong(line: line)
            }
        }
    }
}

@Suite("Metrics")
struct MetricsTests {
    @Test("Counters and histograms come out as Prometheus reads them")
    func text() throws {
        let metrics = Metrics()
        metrics.count("x_total", [MetricLabel("kind", "a")])
        metrics.count("x_total", [MetricLabel("kind", "a")], by: 2)
        for seconds in [0.0005, 0.02, 400] { metrics.observe("x_seconds", seconds: seconds) }
        var text = MetricsText()
        metrics.write(to: &text, help: ["x_total": "What\nthere \\ is."])
        text.gauge("x_now", "Now.", 1.5)
        let read = try MetricsReader(text.text)
        #expect(read.samples[#"x_total{kind="a"}"#] == 3)
        #expect(read.samples[#"x_seconds_bucket{le="0.001"}"#] == 1)
        #expect(read.samples[#"x_seconds_bucket{le="0.025"}"#] == 2)
        #expect(read.samples[#"x_seconds_bucket{le="300.0"}"#] == 2)
        #expect(read.samples[#"x_seconds_bucket{le="+Inf"}"#] == 3)
        #expect(read.samples["x_seconds_count"] == 3 && read.samples["x_now"] == 1.5)
        #expect(text.text.contains("# HELP x_total What\\nthere \\\\ is.\n"))
    }

    @Test(
        "The reader of these tests refuses what is wrong",
        arguments: ["x 1\n", "# HELP a b\na 1\n", "a", "# x\n"])
    func canFail(text: String) {
        #expect(throws: MetricsReader.Wrong.self) { _ = try MetricsReader(text) }
    }

    @Test("Beyond the most series of a name, what is new is counted without labels")
    func bounded() throws {
        let metrics = Metrics()
        for number in 0...Metrics.seriesMax { metrics.count("x_total", [MetricLabel("n", "\(number)")]) }
        metrics.count("x_total", [MetricLabel("n", "0")])
        var text = MetricsText()
        metrics.write(to: &text, help: [:])
        let read = try MetricsReader(text.text)
        #expect(read.samples["x_total"] == 1 && read.samples[#"x_total{n="0"}"#] == 2)
        #expect(read.samples.count == Metrics.seriesMax + 1)
    }

    @Test("A router's answers are counted by route, method and status, never by what was asked")
    func router() async throws {
        var router = Router()
        let metrics = Metrics()
        metrics.watch(&router, program: "p")
        router.on(.get, "/cases/{id}") { _ in .noContent }
        _ = await router.respond(to: Request(.get, "/cases/secret"))
        var text = MetricsText()
        metrics.write(to: &text, help: [:])
        let read = try MetricsReader(text.text)
        #expect(read.samples[#"p_requests_total{method="GET",route="/cases/{id}",status="204"}"#] == 1)
        #expect(!text.text.contains("secret"))
    }
}
