"""By which ways agents may get in, and where: what the operator of the house has set."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """A provider of OpenID Connect. `domains`: whose addresses may sign in; empty: any that an agent has."""

    issuer: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    name: str = ""
    """As the sign-in page calls it; empty: by its host."""
    domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ways:
    """`address`: where people reach the console, such as `https://desk.example.com`; None: that of the organisation's pages.
    `local`: where it is if neither is set."""

    address: str | None = None
    local: str = "http://127.0.0.1:8420"
    passwords: bool = True
    provider: ProviderSettings | None = None

    def base(self, pages: str | None) -> str:
        """The address that links in letters begin with. `pages`: that of the organisation's pages."""
        return (self.address or pages or self.local).rstrip("/")
