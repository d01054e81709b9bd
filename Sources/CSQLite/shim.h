#pragma once
#include <sqlite3.h>

/* sqlite3_db_config() is variadic, which Swift cannot call. For the options that switch something on or off. */
static inline int birthwindow_sqlite_switch(sqlite3 *connection, int option, int on) {
    return sqlite3_db_config(connection, option, on, (int *)0);
}

/* SQLITE_TRANSIENT is a cast, which Swift cannot import. SQLite copies the bytes before these return. */
static inline int birthwindow_sqlite_bind_text(sqlite3_stmt *statement, int index, const char *bytes, sqlite3_uint64 count) {
    return sqlite3_bind_text64(statement, index, bytes, count, SQLITE_TRANSIENT, SQLITE_UTF8);
}

static inline int birthwindow_sqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 count) {
    return sqlite3_bind_blob64(statement, index, bytes, count, SQLITE_TRANSIENT);
}
