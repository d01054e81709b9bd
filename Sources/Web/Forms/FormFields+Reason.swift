extension FormFields {
    /// The reason that a form gives: one of those offered, and in the person's own words. It must not be empty.
    ///
    /// - Parameter bytesMax: of UTF-8.
    package func reason(_ what: String, bytesMax: Int) throws -> String {
        let words = [self["basis"], self["reason"]].compactMap { $0?.trimmed }.filter { !$0.isEmpty }
        guard !words.isEmpty else { throw Problem(status: 422, title: "请填写\(what)", detail: "未保存。") }
        let reason = words.joined(separator: "：")
        guard reason.utf8.count <= bytesMax else {
            throw Problem(status: 422, title: "\(what)过长，未保存", detail: "请缩短后再保存。")
        }
        return reason
    }
}
