"""What can go wrong; each text is the one that the real operator writes into conditions and events."""

from __future__ import annotations


class OperatorError(Exception):
    """Ends a round; the round is repeated later."""


class FlagError(OperatorError):
    """A value that the grammar of `helm --set` does not take. The text holds the value, as in the real operator."""

    def __init__(self, name: str, value: str, reason: str) -> None:
        super().__init__(f"failed to parse {name}={value} flag: {reason}")


class RenderError(OperatorError):
    """The chart cannot be rendered with these values."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"could not render manifest : while templating chart: {reason}")


class StorageError(OperatorError):
    """What `spec.storage` names cannot be used: the real operator only warns of it and continues."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"failed to set storage configuration: {reason}")


class LookupFailure(Exception):
    """A Secret that cannot be read, in the words of the API."""
