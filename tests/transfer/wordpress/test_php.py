"""PHP's serialized values: read as plain data, repaired where an export has changed the strings, refused otherwise."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transfer.wordpress.php import CLASS_KEY, is_serialized, unserialize


def serialize(value):
    """As PHP does."""
    match value:
        case None:
            return "N;"
        case bool():
            return f"b:{int(value)};"
        case int():
            return f"i:{value};"
        case float():
            return f"d:{value!r};".replace("inf", "INF")
        case str():
            return f's:{len(value.encode())}:"{value}";'
        case list():
            return serialize(dict(enumerate(value)))
        case dict():
            inner = "".join(serialize(key) + serialize(inside) for key, inside in value.items())
            return f"a:{len(value)}:{{{inner}}}"
    raise TypeError(value)


TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.sampled_from(['";', '";}', '";s:1:"', "a\r\nb", "back\\slash", "O’Neil ü 日本 👩‍👩‍👧", 's:3:"abc";', "{}"]),
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS
KEYS = st.integers(-(2**63), 2**63 - 1) | TEXTS
VALUES = st.recursive(SCALARS, lambda inner: st.dictionaries(KEYS, inner, max_size=4), max_leaves=12)


@given(VALUES)
def test_what_php_writes_is_read_back(value):
    assert unserialize(serialize(value)) == value
    assert is_serialized(serialize(value))


LINES = st.lists(st.text("abcü\\'<> ", max_size=6), max_size=4).map("\r\n".join)
SIMPLE = st.recursive(
    LINES | st.integers() | st.none(),
    lambda inner: st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=4),
    max_leaves=10,
)


def changed(value, change):
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: changed(inner, change) for key, inner in value.items()}
    return value


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\r\n", "\n"),
        lambda text: text.replace("\\", "\\\\"),
        lambda text: text.replace("\\", ""),
        lambda text: text.replace("ü", "ue"),
    ],
    ids=["newlines", "doubled backslashes", "lost backslashes", "other encoding"],
)
@given(value=SIMPLE)
def test_lengths_that_are_no_longer_true_are_repaired(change, value):
    assert unserialize(change(serialize(value))) == changed(value, change)


@given(st.text('abdsiOaCNrR:;{}"0123456789.\\ \n*', max_size=60))
@settings(max_examples=500)
def test_nothing_but_a_value_or_a_value_error_comes_back(text):
    try:
        unserialize(text)
    except ValueError:
        pass


@given(SIMPLE, st.data())
def test_a_value_that_is_cut_is_refused(value, data):
    text = serialize(value)
    cut = text[: data.draw(st.integers(0, len(text) - 1))]
    with pytest.raises(ValueError):
        unserialize(cut)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("N;", None),
        ("b:1;", True),
        ("i:-7;", -7),
        ("d:0.5;", 0.5),
        ("d:1.0E+25;", 1e25),
        ("d:INF;", float("inf")),
        ("d:-INF;", float("-inf")),
        ('s:0:"";', ""),
        ('s:4:"ü日";', "ü日"),  # five bytes: a length of another encoding
        ("a:0:{}", {}),
        ('  a:1:{i:0;s:1:"x";}\n', {0: "x"}),
        (r'S:3:"a\62c";', "abc"),
        ('E:11:"Suit:Hearts";', "Suit:Hearts"),
        ('O:8:"stdClass":1:{s:4:"name";s:3:"Ada";}', {CLASS_KEY: "stdClass", "name": "Ada"}),
        ('O:3:"A\\B":1:{s:4:"\0*\0x";i:1;}', {CLASS_KEY: "A\\B", "x": 1}),
        ('O:3:"A\\B":1:{s:4:"*x";i:1;}', {CLASS_KEY: "A\\B", "*x": 1}),  # its NULs are lost
        ('C:11:"ArrayObject":3:{abc}', {CLASS_KEY: "ArrayObject"}),
        ('a:2:{i:0;s:1:"x";i:1;R:2;}', {0: "x", 1: "x"}),
        ("a:1:{i:0;R:1;}", {0: None}),  # itself
        # Serialized twice, with a length that is wrong inside and outside.
        ('a:1:{s:1:"m";s:40:"a:1:{s:3:"key";s:9:"two\nlines";}";}', {"m": 'a:1:{s:3:"key";s:9:"two\nlines";}'}),
    ],
)
def test_values(text, value):
    assert unserialize(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain text",
        "i:1",
        "i:one;",
        "b:2;",
        "d:1e99999999;",
        's:3:"abc"',
        'a:2:{i:0;s:1:"x";}',
        "a:-1:{}",
        "a:1:{a:0:{}i:1;}",
        "r:1;",
        "R:9;",
        "a:1:{i:0;i:1;}i:2;",
        'O:8:"std Class":0:{}',
        "a:99999999:{i:0;",
        "a:1:{i:0;" * 100 + "N;" + "}" * 100,  # nested too deeply
        's:99999999999999999999:"x";',
    ],
)
def test_what_is_no_value_is_refused(text):
    with pytest.raises(ValueError):
        unserialize(text)


def test_references_cannot_grow_into_a_bomb():
    """Each array holds the one before it twice: 30 of them would be a thousand million values."""
    chain = "a:30:{i:0;a:1:{i:0;N;}"
    for place in range(1, 30):
        before = 2 if place == 1 else place + 2
        chain += f"i:{place};a:2:{{i:0;R:{before};i:1;R:{before};}}"
    with pytest.raises(ValueError, match="too many values"):
        unserialize(chain + "}")


def test_a_hopeless_value_costs_little_time():
    started = time.process_time()
    with pytest.raises(ValueError):
        unserialize("a:5000:{" + 's:9:"x";i:1;' * 4999)
    with pytest.raises(ValueError):
        unserialize('s:9:"' + 'x";i:1;' * 100_000)
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:0:{}", True),
        ('s:1:"x";', True),
        ("b:0;", True),
        ("N;", True),
        (" i:1; ", True),
        ("a: list", False),
        ("Note: this;", False),
        ("http://example.org;", False),
        ("", False),
    ],
)
def test_what_looks_serialized(text, expected):
    assert is_serialized(text) is expected
