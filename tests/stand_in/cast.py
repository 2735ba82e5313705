"""Who has an account at the providers that we play. Each test may change them and gets them back whole."""

from dataclasses import asdict, dataclass


@dataclass
class Somebody:
    number: str
    login: str
    name: str
    email: str
    verified: bool = True

    def as_json(self):
        return asdict(self)


def everybody():
    return {
        "ann": Somebody("1001", "ann", "Ann Reader", "ann@example.org"),
        "bob": Somebody("1002", "bob", "Bob Weber", "bob@example.org"),
        "olga": Somebody("1003", "olga", "Olga Without", ""),
    }
