"""Reply tokens: what is signed is proved, and nothing else is."""

import pytest
from pydantic import ValidationError

from mail.message import Address, ParsedMail
from mail.tokens import ReplyTokens, TokenKeys, subject_token

NUMBER = "CAS-01042-A1B2C3"
OLD, NEW = b"old key, 16 bytes or more", b"new key, 16 bytes or more"
TOKENS = ReplyTokens(TokenKeys(current="k1", keys={"k1": OLD}))


class TestSigning:
    def test_proves_the_number_in_any_case_of_letters(self) -> None:
        token = TOKENS.sign(NUMBER)
        assert token == token.lower()
        assert TOKENS.verify(token) == TOKENS.verify(token.upper()) == NUMBER

    def test_is_the_same_each_time(self) -> None:
        assert TOKENS.sign(NUMBER) == TOKENS.sign(NUMBER)

    @pytest.mark.parametrize("number", ["", "CAS", "cas-01042-a1b2c3", "CAS-01042-A1B2C3\n", "CAS-01042-A1B2C3.x"])
    def test_signs_numbers_alone(self, number: str) -> None:
        with pytest.raises(ValueError, match="number"):
            TOKENS.sign(number)

    def test_old_keys_still_verify_after_a_rotation(self) -> None:
        rotated = ReplyTokens(TokenKeys(current="k2", keys={"k1": OLD, "k2": NEW}))
        assert rotated.verify(TOKENS.sign(NUMBER)) == NUMBER
        assert rotated.verify(rotated.sign(NUMBER)) == NUMBER
        assert TOKENS.verify(rotated.sign(NUMBER)) is None

    def test_a_key_id_with_another_key_proves_nothing(self) -> None:
        other = ReplyTokens(TokenKeys(current="k1", keys={"k1": NEW}))
        assert other.verify(TOKENS.sign(NUMBER)) is None

    @pytest.mark.parametrize("position", range(36))
    def test_any_changed_character_spoils_it(self, position: int) -> None:
        token = TOKENS.sign(NUMBER)
        assert len(token) == 36
        changed = token[:position] + ("2" if token[position] != "2" else "3") + token[position + 1 :]
        assert TOKENS.verify(changed) is None

    @pytest.mark.parametrize(
        "token", ["", ".", "cas-01042-a1b2c3.k1.", "x" * 10_000, "cas-01042-a1b2c3.k9.aaaaaaaaaaaaaaaa"]
    )
    def test_junk(self, token: str) -> None:
        assert TOKENS.verify(token) is None


class TestKeys:
    @pytest.mark.parametrize(
        ("current", "keys"),
        [("k2", {"k1": OLD}), ("K1", {"K1": OLD}), ("a.b", {"a.b": OLD}), ("k1", {"k1": b"short"})],
    )
    def test_unusable(self, current: str, keys: dict[str, bytes]) -> None:
        with pytest.raises(ValidationError):
            TokenKeys(current=current, keys=keys)

    def test_are_not_printed(self) -> None:
        assert "old key" not in repr(TokenKeys(current="k1", keys={"k1": OLD}))


class TestCarriers:
    def test_message_id(self) -> None:
        identifier = TOKENS.message_id(NUMBER, "0198c1f2-77", "example.com")
        assert identifier.endswith(".0198c1f2-77@example.com")
        assert TOKENS.find(ParsedMail(in_reply_to=identifier)) == [NUMBER]
        assert TOKENS.find(ParsedMail(references=("x@y", identifier, "z@y"))) == [NUMBER]

    @pytest.mark.parametrize("unique", ["", "A", "a b", "a>", "a@b", "x" * 65])
    def test_the_unique_part_is_harmless(self, unique: str) -> None:
        with pytest.raises(ValueError, match="unique"):
            TOKENS.message_id(NUMBER, unique, "example.com")

    def test_plus_address(self) -> None:
        address = TOKENS.plus_address("support@example.com", NUMBER)
        assert address.startswith("support+cas-01042-a1b2c3.k1.")
        for field in ("to", "cc"):
            assert TOKENS.find(ParsedMail.model_validate({field: (Address(address=address),)})) == [NUMBER]
        assert TOKENS.find(ParsedMail(delivered_to=(address,))) == [NUMBER]

    def test_a_mailbox_too_long_for_a_token(self) -> None:
        with pytest.raises(ValueError, match="mailbox"):
            TOKENS.plus_address("x" * 40 + "@example.com", NUMBER)

    def test_order_and_duplicates(self) -> None:
        first, second, third = (TOKENS.message_id(f"CAS-0000{n}-AAAAAA", "u", "example.com") for n in (1, 2, 3))
        mail = ParsedMail(in_reply_to=second, references=(first, third, second))
        assert TOKENS.find(mail) == ["CAS-00002-AAAAAA", "CAS-00003-AAAAAA", "CAS-00001-AAAAAA"]

    def test_a_forged_one_is_not_found(self) -> None:
        forged = TOKENS.message_id(NUMBER, "u", "example.com").replace("a1b2c3", "a1b2c4")
        longer = TOKENS.sign(NUMBER) + "x"
        assert TOKENS.find(ParsedMail(in_reply_to=forged, references=(f"{longer}@example.com",))) == []

    def test_thousands_of_tokens_cost_little(self) -> None:
        junk = tuple(f"cas-{n}-aaaaaa.k1.{'a' * 16}.u@x" for n in range(5000))
        assert TOKENS.find(ParsedMail(references=(TOKENS.message_id(NUMBER, "u", "x"), *junk))) == []


class TestSubject:
    @pytest.mark.parametrize(
        ("subject", "number"),
        [
            ("Re: [CAS-01042-A1B2C3] broken", NUMBER),
            ("re: [cas-01042-a1b2c3] broken", NUMBER),
            ("[CAS-00001-AAAAAA] [CAS-01042-A1B2C3]", "CAS-00001-AAAAAA"),
            ("CAS-01042-A1B2C3", None),
            ("[XYZ-01042-A1B2C3]", None),
            ("[CAS-01042]", None),
            ("", None),
        ],
    )
    def test_in_brackets(self, subject: str, number: str | None) -> None:
        assert subject_token(subject) == number

    def test_another_prefix(self) -> None:
        assert subject_token("[X.Y-01042-A1B2C3]", prefix="X.Y") == "X.Y-01042-A1B2C3"
        assert subject_token("[XaY-01042-A1B2C3]", prefix="X.Y") is None
