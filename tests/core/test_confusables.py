"""Names that a reader could take for one another have a skeleton in common."""

import pytest

from core.confusables import is_role_name, skeleton, skeletons


@pytest.mark.parametrize(
    ("name", "alike"),
    [
        ("Ada", "ADA"),
        ("Ada", "аda"),  # Cyrillic а
        ("Ada", "ΑDΑ"),  # Greek capitals
        ("Ada", "Ａｄａ"),
        ("Ada", "𝐀𝐝𝐚"),
        ("Ada", "Á d à"),
        ("Ada", "A.d.a."),
        ("Ada", "ada ✓ (Author)"),
        ("Ada", "👑 Ada [Admin]"),
        ("Ada", "Ada, moderator"),
        ("Ada", "A\u200bd\u00ada"),
        ("Ada", "Ada\ufe0f"),
        ("Ada (Editor)", "Ada"),
        ("Ivan", "lvan"),
        ("Ivan", "1VAN"),
        ("Tom", "Torn"),
        ("Will", "VVill"),
        ("EVE", "ΕVΕ"),
        ("Иван", "ИВАН"),
        ("Иван", "иван ✓"),
        ("André", "ANDRE"),
    ],
)
def test_names_that_look_alike(name, alike):
    assert skeleton(name) in skeletons(alike)


@pytest.mark.parametrize(
    ("name", "other"),
    [("Ada", "Adam"), ("Bob", "Rob"), ("राम", "रमा"), ("김민", "김민수"), ("明", "朋"), ("Ada", "Ada Lovelace")],
)
def test_names_that_do_not(name, other):
    assert skeleton(name) not in skeletons(other) and skeleton(other) not in skeletons(name)


@pytest.mark.parametrize("name", ["Admin", "👑 ADMIN", "The author"[4:], "аdmin", "Moderator ✓", "(Owner)", "管理者"])
def test_a_function_alone_is_no_name(name):
    assert is_role_name(name)


@pytest.mark.parametrize("name", ["", "✓", "Ada", "Authoress", "Admiral", "Hostel"])
def test_a_name_is(name):
    assert not is_role_name(name)


@pytest.mark.parametrize("name", ["", "👑✓", "a" * 400, "m" * 245, "\u0300" * 50])
def test_a_skeleton_fits_its_column_whatever_was_typed(name):
    assert len(skeleton(name)) <= 250
    assert all(len(each) <= 250 for each in skeletons(name))
