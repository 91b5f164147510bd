"""Signing in at a provider: a real one, and one that lies in every way that OpenID Connect Core 3.1.3.7 names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import RSAKey

from desk.entering.errors import ProviderAway, ProviderRefused
from desk.entering.provider import LASTS, Provider, Vouched
from desk.entering.ways import ProviderSettings
from models.records.entering import ProviderIdentity
from tests.support.entering import HERE, Door, add_agent
from tests.support.providers import ISSUER, LyingProvider, real_provider, shared_secret

BACK = "https://desk.example/sign-in/provider/back"
EMAIL = {"email": "Ada@House.example", "email_verified": True}


def at_once() -> datetime:
    """The provider tells the wall's time, so that a test cannot choose its own."""
    return datetime.now(UTC)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


def provider(door: Door, lying: LyingProvider, **settings: Any) -> Provider:
    given = {"issuer": ISSUER, "client_id": "caseloom", "client_secret": "s3cret"} | settings
    return Provider(ProviderSettings(**given), door.keyring, transport=lying.transport)


async def vouched(door: Door, lying: LyingProvider, **settings: Any) -> Vouched:
    now = at_once()
    made = provider(door, lying, **settings)
    away = await made.send_away(BACK, "/cases", now)
    said, after = await made.back(away.sealed, lying.back(away.address), now)
    assert after == "/cases"
    return said


async def test_somebody_signs_in_at_a_real_provider(door: Door) -> None:
    async with real_provider() as real:
        await real.knows("ada-1", email="ada@house.example", email_verified=True)
        made = Provider(ProviderSettings(real.issuer, "caseloom", "s3cret"), door.keyring)
        away = await made.send_away(BACK, "/cases?a=b", at_once())
        asked = parse_qs(urlsplit(away.address).query)
        assert asked["code_challenge_method"] == ["S256"]
        assert asked["redirect_uri"] == [BACK]
        assert not {asked["state"][0], asked["nonce"][0]} & set(away.sealed.split(":"))
        back = {
            name: each[0] for name, each in parse_qs(urlsplit(await real.signs_in(away.address, "ada-1")).query).items()
        }
        said, after = await made.back(away.sealed, back, at_once())
        assert (said, after) == (Vouched(real.issuer, "ada-1", "ada@house.example"), "/cases?a=b")
        with pytest.raises(ProviderRefused):
            await made.back(away.sealed, back, at_once())  # a code counts once
        no = await made.send_away(BACK, "/", at_once())
        denied = await real.signs_in(no.address, None)
        with pytest.raises(ProviderRefused):
            await made.back(no.sealed, {k: v[0] for k, v in parse_qs(urlsplit(denied).query).items()}, at_once())


async def test_what_a_right_provider_says_is_taken(door: Door) -> None:
    lying = LyingProvider(claims=EMAIL)
    assert await vouched(door, lying) == Vouched(ISSUER, "u1", "ada@house.example")
    assert lying.asked["grant_type"] == ["authorization_code"]
    assert len(lying.asked["code_verifier"][0]) >= 43
    assert lying.asked["auth"][0].startswith("Basic ")
    lying = LyingProvider(userinfo=EMAIL, metadata={"token_endpoint_auth_methods_supported": ["client_secret_post"]})
    assert (await vouched(door, lying)).email == "ada@house.example"
    assert lying.asked["client_secret"] == ["s3cret"]
    assert (await vouched(door, LyingProvider(claims=EMAIL), client_secret=None)).subject == "u1"
    unverified = LyingProvider(claims=EMAIL | {"email_verified": False})
    assert (await vouched(door, unverified)).email is None
    assert (await vouched(door, LyingProvider())).email is None


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://other.example"},
        {"aud": "somebody-else"},
        {"aud": ["caseloom", "somebody-else"]},
        {"azp": "somebody-else"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 256},
        {"sub": 7},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    ],
    ids=str,
)
async def test_an_id_token_that_says_something_wrong_is_refused(door: Door, claims: dict[str, Any]) -> None:
    with pytest.raises(ProviderRefused):
        await vouched(door, LyingProvider(claims=EMAIL | claims))


async def test_an_id_token_of_another_key_or_of_our_own_secret_is_refused(door: Door) -> None:
    other = LyingProvider(claims=EMAIL)
    other.signing = RSAKey.generate_key(2048, {"kid": "one"})
    shared = LyingProvider(claims=EMAIL, alg="HS256")
    shared.signing = shared_secret()
    for lying in (other, shared):
        with pytest.raises(ProviderRefused):
            await vouched(door, lying)


async def test_a_provider_that_is_another_or_out_of_order_is_told_apart(door: Door) -> None:
    for lying in (
        LyingProvider(metadata={"issuer": "https://other.example"}),
        LyingProvider(metadata={"token_endpoint": "http://login.example/token"}),
        LyingProvider(metadata={"jwks_uri": None}),
        LyingProvider(userinfo={"sub": "u2", **EMAIL}),
    ):
        with pytest.raises(ProviderRefused):
            await vouched(door, lying)
    for path in ("/.well-known/openid-configuration", "/keys", "/token", "/userinfo"):
        with pytest.raises(ProviderAway):
            await vouched(door, LyingProvider(broken=frozenset({path})))


async def test_an_answer_counts_in_the_browser_that_asked_and_for_some_minutes(door: Door) -> None:
    lying = LyingProvider(claims=EMAIL)
    made = provider(door, lying)
    away, other = await made.send_away(BACK, "/", at_once()), await made.send_away(BACK, "/", at_once())
    query = lying.back(away.address)
    for sealed, said, at in (
        (other.sealed, query, at_once()),
        (away.sealed, {"code": "a-code"}, at_once()),
        (away.sealed, query | {"state": "\u00e4"}, at_once()),
        (away.sealed, query, at_once() + LASTS + timedelta(seconds=1)),
        ("", query, at_once()),
        (away.sealed[:-2], query, at_once()),
        ("k9:" + away.sealed.partition(":")[2], query, at_once()),
    ):
        with pytest.raises(ProviderRefused):
            await made.back(sealed, said, at)
    assert (await made.back(away.sealed, query, at_once()))[0].subject == "u1"


async def test_only_addresses_of_the_domains_that_are_named_may_sign_in(door: Door) -> None:
    lying = LyingProvider(claims=EMAIL)
    assert (await vouched(door, lying, domains=("House.example",))).email is not None
    with pytest.raises(ProviderRefused, match=r"addresses of house\.example"):
        await vouched(door, lying, domains=("elsewhere.example", "example"))


async def test_an_agent_is_known_by_their_verified_address_first_and_by_their_subject_ever_after(door: Door) -> None:
    ada = Vouched(ISSUER, "u1", "ada@house.example")
    entered = await door.signing_in.with_provider(ada, HERE, at_once())
    began = await door.session(entered, at_once())
    assert (began.identity.slug, began.by_provider) == ("ada", True)
    assert not (await door.with_password()).by_provider
    async with door.database.read() as session:
        assert (await session.get_one(ProviderIdentity, (ISSUER, "u1"))).agent_id == door.ada
    await door.change(email="ada@married.example")
    for known in (ada, Vouched(ISSUER, "u1", None), Vouched(ISSUER, "u1", "whatever@house.example")):
        await door.session(await door.signing_in.with_provider(known, HERE, at_once()), at_once())
    await add_agent(door.database, "bob")
    await add_agent(door.database, "carl", "shared@house.example")
    await add_agent(door.database, "dora", "shared@house.example")
    for unknown in (
        Vouched(ISSUER, "u2", "ada@married.example"),  # an address that was given to somebody else since
        Vouched(ISSUER, "u2", "nobody@house.example"),
        Vouched(ISSUER, "u2", "shared@house.example"),
        Vouched(ISSUER, "u2", None),
        Vouched("https://other.example", "u1", None),
        Vouched(ISSUER, "u2", "ada"),
    ):
        with pytest.raises(ProviderRefused):
            await door.signing_in.with_provider(unknown, HERE, at_once())
    await door.change(active=False)
    with pytest.raises(ProviderRefused):
        await door.signing_in.with_provider(ada, HERE, at_once())


async def test_who_has_a_second_factor_here_is_asked_for_it_after_the_provider_too(door: Door) -> None:
    await door.with_second_factor(await door.with_password())
    entered = await door.signing_in.with_provider(Vouched(ISSUER, "u1", "ada@house.example"), HERE, at_once())
    assert entered.secret is None
    assert entered.ticket is not None
