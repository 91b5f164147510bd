"""Access tokens: when one is fetched, when it is kept, and what a token endpoint's refusals come to."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from mail import oauth
from mail.oauth import AccessTokens, TokenRefused, TokenUnavailable
from tests.mail.servers import SUPPORT, Listener, TokenEndpoint, credentials


@pytest.fixture
async def endpoint() -> AsyncIterator[TokenEndpoint]:
    async with TokenEndpoint(SUPPORT) as running:
        yield running


@pytest.fixture
def tokens() -> AccessTokens:
    return AccessTokens()


def secret(endpoint: TokenEndpoint, **changes: str) -> SecretStr:
    return SecretStr(credentials(endpoint, **changes))


class TestFetching:
    async def test_an_access_token_is_itself(self, tokens: AccessTokens) -> None:
        assert await tokens.token(SecretStr("ya29.a0")) == "ya29.a0"
        assert await tokens.token(SecretStr("ya29.a0"), refused="ya29.a0") == "ya29.a0"

    async def test_a_refresh_token_is_exchanged(self, endpoint: TokenEndpoint, tokens: AccessTokens) -> None:
        assert await tokens.token(secret(endpoint, scope="mail")) == "access-1"
        assert endpoint.asked == [
            {
                "grant_type": "refresh_token",
                "client_id": "desk",
                "client_secret": "c-secret",
                "refresh_token": "r-secret",
                "scope": "mail",
            }
        ]

    async def test_an_application_asks_in_its_own_name(self, endpoint: TokenEndpoint, tokens: AccessTokens) -> None:
        given = {"token_url": endpoint.url, "client_id": "desk", "client_secret": "c-secret", "scope": "all"}
        assert await tokens.token(SecretStr(json.dumps(given))) == "access-1"
        assert endpoint.asked[0] == {
            "grant_type": "client_credentials",
            "client_id": "desk",
            "client_secret": "c-secret",
            "scope": "all",
        }

    async def test_a_token_is_kept_until_it_expires(self, endpoint: TokenEndpoint, tokens: AccessTokens) -> None:
        for _ in range(3):
            assert await tokens.token(secret(endpoint)) == "access-1"
        endpoint.more = {"expires_in": 0.000_001}
        assert await tokens.token(secret(endpoint), refused="access-1") == "access-2"
        assert await tokens.token(secret(endpoint)) == "access-3"

    async def test_a_refused_token_is_fetched_anew_once_for_all(
        self, endpoint: TokenEndpoint, tokens: AccessTokens
    ) -> None:
        await tokens.token(secret(endpoint))
        newer = await asyncio.gather(*(tokens.token(secret(endpoint), refused="access-1") for _ in range(5)))
        assert newer == ["access-2"] * 5

    async def test_a_new_refresh_token_takes_the_place_of_the_old(
        self, endpoint: TokenEndpoint, tokens: AccessTokens
    ) -> None:
        given = secret(endpoint)
        endpoint.more = {"refresh_token": "r-newer"}
        await tokens.token(given)
        newer = tokens.renewed(given)
        assert newer is not None
        assert json.loads(newer.get_secret_value()) == json.loads(credentials(endpoint, refresh_token="r-newer"))
        await tokens.token(given, refused="access-1")
        assert [asked["refresh_token"] for asked in endpoint.asked] == ["r-secret", "r-newer"]
        assert await tokens.token(newer) == "access-2"  # whoever reads the kept secret shares the token

    async def test_the_same_refresh_token_is_no_news(self, endpoint: TokenEndpoint, tokens: AccessTokens) -> None:
        endpoint.more = {"refresh_token": "r-secret"}
        await tokens.token(secret(endpoint))
        assert tokens.renewed(secret(endpoint)) is None


class TestRefusals:
    async def test_credentials_that_are_refused(self, endpoint: TokenEndpoint, tokens: AccessTokens) -> None:
        endpoint.answers = [(400, {"error": "invalid_grant", "error_description": "r-secret\r\nhas been c-secret"})]
        with pytest.raises(TokenRefused, match="400 invalid_grant: ") as refused:
            await tokens.token(secret(endpoint))
        assert str(endpoint.port) in str(refused.value)
        assert "secret" not in str(refused.value)
        assert "\n" not in str(refused.value)
        assert await tokens.token(secret(endpoint)) == "access-1"

    @pytest.mark.parametrize(
        ("status", "answer"),
        [
            (503, b"<html>"),
            (429, {"error": "slow_down"}),
            (302, b""),
            (200, b"not json"),
            (200, b"[]"),
            (200, {}),
            (200, {"access_token": "a\x01auth=Bearer b"}),
            (200, {"access_token": 7}),
            (200, b" " * (oauth.LARGEST_ANSWER + 1)),
        ],
    )
    async def test_an_endpoint_that_gives_none(
        self, endpoint: TokenEndpoint, tokens: AccessTokens, status: int, answer: bytes | dict[str, object]
    ) -> None:
        endpoint.answers = [(status, answer)]
        with pytest.raises(TokenUnavailable, match="token endpoint"):
            await tokens.token(secret(endpoint))
        assert await tokens.token(secret(endpoint)) == "access-1"

    async def test_nobody_there(self, tokens: AccessTokens) -> None:
        async with TokenEndpoint(SUPPORT) as endpoint:
            given = secret(endpoint)
        with pytest.raises(TokenUnavailable, match="token endpoint"):
            await tokens.token(given)

    async def test_an_endpoint_that_is_silent_is_not_waited_for(
        self, tokens: AccessTokens, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
            await reader.read()

        monkeypatch.setattr(oauth, "PATIENCE", 0.1)
        async with TokenEndpoint(SUPPORT) as named, Listener(silent) as listener:
            given = secret(named, token_url=f"http://127.0.0.1:{listener.port}/")
            async with asyncio.timeout(20):
                with pytest.raises(TokenUnavailable):
                    await tokens.token(given)
