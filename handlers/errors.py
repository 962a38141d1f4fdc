"""What can be wrong with a request, as a key and its words; a sentence only at the last moment."""


class RequestError(Exception):
    """A request that cannot be answered. `key` is a sentence of `locale/*/core.toml`.

    `suggestions` are complete requests that the asker may have meant, best first.
    """

    def __init__(self, key: str, *, suggestions: tuple[str, ...] = (), **words: object) -> None:
        super().__init__(key, words)
        self.key = key
        self.words = words
        self.suggestions = suggestions


class Misunderstood(RequestError):
    """It does not say what a command needs."""


class NotAllowed(RequestError):
    """It would change the channel, and the asker may not."""
