import socket

import pytest

from tests.network import attempts


@pytest.mark.parametrize("address", ["192.0.2.1", "10.0.0.1", "::ffff:192.0.2.1"])
def test_a_test_that_reaches_for_another_machine_is_caught(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as reaching, pytest.raises(OSError, match="do not leave"):
        reaching.connect((address, 80))
    assert attempts.pop() == (address, 80)


def test_no_name_server_is_asked():
    with pytest.raises(socket.gaierror, match="no name server"):
        socket.create_connection(("blog.example.org", 80))
    assert not attempts


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_may_be_talked_to(host):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        socket.create_connection((host, listener.getsockname()[1]), timeout=5).close()
