#pragma once
#include <microhttpd.h>

// MHD_start_daemon and MHD_get_connection_info are variadic, which Swift cannot call:
// here they are with types.

/// What a daemon is started with. Without a certificate it speaks plain HTTP.
struct web_daemon_setup {
    const char *certificate;
    const char *key;
    const char *priorities;
    int listening_socket;
    unsigned int connection_limit;
    unsigned int idle_seconds;
    size_t connection_memory;
    void *context;
    MHD_AcceptPolicyCallback admits;
    MHD_NotifyConnectionCallback connects;
    void *(*opens)(void *context, const char *target, struct MHD_Connection *connection);
    MHD_AccessHandlerCallback receives;
    MHD_RequestCompletedCallback closes;
};

/// Starts a daemon with one epoll thread; NULL when it could not. It closes the listening socket then, and when it is
/// stopped without having been quiesced. Certificate and key are read before this returns.
static inline struct MHD_Daemon *web_daemon_start(const struct web_daemon_setup *setup) {
    struct MHD_OptionItem secure[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)setup->certificate},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)setup->key},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)setup->priorities},
        {MHD_OPTION_END, 0, NULL},
    };
    struct MHD_OptionItem plain[] = {{MHD_OPTION_END, 0, NULL}};
    unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC;
    if (setup->certificate) flags |= MHD_USE_TLS;
    return MHD_start_daemon(
        flags, 0,
        setup->admits, setup->context, setup->receives, setup->context,
        MHD_OPTION_LISTEN_SOCKET, (MHD_socket)setup->listening_socket,
        MHD_OPTION_CONNECTION_LIMIT, setup->connection_limit,
        MHD_OPTION_CONNECTION_TIMEOUT, setup->idle_seconds,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, setup->connection_memory,
        MHD_OPTION_STRICT_FOR_CLIENT, (int)1,
        MHD_OPTION_NOTIFY_CONNECTION, setup->connects, setup->context,
        MHD_OPTION_URI_LOG_CALLBACK, setup->opens, setup->context,
        MHD_OPTION_NOTIFY_COMPLETED, setup->closes, setup->context,
        MHD_OPTION_ARRAY, setup->certificate ? secure : plain,
        MHD_OPTION_END);
}

/// The socket of a connection; -1 when it is not known.
static inline int web_connection_socket(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

/// The address of the other end; NULL when it is not known.
static inline const struct sockaddr *web_connection_address(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info ? info->client_addr : NULL;
}

/// What the connection callback stored for a connection; NULL when it stored nothing.
static inline void *web_connection_context(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

/// What a reader of a response's body answers when it cannot go on: the macro casts, which Swift does not import.
static inline ssize_t web_stream_broken(void) { return MHD_CONTENT_READER_END_WITH_ERROR; }
