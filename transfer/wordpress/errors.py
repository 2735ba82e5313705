"""Why a file is not read."""


class Refused(Exception):
    """A file that is not read at all. `reason` is a sentence for people, `line` the place in the file or 0."""

    def __init__(self, reason: str, line: int = 0, file: str = "") -> None:
        super().__init__(reason, line, file)
        self.reason, self.line, self.file = reason, line, file

    def __str__(self) -> str:
        place = " ".join(filter(None, [self.file, f"line {self.line}" if self.line else ""]))
        return f"{self.reason} ({place})" if place else self.reason
