class Problem(Exception):
    """Raised by a check: what is wrong, and what to do about it, a sentence each."""

    def __init__(self, text, todo):
        super().__init__(text)
        self.text, self.todo = text, todo
