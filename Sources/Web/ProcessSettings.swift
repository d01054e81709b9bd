import Glibc

/// What a process with many sockets needs; both are harmless to repeat.
enum ProcessSettings {
    /// Descriptors beyond the connections: files, databases, the sockets of the system's libraries.
    private static let spareDescriptors = 512

    /// Allows this many connections, as far as the hard limit goes. Failing is no error: fewer connections
    /// are then accepted.
    static func allowDescriptors(connections: Int) {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return }
        let wish = min(limit.rlim_max, rlim_t(connections + spareDescriptors))
        guard limit.rlim_cur < wish else { return }
        limit.rlim_cur = wish
        setrlimit(resource, &limit)
    }

    /// Makes writing to a connection that the other end has closed an error, and not the end of the process:
    /// libcurl with CURLOPT_NOSIGNAL leaves this to the program.
    static func ignoreBrokenPipes() {
        signal(SIGPIPE, SIG_IGN)
    }
}
