from mail.imap.client import uid_sets


def test_uids_are_joined_into_ranges() -> None:
    assert uid_sets([9, 3, 5, 4, 3]) == ["3:5,9"]


def test_no_uids_make_no_command() -> None:
    assert uid_sets([]) == []


def test_a_set_names_at_most_a_hundred_messages() -> None:
    assert uid_sets(range(1, 251)) == ["1:100", "101:200", "201:250"]
