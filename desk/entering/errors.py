"""What is refused while somebody gets in. None of it tells whether there is an account."""

from __future__ import annotations

from datetime import timedelta

from desk.errors import DeskError
from models.messages.said import said


class WrongSecret(DeskError):
    """401: no such account, or not its password, or not the code of now. They are told alike."""

    status = 401
    title = "Not signed in"

    def __init__(self, detail: str = said("this name and this password do not belong together")) -> None:
        super().__init__("wrong-secret", detail)


class TooManyTries(DeskError):
    """429: this account, or this network address, has tried too often. `wait`: until one more is free."""

    status = 429
    title = "Too many tries"

    def __init__(self, wait: timedelta) -> None:
        super().__init__("too-many-tries", said("too many tries; wait for a while"))
        self.wait = wait


class TicketClosed(DeskError):
    """410: a link, or a sign-in that waited for its code, that is used, over, replaced or none of ours."""

    status = 410
    title = "This link does not work any more"

    def __init__(self) -> None:
        super().__init__("link-closed", said("this link was used, is over, or was not copied as a whole"))


class ProviderRefused(DeskError):
    """403: the provider did not vouch for anybody whom we know. The text says what happened, for whoever mends it."""

    status = 403
    title = "The provider's sign-in was not taken"

    def __init__(self, detail: str) -> None:
        super().__init__("provider-refused", detail)


class ProviderAway(DeskError):
    """502: the provider cannot be asked."""

    status = 502
    title = "The provider gives no answer"

    def __init__(self, detail: str) -> None:
        super().__init__("provider-away", detail)
