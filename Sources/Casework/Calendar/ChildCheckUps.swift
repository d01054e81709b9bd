/// One of the 13 free health checks of a child's first six years.
package struct ChildCheckUp: Hashable, Sendable {
    /// 1 to 13.
    package let number: Int
    package let name: String
    /// The day to remember it by: for the first one the last day of its week. nil if the day that it counts from is not
    /// known.
    package let date: CalendarDate?
}

/// The 13 free health checks 免费健康检查 of 国家基本公共卫生服务规范 (standards.md section 11).
package enum ChildCheckUps {
    /// All 13 in their order. The first is a visit at home within 7 days after discharge, the others fall on a day of so
    /// many months after birth, or on the last day of a shorter month.
    package static func all(birth: CalendarDate, discharge: CalendarDate?) -> [ChildCheckUp] {
        let visit = ChildCheckUp(
            number: 1, name: "新生儿家庭访视", date: discharge?.adding(days: visitDaysAfterDischarge))
        return [visit]
            + months.enumerated().map { index, check in
                ChildCheckUp(number: index + 2, name: check.name, date: birth.adding(months: check.months))
            }
    }

    private static let visitDaysAfterDischarge = 7

    private static let months: [(months: Int, name: String)] = [
        (1, "满月健康检查"), (3, "3月龄健康检查"), (6, "6月龄健康检查"), (8, "8月龄健康检查"),
        (12, "12月龄健康检查"), (18, "18月龄健康检查"), (24, "24月龄健康检查"), (30, "30月龄健康检查"),
        (36, "36月龄健康检查"), (48, "4岁健康检查"), (60, "5岁健康检查"), (72, "6岁健康检查"),
    ]
}
