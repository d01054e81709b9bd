import SyncProtocol

/// What a case's papers say.
extension CaseLife {
    /// - Parameters:
    ///   - clerk: who makes it.
    /// - Returns: what stands on one of the region's papers about this case, under the number that it was issued with.
    package func content(
        of kind: PaperKind, hospitalName: String, hospitalCode: String, clerk: String?
    ) -> PaperContent {
        let notice = issued(kind)
        let isCorrection = decision?.kind == .correct
        let reasons = (decision?.reasons ?? []).map {
            PaperContent.Reason(code: $0.code ?? "", text: $0.text)
        }
        return PaperContent(
            hospitalName: hospitalName, hospitalCode: hospitalCode, date: notice?.date ?? now.date,
            answers: answers, caseNumber: answers.text("caseNumber"), noticeNumber: notice?.number,
            clerk: clerk, outcome: decision?.kind.rawValue, reasons: isCorrection ? [] : reasons,
            gaps: isCorrection ? reasons : [], items: paperItems,
            total: standing?.totalDeadline?.shown, materials: paperMaterials(of: kind))
    }

    /// The number and day of the paper of a kind that was issued last.
    package func issued(_ kind: PaperKind) -> (number: String, date: CalendarDate?)? {
        guard let group = dictionary.group(named: "notice") else { return nil }
        let notices = (state.registers[group.id]?.standing ?? []).map(\.value)
        for value in notices.reversed() where value.count >= 3 && value[0] == .text(kind.rawValue) {
            guard case .text(let number) = value[1] else { continue }
            let date: CalendarDate? = if case .text(let day) = value[2] { CalendarDate(day) } else { nil }
            return (number, date)
        }
        return nil
    }

    private var paperItems: [PaperContent.Item] {
        items.map { item in
            PaperContent.Item(
                name: item.status.item.name,
                department: policy?.departments[item.status.item.department] ?? item.status.item.department,
                due: item.deadline?.shown)
        }
    }

    /// What was handed in, by the names of the region's papers; where the paper is about originals that travel by post, these.
    private func paperMaterials(of kind: PaperKind) -> [PaperContent.Material] {
        guard let policy else { return [] }
        let isReturning =
            kind == .refusal && decision.flatMap { policy.decision($0.kind)?.returnsOriginals } ?? false
        guard kind != .posting, !isReturning else {
            let posted = policy.facts(of: answers).texts("originalsPosted")
            // Before any is noted, the letter to the post names all that it is to fetch.
            return policy.materials.filter {
                $0.at == .post && (posted.contains($0.code) || posted.isEmpty && !isReturning)
            }.map { PaperContent.Material(name: $0.name, pages: $0.parts) }
        }
        let given = policy.facts(of: answers).materials
        return policy.materials.compactMap { material in
            given[material.code].map { handedIn in
                PaperContent.Material(
                    name: material.name, pages: material.parts.filter(handedIn.parts.contains))
            }
        }
    }
}
