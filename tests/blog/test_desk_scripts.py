"""How the scripts of the write page hang together."""

import pytest

from tests.blog_process import ROOT

SCRIPTS = sorted((ROOT / "static/js/desk").glob("*.js"))
OF_A_FIELD = ("#id_source", "execCommand", "setRangeText", "setSelectionRange", "selectionStart", "selectionEnd")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_the_field_of_the_text_is_spoken_to_through_one_module_alone(script):
    found = [each for each in OF_A_FIELD if each in script.read_text()]
    if script.name == "plain-editor.js":
        assert found == list(OF_A_FIELD)
    else:
        assert found == []
