"""Of what is said twice, once; of what is said in several parts, all."""

from mail.bodies import Bodies


def told(*parts: tuple[int, str, str]) -> str:
    bodies = Bodies()
    for group, kind, text in parts:
        bodies.add(group, f"text/{kind}", text)
    return bodies.text()


def test_of_alternatives_the_plain_one() -> None:
    assert told((1, "html", "<p>rich"), (1, "plain", "plain")) == "plain"


def test_a_blank_alternative_says_nothing() -> None:
    assert told((1, "plain", " \n"), (1, "html", "<p>rich")) == "rich"


def test_what_is_written_for_amp_is_the_html_said_again() -> None:
    assert told((1, "x-amp-html", "<p>amp"), (1, "html", "<p>rich")) == "rich"
    assert told((1, "x-amp-html", "<p>amp")) == "amp"


def test_several_parts_in_their_order() -> None:
    assert (
        told((1, "html", "<p>letter"), (2, "plain", "footer"), (3, "enriched", "<bold>x</bold>")) == "letter\nfooter\nx"
    )


def test_html_is_all_the_html() -> None:
    bodies = Bodies()
    bodies.add(1, "text/html", "<p>a")
    bodies.add(2, "text/plain", "b")
    bodies.add(3, "text/html", "<p>c")
    assert bodies.html() == "<p>a\n<p>c"


def test_nothing() -> None:
    assert (Bodies().text(), Bodies().html()) == ("", "")
