import Persistence

extension Schema {
    /// How the cases and the hospitals stand. Days are numbers of days since 1970-01-01 in Asia/Shanghai.
    ///
    /// `case_fact`, `open_item`, `record_calendar` and `record_setting` are made of the log; the caches of cases go, so that they are
    /// filled. `case_arrival` is how many seconds after its first save a case was here, `device_condition` what a computer last told of
    /// itself, `lag_sample` how a hospital stood at an hour: central's own observations, in no record.
    static let fleet: [StaticString] = [
        "DELETE FROM case_cache",
        """
        CREATE TABLE case_fact (
            case_id BLOB NOT NULL PRIMARY KEY CHECK (length(case_id) = 16),
            hospital BLOB NOT NULL CHECK (length(hospital) = 16), first_day INTEGER NOT NULL, last_day INTEGER NOT NULL,
            last_due INTEGER NOT NULL, facts BLOB NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX case_fact_by_day ON case_fact (last_day, case_id)",
        "CREATE INDEX case_fact_by_hospital ON case_fact (hospital, last_day, case_id)",
        "CREATE INDEX case_fact_by_due ON case_fact (hospital, last_due)",
        """
        CREATE TABLE open_item (
            case_id BLOB NOT NULL CHECK (length(case_id) = 16), item TEXT NOT NULL, department TEXT NOT NULL,
            hospital BLOB NOT NULL CHECK (length(hospital) = 16), due INTEGER NOT NULL, since INTEGER NOT NULL,
            waits TEXT NOT NULL CHECK (waits IN ('department', 'window', 'mother', 'central')),
            PRIMARY KEY (case_id, item)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX open_item_by_due ON open_item (due, case_id, item)",
        "CREATE INDEX open_item_by_department ON open_item (department, due, case_id, item)",
        "CREATE INDEX open_item_by_hospital ON open_item (hospital, due, case_id, item)",
        """
        CREATE TABLE record_calendar (
            record BLOB NOT NULL CHECK (length(record) = 16), year INTEGER NOT NULL, days BLOB NOT NULL,
            PRIMARY KEY (record, year)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE record_setting (
            record BLOB NOT NULL CHECK (length(record) = 16), name TEXT NOT NULL, content TEXT NOT NULL,
            PRIMARY KEY (record, name)
        ) STRICT, WITHOUT ROWID
        """,
        "ALTER TABLE voided_certificate ADD COLUMN day INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX voided_certificate_by_day ON voided_certificate (day, record)",
        """
        CREATE TABLE case_arrival (
            case_id BLOB NOT NULL PRIMARY KEY CHECK (length(case_id) = 16), lag INTEGER NOT NULL CHECK (lag >= 0)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE device_condition (
            device BLOB NOT NULL PRIMARY KEY REFERENCES device (id), at INTEGER NOT NULL, protocol INTEGER NOT NULL,
            condition BLOB NOT NULL, rules BLOB NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE lag_sample (
            hospital BLOB NOT NULL REFERENCES hospital (id), hour INTEGER NOT NULL, lag INTEGER NOT NULL,
            outbox INTEGER NOT NULL, oldest INTEGER NOT NULL, silent INTEGER NOT NULL, PRIMARY KEY (hospital, hour)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX lag_sample_by_hour ON lag_sample (hour)",
    ]
}
