"""Restricts tests to this machine: a test that connects to another one fails, even if the code catches the error."""

import errno
import ipaddress
import socket

import pytest

attempts = []


def is_here(family, address):
    if family not in (socket.AF_INET, socket.AF_INET6):
        return True
    return is_our_name(address[0])


def is_our_name(host):
    host = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost" or host.endswith(".localhost")


def is_a_number(host):
    try:
        return bool(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        return False


class Guard:
    """Wraps `connect`, `connect_ex` and `sendto` of sockets, and `getaddrinfo`."""

    connect, connect_ex, sendto = socket.socket.connect, socket.socket.connect_ex, socket.socket.sendto
    getaddrinfo = staticmethod(socket.getaddrinfo)

    def put_up(self):
        socket.socket.connect = lambda sock, address: self.check(sock, address) or Guard.connect(sock, address)
        socket.socket.connect_ex = lambda sock, address: self.check(sock, address) or Guard.connect_ex(sock, address)
        socket.socket.sendto = lambda sock, *args: self.check(sock, args[-1]) or Guard.sendto(sock, *args)
        socket.getaddrinfo = self.look_up

    def check(self, sock, address):
        if not is_here(sock.family, address):
            attempts.append(address)
            raise OSError(errno.ENETUNREACH, f"Tests do not leave this machine: {address}")

    def look_up(self, host, *args, **options):
        if host and not is_our_name(host) and not is_a_number(str(host)):
            raise socket.gaierror(socket.EAI_NONAME, f"Tests ask no name server: {host}")
        return Guard.getaddrinfo(host, *args, **options)


def pytest_configure():
    Guard().put_up()


@pytest.fixture(autouse=True)
def nobody_leaves_this_machine():
    attempts.clear()
    yield
    assert not attempts, f"reached for {attempts}"
