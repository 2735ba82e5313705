"""Which version runs: the program that was called becomes the one that an upgrade or a rollback chose."""

import json
import os
import subprocess
import sys

import pytest

from server.upgrade.environments import InstallFailed, news, read_version
from server.upgrade.programs import as_numbers, this_program
from tests.blog_process import ROOT

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no upgrades")
OTHER = "import os, sys; print('the other one', sys.argv[1:], os.environ['LONGRUN_DATA'], os.environ.get('EMAIL_HOST'))"


@pytest.fixture
def call(tmp_path):
    """call(version): what `manage.py version --x` prints if that version is current."""
    (tmp_path / ".env").write_text("EMAIL_HOST=mail.example.org\n")
    (tmp_path / "manage.py").write_text(OTHER)

    def call(version, manage="manage.py", **more):
        facts = {"version": version, "python": sys.executable, "manage": str(tmp_path / manage)}
        (tmp_path / "versions").mkdir(exist_ok=True)
        (tmp_path / "versions/current.json").write_text(json.dumps(facts))
        command = [sys.executable, str(ROOT / "manage.py"), "version", "--x"]
        environment = os.environ | {"LONGRUN_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"} | more
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        return done.stdout + done.stderr

    return call


@pytest.mark.process
def test_the_current_version_takes_the_command_over(call, tmp_path):
    assert call("9.0.0") == f"the other one ['version', '--x'] {tmp_path} None\n"
    assert "the other one" in call(this_program().version)


@pytest.mark.process
def test_a_newer_one_that_was_installed_otherwise_stays(call):
    assert "the other one" not in call("0.0.1")


@pytest.mark.process
def test_a_version_that_is_gone_is_named(call):
    assert "Version 9.0.0 is not there any more" in call("9.0.0", "gone.py")


@pytest.mark.process
def test_an_upgrade_runs_the_version_that_it_means(call):
    assert "the other one" not in call("9.0.0", LONGRUN_THIS_VERSION="on")


@pytest.mark.process
def test_off_is_off(call):
    assert "the other one" in call("9.0.0", LONGRUN_THIS_VERSION="off")


@pytest.mark.process
def test_a_version_is_itself_by_another_path(call, tmp_path):
    """Else it would become itself again and again, after its data folder was moved and a link left in its place."""
    (tmp_path / "link").symlink_to(ROOT)
    assert call("9.0.0", "link/manage.py").startswith("5.")


def test_versions_have_an_order():
    assert as_numbers("0.10.1") > as_numbers("0.9") > as_numbers("0.2.0") == (0, 2, 0)


def test_what_is_new_ends_at_the_present_version():
    text = "# Changelog\n\n## 0.4.0 (2027)\n\n- Four.\n\n## 0.3.0 (2026)\n- Three.\n\n## 0.2.0 (2026)\n- Two.\n"
    assert news(text, "0.2.0") == "## 0.4.0 (2027)\n\n- Four.\n\n## 0.3.0 (2026)\n- Three."


@pytest.mark.parametrize("content", [None, b"", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_wheel_is_refused(tmp_path, content):
    wheel = tmp_path / "longrun-9.whl"
    if content is not None:
        wheel.write_bytes(content)
    with pytest.raises(InstallFailed, match="there is no file" if content is None else "not a wheel of Longrun"):
        read_version(wheel)
