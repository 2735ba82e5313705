"""`python confined.py COMMAND …` runs a command under restrictions of deploy/longrun.service (Linux, x86-64).

They are set by hand: MemoryDenyWriteExecute by prctl, RestrictAddressFamilies and the system calls below by a seccomp
filter; user, privileges and capabilities by `setpriv` before. Not tried: the file system's restrictions (ProtectSystem,
ProtectHome, PrivateTmp, PrivateDevices, ReadWritePaths), PrivateUsers, ProtectProc, RemoveIPC, and that systemd's own
list @system-service lacks nothing; of that, only what the unit takes away again is refused here.
"""

import ctypes
import os
import struct
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, PR_SET_MDWE = 38, 22, 65
FILTER = 2  # SECCOMP_MODE_FILTER
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06  # of <linux/bpf_common.h>: BPF_LD|BPF_W|BPF_ABS, BPF_JMP|BPF_JEQ|BPF_K, BPF_RET
ALLOW, ERRNO, EPERM, EAFNOSUPPORT = 0x7FFF0000, 0x00050000, 1, 97
SOCKET, FAMILIES = 41, (1, 2, 10)  # AF_UNIX, AF_INET, AF_INET6
REFUSED = {
    "@resources": (
        141,
        142,
        144,
        160,
        203,
        237,
        238,
        251,
        256,
        279,
        314,
    ),  # setpriority, sched_set…, setrlimit, mbind …
    "@chown": (92, 93, 94, 260),
    "@setuid": (105, 106, 113, 114, 116, 117, 119, 122, 123),
    "@privileged": (161, 163, 170, 171, 175, 246, 304),  # chroot, acct, sethostname …, init_module, open_by_handle_at
    "@mount": (155, 165, 166),
    "@clock": (159, 164, 227, 305),
    "@debug": (101, 298, 310, 311),  # ptrace, perf_event_open, process_vm_…
    "RestrictNamespaces": (272, 308),  # unshare, setns
    "LockPersonality": (135,),
}


def confine():
    libc = ctypes.CDLL(None, use_errno=True)
    refused = [number for numbers in REFUSED.values() for number in numbers]
    steps = [(LOAD, 0, 0, 0)]
    for number in refused:
        steps += [(EQUAL, 0, 1, number), (RETURN, 0, 0, ERRNO | EPERM)]
    steps += [(EQUAL, 1, 0, SOCKET), (RETURN, 0, 0, ALLOW), (LOAD, 0, 0, 16)]  # 16: the first argument
    for family in FAMILIES:
        steps += [(EQUAL, 0, 1, family), (RETURN, 0, 0, ALLOW)]
    steps.append((RETURN, 0, 0, ERRNO | EAFNOSUPPORT))
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("HP", len(steps), ctypes.addressof(code)))
    for words in (
        (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
        (PR_SET_MDWE, 1, 0, 0, 0),
        (PR_SET_SECCOMP, FILTER, program, 0, 0),
    ):
        if libc.prctl(*words):
            raise OSError(ctypes.get_errno(), f"prctl {words[0]} is refused by this kernel")


if __name__ == "__main__":
    confine()
    os.execv(sys.argv[1], sys.argv[1:])
