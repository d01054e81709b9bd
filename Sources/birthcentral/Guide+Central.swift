import Commands

extension Guide {
    /// The commands of `birthcentral` by who uses them.
    static let central = Guide([
        Section(
            "Staff", "中心工作人员",
            [
                ("case list", "办件列表"), ("case show", "查看办件：填写内容、办理结果、冲突的各个值"),
                ("case set", "修改办件"), ("case move", "将办件（或整院办件）转给另一家医院"),
                ("case history", "办件变更记录：每次填写及其结果"),
                ("desk list", "列出待核对事项：冲突、搁置、编号重复等"), ("desk counts", "待核对事项计数"),
                ("desk show", "查看一件办件的待核对事项"), ("desk assign", "分配核对人"),
                ("desk settle", "处理冲突：选定一个值，或另填一个；可成批"), ("desk undo", "撤销处理"),
                ("desk take-up", "采用被搁置或没有回执的变更"), ("desk reject", "不予采用"),
                ("duplicates list", "列出疑似重复的办件"), ("duplicates show", "比较两件办件"),
                ("duplicates merge", "合并办件"), ("duplicates dismiss", "确认不是重复"),
                ("duplicates undo", "撤销合并或确认"),
                ("overdue", "逾期与即将到期的事项，及等待何方"), ("stats", "统计"),
                ("task list", "部门的待办事项"), ("task show", "查看一件待办"), ("task take", "领取待办"),
                ("task release", "退回待办"), ("task result", "代部门登记办理结果"),
                ("attachment list", "办件的材料文件"), ("attachment show", "查看材料文件"),
                ("archive list", "列出已归档的办件"), ("archive open", "取消归档，使办件回到列表"),
            ]),
        Section(
            "Administrator", "管理员",
            [
                ("hospital add", "新增医院，给出一次性登记令牌"), ("hospital list", "医院列表"),
                ("hospital show", "医院详情：政策包、节假日、设置、窗口电脑"), ("hospital rename", "修改医院名称或编码"),
                ("hospital close", "停用医院：转出全部办件，停用其窗口电脑"),
                ("hospital token", "为另一台或新的窗口电脑给出一次性登记令牌"),
                ("device list", "窗口电脑列表"), ("device revoke", "停用窗口电脑"),
                ("hospital settings", "医院窗口的设置：网络、保留期限、库存提醒"),
                ("department add", "新增部门，给出部门令牌"), ("department list", "部门列表"),
                ("department token", "更换部门令牌"), ("department disable", "停用部门"),
                ("policy publish", "检查并下发政策包"), ("policy withdraw", "停用政策包的一个版本"),
                ("policy list", "政策包列表：下发范围、适用办件数、是否停用"),
                ("calendar import", "下发节假日安排"), ("calendar list", "已下发的节假日安排"),
                ("stock assign", "向医院发放出生医学证明号段"), ("stock void", "作废未使用而遗失、损毁的出生医学证明"),
                ("stock list", "出生医学证明的发放、使用、作废、剩余数量"),
                ("stock collisions", "列出重复使用、超出号段等编号问题"),
                ("archive plan", "列出到期应归档的办件"), ("archive run", "将到期办件归档"),
                ("case erase", "应申请删除办件：内容在中心和各窗口销毁，不能恢复"),
                ("audit list", "审计日志：谁在何时查看、打印、导出、修改了什么，谁登录过"),
                ("audit affected", "一段时间内某账号或某电脑涉及的办件及联系人（泄露事件通知用，按导出记录）"),
                ("audit verify", "校验审计日志是否被改动"), ("audit anchors", "各窗口审计日志的锚点"),
                ("audit acts", "管理操作记录：谁在何时下发、发放、转办、处理了什么"),
                ("user add", "添加账号"), ("user list", "账号列表；待确认的离线账号"), ("user show", "查看账号"),
                ("user set", "修改账号的岗位和范围"), ("user confirm", "确认窗口离线办理的账号"), ("user reset", "重设密码"),
                ("user disable", "停用账号"), ("user enable", "启用账号"), ("user sessions", "账号的登录，可全部退出"),
            ]),
        Section(
            "Technician", "技术人员",
            [
                ("serve", "运行中心服务"), ("hospital status", "医院各窗口电脑的状态：上次联系、滞后、待发、时钟误差"),
                ("fleet", "各医院的运行状态，最差的在前"), ("fleet set", "设置运行状态的阈值"),
                ("folder", "与部门前置机交换文件"), ("migrate", "在 SQLite 与 PostgreSQL 之间迁移数据库"),
                ("resync", "向医院下达同步指令"), ("resync list", "同步指令的执行情况"), ("resync withdraw", "撤回同步指令"),
                ("bundle export", "制作给窗口的数据包（U盘）"), ("bundle import", "导入窗口的数据包（U盘）"),
                ("bundle list", "数据包列表"), ("attachment scrub", "检查材料文件是否齐全、完好"),
                ("backup", "备份并核验"), ("backup list", "备份列表"), ("backup verify", "核验备份"),
                ("backup prune", "清理旧备份"), ("restore", "用备份恢复中心数据库"), ("check", "检查数据库是否损坏"),
                ("rebuild", "由变更日志重建缓存"), ("recovery open", "恢复凭条遗失时打开窗口的第二份备份"),
                ("seal status", "数据库加密密钥的状态"), ("seal rotate", "更换加密密钥；可设置或取消口令"),
            ]),
    ])
}
