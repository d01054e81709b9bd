package import SyncProtocol

/// Whether a result is taken, kept for a person, or refused.
extension CaseTasks {
    /// Judges a result for one of the department's items.
    ///
    /// What is wrong in itself is refused: the department corrects it and sends it again. What is right in itself but does not fit how
    /// things stand here — a prerequisite is not done, something that it needs is in conflict, the case was withdrawn — is kept: the
    /// department may well have done it, on paper or before it heard of that, and a person decides.
    ///
    /// - Parameter today: central's day.
    package func judge(_ result: DepartmentResult, of item: Policy.Item, today: CalendarDate) -> ResultVerdict
    {
        guard isHandedOut else { return .refuse(["本件尚未受理，不能登记办理结果。"]) }
        guard let status = progress.items.first(where: { $0.item.code == item.code }) else {
            return .refuse(["本件未申请“\(item.name)”。"])
        }
        let faults = faults(in: result, of: item, today: today)
        if !faults.isEmpty { return .refuse(faults) }
        switch status.state {
        case .waiting: return .keep(status.reasons)
        case .held(let groups):
            // Its own answers contradict each other: one more may settle that, if it has seen them, or else joins them.
            let own = resultGroup(of: item, result.department).map { [$0.id] } ?? []
            return !groups.isEmpty && groups.allSatisfy(own.contains) ? .take : .keep(status.reasons)
        case .ready, .answered:
            let contradicted = isContradicted(result, of: item)
            return contradicted ? .keep(["“\(item.name)”已有其他单位登记的不同结果，须由中心核对。"]) : .take
        }
    }

    /// Whether who shares the item, such as the window that issues the certificate itself, has answered otherwise.
    private func isContradicted(_ result: DepartmentResult, of item: Policy.Item) -> Bool {
        let own = resultGroup(of: item, result.department)?.name
        return item.results.filter { $0 != own }.contains { group in
            guard let other = state.text("\(group)Status", in: dictionary) else { return false }
            return other != result.outcome.rawValue
        }
    }

    /// The writes of a result that was not refused.
    ///
    /// - Throws: a value of another shape than its field's; everything is judged before, so only a result that was refused has one.
    package func writes(
        of result: DepartmentResult, _ item: Policy.Item
    ) throws(ValueError) -> [GroupID: ChangeContent.Write] {
        guard let group = resultGroup(of: item, result.department) else { return [:] }
        var values = [group.id: try result.value(in: group)]
        for (id, value) in Answers(result.values).groups(in: dictionary) {
            if case .array(let members) = value { values[id] = members }
        }
        return Dictionary(
            uniqueKeysWithValues: values.map { id, value in
                (id, ChangeContent.Write(value: value, replaces: result.asOf[id] ?? []))
            })
    }

    // What is wrong with a result in itself.

    private func faults(in result: DepartmentResult, of item: Policy.Item, today: CalendarDate) -> [String] {
        var faults: [String] = []
        if let group = resultGroup(of: item, result.department), (try? result.value(in: group)) == nil {
            faults.append("办理结果的文字过长或含有控制字符。")
        }
        if result.date > today { faults.append("办结日期不能晚于今天（\(today)）。") }
        if let birth = answers.date("birthDate"), result.date < birth {
            faults.append("办结日期不能早于出生日期（\(birth)）。")
        }
        if result.outcome != .done, (result.note ?? "").isEmpty {
            faults.append("退回或未能办理的，请写明原因（note）。")
        }
        if item.code == Artefact.birthCert.item, let number = result.number, CertificateNumber(number) == nil
        {
            faults.append("出生医学证明编号应为一个大写字母加九位数字。")
        }
        return faults + lacking(result, item) + wrong(result)
    }

    private func lacking(_ result: DepartmentResult, _ item: Policy.Item) -> [String] {
        let expected = expectations(of: item, result.department)
        let keys = Set(expected.map(\.field.key))
        let foreign = result.values.keys.filter { !keys.contains($0) }.sorted().map { key in
            "“\(dictionary.field(key)?.label ?? "?")”不属于“\(item.name)”的办理结果。"
        }
        guard result.outcome == .done else { return foreign }
        let missing = expected.filter {
            $0.isRequired && (result.values[$0.field.key] ?? answers[$0.field.key]) == nil
        }
        return foreign + missing.map { "请填写“\($0.field.label)”（\($0.field.key)），后续事项需要。" }
    }

    /// A number whose check digit is wrong, or that tells another birthday or sex than the case does, and the like.
    private func wrong(_ result: DepartmentResult) -> [String] {
        guard !result.values.isEmpty else { return [] }
        let before = AnswerChecks.faults(in: answers, today: nil, dictionary: dictionary)
        let after = AnswerChecks.faults(
            in: answers.overridden(by: result.values), today: nil, dictionary: dictionary)
        return after.filter { !$0.isWarning && !before.contains($0) }.map(\.chinese)
    }
}
