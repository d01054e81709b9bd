/// Why no exchange came about, in a clerk's words: what it means for the work, and who can do something.
enum LinkReason {
    static func chinese(of error: any Error) -> String {
        guard let link = error as? LinkError else { return "本机数据读取出错，请立即联系技术人员。" }
        return switch link {
        case .unreachable: "连不上中心：网络未接通，或中心暂时不能访问。"
        case .network: "网络中断，没有收到中心的答复。"
        case .notCentral: "答复的不是中心：上网可能需要先登录认证，或中心地址有误。"
        case .refused(let status, _): "中心没有接受本机的请求（\(status)），请联系技术人员。"
        case .unsupportedVersion, .noCommonVersion: "本机程序与中心的版本不一致，请联系技术人员升级；内容照常保存在本机。"
        case .malformed: "中心的答复不能读取，请联系技术人员。"
        }
    }
}
