import CSodium
import Glibc

/// The memory of this process, in which names and numbers lie open.
package enum ProcessMemory {
    /// No core dump is written of it, and no other process of the same user may read it. To be called before anything else.
    package static func forbidDumps() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        // Each alone is enough; neither can fail for a process of its own.
        _ = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        _ = birthwindow_forbid_dumps()
    }
}
