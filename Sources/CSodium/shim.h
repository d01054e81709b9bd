#pragma once
#include <sodium.h>
#include <sys/prctl.h>

/// Keeps the kernel from writing this process's memory to a file and others from reading it; 0 if it does.
static inline int birthwindow_forbid_dumps(void) {
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
