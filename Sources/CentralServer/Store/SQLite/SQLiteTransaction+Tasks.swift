import Persistence
import SyncProtocol

/// The departments' tasks, in turns.
extension SQLiteTransaction {
    func put(_ tasks: [TaskRecord], of caseID: CaseID) throws(CentralError) {
        var known: [TaskRecord] = try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT department, case_id, item, state, reason, mark, turn FROM task WHERE case_id = ?
                ORDER BY department, item
                """, SQLiteValue(caseID)
            ) { row throws(DatabaseError) in try row.task().record }
        }
        for task in tasks {
            let place = known.firstIndex { $0.department == task.department && $0.item == task.item }
            if let place {
                let old = known.remove(at: place)
                if old == task { continue }
            }
            try put(task)
        }
        for old in known where old.state != .gone {
            try put(
                TaskRecord(
                    department: old.department, caseID: caseID, item: old.item, state: .gone, reason: ""))
        }
    }

    /// The turn is given inside the transaction, and the row that counts is held until it ends: nobody who reads up to a turn will find
    /// an earlier one later.
    private func put(_ task: TaskRecord) throws(CentralError) {
        try run { database throws(DatabaseError) in
            let turn = try database.first(
                """
                INSERT INTO task_turn (department, turn) VALUES (?, 1)
                ON CONFLICT (department) DO UPDATE SET turn = task_turn.turn + 1 RETURNING turn
                """, .text(task.department)
            ) { row throws(DatabaseError) in try row.number(0) }
            try database.execute(
                """
                INSERT INTO task (department, case_id, item, state, reason, mark, turn) VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (department, case_id, item) DO UPDATE SET state = excluded.state,
                    reason = excluded.reason, mark = excluded.mark, turn = excluded.turn
                """, .text(task.department), SQLiteValue(task.caseID), .text(task.item),
                .text(task.state.rawValue),
                .sealedText(task.reason, .of(task.caseID.bytes, SealedColumn.task)),
                SQLiteValue(hiding: task.mark),
                SQLiteValue(turn ?? 1))
        }
    }

    func tasks(
        of department: String, after turn: UInt64?, in state: TaskRecord.State?, countMax: Int
    ) throws(CentralError) -> [TaskTurn] {
        let (turn, count) = (SQLiteValue(turn ?? 0), SQLiteValue.integer(Int64(countMax)))
        return try run { database throws(DatabaseError) in
            guard let state else {
                return try database.rows(
                    """
                    SELECT department, case_id, item, state, reason, mark, turn FROM task
                    WHERE department = ? AND turn > ? ORDER BY turn LIMIT ?
                    """, .text(department), turn, count
                ) { row throws(DatabaseError) in try row.task() }
            }
            return try database.rows(
                """
                SELECT department, case_id, item, state, reason, mark, turn FROM task
                WHERE department = ? AND state = ? AND turn > ? ORDER BY turn LIMIT ?
                """, .text(department), .text(state.rawValue), turn, count
            ) { row throws(DatabaseError) in try row.task() }
        }
    }

    func tasks(of caseID: CaseID) throws(CentralError) -> [TaskRecord] {
        try run { database throws(DatabaseError) in
            try database.rows(
                """
                SELECT department, case_id, item, state, reason, mark, turn FROM task
                WHERE case_id = ? AND state <> 'gone' ORDER BY department, item
                """, SQLiteValue(caseID)
            ) { row throws(DatabaseError) in try row.task().record }
        }
    }

    func task(of department: String, on caseID: CaseID, _ item: String) throws(CentralError) -> TaskTurn? {
        try run { database throws(DatabaseError) in
            try database.first(
                """
                SELECT department, case_id, item, state, reason, mark, turn FROM task
                WHERE department = ? AND case_id = ? AND item = ?
                """, .text(department), SQLiteValue(caseID), .text(item)
            ) { row throws(DatabaseError) in try row.task() }
        }
    }

    func lastTurn(of department: String) throws(CentralError) -> UInt64 {
        try run { database throws(DatabaseError) in
            try database.first("SELECT turn FROM task_turn WHERE department = ?", .text(department)) {
                row throws(DatabaseError) in try row.number(0)
            } ?? 0
        }
    }

    func claim(of department: String, on caseID: CaseID, _ item: String) throws(CentralError) -> TaskClaim? {
        try run { database throws(DatabaseError) in
            try database.first(
                "SELECT holder, expires FROM task_claim WHERE department = ? AND case_id = ? AND item = ?",
                .text(department), SQLiteValue(caseID), .text(item)
            ) { row throws(DatabaseError) in
                TaskClaim(holder: try row.text(0), expires: try row.number(1))
            }
        }
    }

    func put(
        _ claim: TaskClaim, of department: String, on caseID: CaseID, _ item: String
    ) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                """
                INSERT INTO task_claim (department, case_id, item, holder, expires) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (department, case_id, item) DO UPDATE SET holder = excluded.holder,
                    expires = excluded.expires
                """, .text(department), SQLiteValue(caseID), .text(item), .text(claim.holder),
                SQLiteValue(claim.expires))
        }
    }

    func dropClaim(of department: String, on caseID: CaseID, _ item: String) throws(CentralError) {
        _ = try run { database throws(DatabaseError) in
            try database.execute(
                "DELETE FROM task_claim WHERE department = ? AND case_id = ? AND item = ?",
                .text(department), SQLiteValue(caseID), .text(item))
        }
    }
}

extension Row {
    /// All columns of `task`, in its order.
    fileprivate func task() throws(DatabaseError) -> TaskTurn {
        guard let state = TaskRecord.State(rawValue: try text(3)) else {
            throw unexpected(3, wanted: "a task's state")
        }
        return TaskTurn(
            record: TaskRecord(
                department: try text(0), caseID: try caseID(1), item: try text(2), state: state,
                reason: try sealedText(4, SealedColumn.task), mark: try hidden(5)),
            turn: try number(6))
    }
}
