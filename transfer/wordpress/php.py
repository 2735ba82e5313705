"""Reads values in PHP's serialization format, as WordPress keeps arrays and objects in its meta tables.

Nothing is ever constructed: an object is a dict of its properties. Lengths of strings are repaired, because exports
change the strings and not the lengths: CRLF becomes LF, backslashes double or vanish, NULs are removed.

Source: https://www.php.net/manual/en/function.serialize.php, and `is_serialized()` of WordPress's functions.php.
"""

import re
from itertools import islice

Value = None | bool | int | float | str | dict["int | str", "Value"]

DEPTH = 64
VALUES = 100_000  # also those that references repeat
BYTES = 16 << 20
CLASS_KEY = "__PHP_Incomplete_Class_Name"  # the key under which PHP itself names a class that it does not know

LOOKS_SERIALIZED = re.compile(r"(?:N;|[bidrR]:[^;]*;|[sE]:[0-9]+:\".*\";|[aOC]:[0-9]+:.*\})", re.DOTALL)
SCALAR = re.compile(rb"(?:(N)|(?:([bidrR]):([^;{}\"]{1,400})));")
LENGTH = re.compile(rb"([sSEaOC]):\+?([0-9]{1,10}):")
INTEGER = re.compile(rb"[+-]?[0-9]{1,40}")
FLOAT = re.compile(rb"[+-]?(?:[0-9]+\.?[0-9]*(?:[eE][+-]?[0-9]{1,4})?|\.[0-9]+(?:[eE][+-]?[0-9]{1,4})?|INF|NAN)")
CLASS = re.compile(rb"\"([A-Za-z0-9_\\\x80-\xff]{0,200})\":")
# What can follow on the end of a string: the next key or value, the end of an array, the end of the text.
AFTER_STRING = re.compile(rb"\";(?=[sSEaOC]:\+?[0-9]+:|[bidrR]:|N;|\}|\s*\Z)")
ATTEMPTS = 200
ATTEMPT_BYTES = 2 << 20  # that all attempts together may read


def is_serialized(text: str) -> bool:
    """Whether WordPress would take a meta value for a serialized one. It may still be broken."""
    return bool(LOOKS_SERIALIZED.fullmatch(text.strip()))


def unserialize(text: str) -> Value:
    """The value: None, bool, int, float, str, or a dict in PHP's order for an array or object.

    An object's dict has the class's name under `__PHP_Incomplete_Class_Name`; the marks of private properties are taken
    off the names. A reference gives the same value again, None inside of itself. Raises ValueError for anything that is
    not one whole value, that is nested deeper than 64 or holds more than 100,000 values or 16 MB.
    """
    data = text.strip().encode("utf-8", "surrogatepass")
    if len(data) > BYTES:
        raise ValueError("too long")
    try:
        return _Reader(data).whole()
    except ValueError:
        return repaired(data)


def repaired(data: bytes) -> Value:
    """The value with the lengths of strings repaired.

    A string whose length is wrong ends at the first place where it can; where the rest then makes no sense, the string
    that was repaired last ends at its next place, and so on, for at most ATTEMPTS readings.
    """
    skips: dict[int, int] = {}
    for _attempt in range(max(1, min(ATTEMPTS, ATTEMPT_BYTES // (len(data) + 1)))):
        reader = _Reader(data, skips)
        try:
            return reader.whole()
        except ValueError:
            while reader.repaired and reader.repaired[-1] in reader.exhausted:
                skips.pop(reader.repaired.pop(), None)
            if not reader.repaired:
                raise
            skips[reader.repaired[-1]] = skips.get(reader.repaired[-1], 0) + 1
    raise ValueError("its lengths cannot be repaired")


class _Reader:
    """Reads one value. With `skips` it repairs: {where a string starts: how many of its possible ends to pass over}."""

    def __init__(self, data: bytes, skips: dict[int, int] | None = None) -> None:
        self.data, self.skips, self.position = data, skips, 0
        self.repaired: list[int] = []  # where the repaired strings start, in order
        self.exhausted: set[int] = set()  # those that have no other end
        self.slots: list[Value] = []  # what r: and R: point at, from 1 on
        self.sizes: list[int] = []  # how many values are in each; 0 while it is being read
        self.count = 0

    def whole(self) -> Value:
        value = self.value(0)
        if self.position != len(self.data):
            raise ValueError("more than one value")
        return value

    def fail(self) -> ValueError:
        return ValueError(f"not a serialized value at byte {self.position}")

    def grow(self, by: int = 1) -> None:
        self.count += by
        if self.count > VALUES:
            raise ValueError("too many values")

    def value(self, depth: int) -> Value:
        if depth > DEPTH:
            raise ValueError("nested too deeply")
        match = SCALAR.match(self.data, self.position)
        if match:
            self.position = match.end()
            if match.group(2) in (b"r", b"R"):
                return self.reference(match.group(2), match.group(3))
            return self.keep(self.scalar(match))
        match = LENGTH.match(self.data, self.position)
        if not match:
            raise self.fail()
        kind, length = match.group(1), int(match.group(2))
        self.position = match.end()
        if kind in b"sSE":
            text = self.string(length)
            return self.keep(escaped_bytes(text) if kind == b"S" else text.decode("utf-8", "replace"))
        if kind == b"C":
            return self.custom()
        return self.container(kind == b"O", length, depth)

    def keep(self, value: Value) -> Value:
        self.grow()
        self.slots.append(value)
        self.sizes.append(1)
        return value

    def scalar(self, match: re.Match[bytes]) -> Value:
        kind, text = match.group(2), (match.group(3) or b"").strip()
        if match.group(1):
            return None
        if kind == b"b" and text in (b"0", b"1"):
            return text == b"1"
        if kind == b"i" and INTEGER.fullmatch(text):
            return int(text)
        if kind == b"d" and FLOAT.fullmatch(text):
            return float(text.lower())
        raise self.fail()

    def reference(self, kind: bytes, text: bytes) -> Value:
        number = int(text) if INTEGER.fullmatch(text) else 0
        if not 0 < number <= len(self.slots):
            raise self.fail()
        size = self.sizes[number - 1]
        value = self.slots[number - 1] if size else None  # a value inside of itself
        self.grow(max(size, 1))
        if kind == b"r":
            self.slots.append(value)
            self.sizes.append(max(size, 1))
        return value

    def container(self, is_object: bool, length: int, depth: int) -> Value:
        found: dict[int | str, Value] = {}
        if is_object:
            match = CLASS.match(self.data, self.position)
            counted = re.compile(rb"([0-9]{1,10}):").match(self.data, match.end()) if match else None
            if not match or not counted:
                raise self.fail()
            found[CLASS_KEY] = match.group(1).decode("utf-8", "replace")
            length, self.position = int(counted.group(1)), counted.end()
        if self.data[self.position : self.position + 1] != b"{":
            raise self.fail()
        self.position += 1
        self.keep(found)
        slot, before = len(self.slots) - 1, self.count
        self.sizes[slot] = 0
        for _ in range(length):
            key = self.key()
            found[property_name(key) if is_object and isinstance(key, str) else key] = self.value(depth + 1)
        if self.data[self.position : self.position + 1] != b"}":
            raise self.fail()
        self.position += 1
        self.sizes[slot] = 1 + self.count - before
        return found

    def key(self) -> int | str:
        match = SCALAR.match(self.data, self.position)
        if match and match.group(2) == b"i" and INTEGER.fullmatch(match.group(3)):
            self.position = match.end()
            return int(match.group(3))
        match = LENGTH.match(self.data, self.position)
        if match and match.group(1) in (b"s", b"S"):
            self.position = match.end()
            text = self.string(int(match.group(2)))
            return escaped_bytes(text) if match.group(1) == b"S" else text.decode("utf-8", "replace")
        raise self.fail()

    def custom(self) -> Value:
        """C:5:"class":9:{whatever the class has written}: only the class can read it."""
        match = CLASS.match(self.data, self.position)
        counted = re.compile(rb"([0-9]{1,10}):\{").match(self.data, match.end()) if match else None
        if not match or not counted:
            raise self.fail()
        end = counted.end() + int(counted.group(1))
        if self.data[end : end + 1] != b"}":
            raise self.fail()
        self.position = end + 1
        return self.keep({CLASS_KEY: match.group(1).decode("utf-8", "replace")})

    def string(self, length: int) -> bytes:
        """The bytes between the quotes. The length counts while `";` stands behind them; a wrong one is repaired."""
        start = self.position + 1
        if self.data[self.position : start] != b'"':
            raise self.fail()
        end = start + length
        if self.skips is None and self.data[end : end + 2] != b'";':
            raise self.fail()
        if self.skips is not None and not AFTER_STRING.match(self.data, end):
            end = self.repaired_end(start, self.skips.get(start, 0))
        self.position = end + 2
        return self.data[start:end]

    def repaired_end(self, start: int, skip: int) -> int:
        """Where a string of a wrong length ends."""
        self.repaired.append(start)
        ends = [match.start() for match in islice(AFTER_STRING.finditer(self.data, start), skip, skip + 2)]
        if len(ends) < 2:
            self.exhausted.add(start)
        if not ends:
            raise self.fail()
        return ends[0]


def escaped_bytes(text: bytes) -> str:
    """The text of an `S:` string, in which a byte may be written as a backslash and two hexadecimal digits."""
    decoded = re.sub(rb"\\([0-9a-fA-F]{2})", lambda match: bytes.fromhex(match.group(1).decode()), text)
    return decoded.decode("utf-8", "replace")


def property_name(name: str) -> str:
    """A property without PHP's marks: "\\0*\\0name" is protected, "\\0Class\\0name" private."""
    return name.rpartition("\0")[2] if name.startswith("\0") else name
