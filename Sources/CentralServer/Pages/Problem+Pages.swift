import Casework
import Web

extension Web.Problem {
    /// Central's errors in the words of its pages. What the API says in English is kept for technicians.
    init(page error: CentralError) {
        let problem = CentralProblem(error)
        if case .refused(.notByContract(let said)) = error {
            self = said
            return
        }
        let title =
            error.deskSentence ?? (problem.title.hasChinese ? problem.title : Self.words[problem.code])
        self.init(
            status: problem.status, title: title ?? "没有办成", type: problem.type,
            detail: [problem.title.hasChinese || title == nil ? nil : problem.title, problem.detail]
                .compactMap(\.self).joined(separator: "\n"), remedy: problem.remedy)
    }

    /// By the last word of a problem's type.
    private static let words = [
        "unknown": "没有找到", "malformed": "填写的内容不完整或不符合格式", "stale": "内容已有变化，请核对后再决定", "taken": "编码已被使用，请换一个",
        "too-fast": "操作过于频繁，请稍后再试", "busy": "系统正忙，请稍后再试", "no-conflict": "该栏目已无不一致的内容，无须处理",
        "different-result": "同一结果编号此前已有不同的内容", "not-owner": "含有不由本部门填写的内容",
        "malformed-value": "填写的内容不符合该栏目的格式",
        "unseen-dots": "内容已有变化，请刷新页面后再决定", "range-taken": "号段与已分配的重叠", "cases-left": "该医院仍有办件，请先移交",
        "closed": "该医院已停办", "already-there": "办件已由该医院办理", "no-windows": "该医院没有在用的电脑",
        "too-many-orders": "该医院待执行的核对过多",
        "policy-taken": "该版本已发布过不同的内容", "wrong-policy": "规则文件不能发布", "wrong-calendar": "节假日文件不能使用",
        "only-policy": "停用后有医院将没有可用的版本", "unauthorised": "请先登录",
    ]
}

extension String {
    fileprivate var hasChinese: Bool { unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) } }
}
