"""Make the memory allocators return freed memory to the system, so that nothing of an upload stays.

By default glibc keeps blocks of any size that was once freed, in an arena for each thread, and jemalloc, which the web
server uses, keeps freed pages until its next allocations: 20 uploads at once left 90 MB behind.
"""

import ctypes
import os
from contextlib import suppress

# Of <malloc.h>; values that are set are not adjusted at run time any more.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
LARGE = 512 * 1024  # bytes; larger blocks are returned as soon as they are freed
ARENAS = 4
# Read when the web server is imported. A decay of 0, or a threshold for large blocks (oversize_threshold), would return
# even more, but double the CPU time of a cached page of 130 kB.
JEMALLOC = "dirty_decay_ms:1000,muzzy_decay_ms:0,narenas:2"


def return_freed_memory():
    """For this process and the children that it will start; no effect on other C libraries than glibc."""
    os.environ.setdefault("_RJEM_MALLOC_CONF", JEMALLOC)
    with suppress(AttributeError, OSError, TypeError):  # musl, macOS, Windows
        mallopt = ctypes.CDLL(None).mallopt
        for option, value in ((M_TRIM_THRESHOLD, LARGE), (M_MMAP_THRESHOLD, LARGE), (M_ARENA_MAX, ARENAS)):
            mallopt(option, value)
