import Commands

extension Guide {
    /// The commands of `birthwindow` by who uses them.
    static let window = Guide([
        Section(
            "Clerk", "窗口人员",
            [
                ("case new", "登记新生儿"), ("case list", "办件列表"), ("case show", "查看办件"), ("case set", "修改办件"),
                ("case history", "办件变更记录"), ("duplicates", "本机疑似同一新生儿的办件"),
                ("losses", "中心未采用的本院填写内容"), ("losses seen", "已知悉"), ("losses rewrite", "恢复填写"),
                ("case submit", "提交申请"), ("case accept", "受理"), ("case correct", "一次性告知补正"),
                ("case refuse", "不予受理"), ("case withdraw", "撤回申请"), ("case resubmit", "再次报送退回的事项"),
                ("case issue", "签发出生医学证明"),
                ("case vaccinate", "登记预防接种证办理"), ("case deliver", "送达"), ("case post", "邮寄"),
                ("case evaluate", "登记好差评"), ("case close", "办结"), ("case reopen", "重新办理"),
                ("material add", "添加材料的一页"), ("material list", "办件的材料页"), ("material show", "查看材料页"),
                ("material remove", "移除材料的一页"), ("notice", "打印文书"), ("due", "到期与逾期事项"),
                ("handover", "出生医学证明副页移交登记表"), ("stock list", "出生医学证明库存"),
                ("stock check", "一份出生医学证明能否使用"), ("stock void", "作废出生医学证明"),
                ("outbox", "待发变更"), ("status", "本机状态"), ("sync", "立即与中心同步"), ("check", "按地区规定检查申请材料"),
            ]),
        Section(
            "Administrator", "管理员",
            [
                ("policy list", "本机的政策包"), ("policy show", "查看政策包"), ("policy check", "检查自编的政策包文件"),
                ("calendar import", "导入节假日安排"), ("calendar list", "本机的节假日安排"),
                ("link show", "网络设置"), ("link set", "修改本机设置（网络、库存提醒、保留期限）"),
                ("recovery sheet", "打印数据恢复凭条"),
                ("user add", "添加受理、签发人员的账号"), ("user list", "账号列表"), ("user show", "查看账号"),
                ("user reset", "重设密码"), ("user disable", "停用账号"), ("user enable", "启用账号"),
                ("user sessions", "账号的登录，可全部退出"),
                ("audit list", "审计日志：谁在何时查看、打印、导出、修改了什么，谁登录过"),
                ("audit verify", "校验审计日志是否被改动"), ("audit anchors", "中心审计日志的锚点"),
            ]),
        Section(
            "Technician", "技术人员",
            [
                ("serve", "运行窗口程序"), ("enroll", "将本机登记到医院"), ("device rotate", "更换本机密钥"),
                ("resync push", "将中心缺少的变更全部补送"),
                ("resync pull", "补送后，从中心重新读取全部变更"), ("resync rebuild", "由变更日志重建缓存"),
                ("resync verify", "核对本机与中心是否一致，并修复差异"),
                ("bundle export", "制作给中心的数据包（U盘）"), ("bundle import", "导入中心的数据包（U盘）"),
                ("bundle list", "数据包列表"), ("journal set", "设置第二份备份的位置"), ("journal status", "第二份备份的状态"),
                ("recover", "用第二份备份恢复本机数据"),
                ("seal status", "数据库加密密钥的状态"), ("seal rotate", "更换加密密钥；可设置或取消口令"),
                ("store check", "检查本机数据是否损坏"),
                ("case wipe", "清除已转出办件的本机副本"), ("material tidy", "清理已办结或转出办件的材料文件"),
            ]),
    ])
}
