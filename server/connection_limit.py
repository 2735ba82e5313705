"""How many connections the web server keeps open at once: each takes a file descriptor, which the system limits."""

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

MAX_CONNECTIONS = 10_000  # idle ones count too; a browser keeps up to six open
OTHER_FILES = 500  # file descriptors for everything else: databases, files being sent, logs
UNKNOWN = 1_024  # where the system does not say


def raise_file_limit():
    """Raise the limit of open files to the most that the system allows this process and its children."""
    if resource is None:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    except (OSError, ValueError):  # macOS has a lower limit of its own
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def max_connections():
    """Connections that the web server accepts under the present limit of open files; the next ones wait."""
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0] if resource else UNKNOWN
    if files < 0:  # resource.RLIM_INFINITY
        return MAX_CONNECTIONS
    return max(100, min(MAX_CONNECTIONS, files - OTHER_FILES))
