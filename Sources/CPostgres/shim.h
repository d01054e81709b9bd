#ifndef BIRTHWINDOW_CPOSTGRES_SHIM_H
#define BIRTHWINDOW_CPOSTGRES_SHIM_H

#include <libpq-fe.h>

static inline void birthwindow_pq_ignore(void *context, const PGresult *result) {
    (void)context;
    (void)result;
}

/// Notices are not written to the standard error.
static inline void birthwindow_pq_silence(PGconn *connection) {
    PQsetNoticeReceiver(connection, birthwindow_pq_ignore, NULL);
}

#endif
