"""The texts of a mail put together. What is said in two formats counts once; what is said in several parts is all kept."""

from collections import defaultdict
from dataclasses import dataclass, field

from mail.plaintext import LONGEST_HTML, enriched_to_text, html_to_text

READ_AS_TEXT = ("text/plain", "text/html", "text/enriched", "text/richtext")


@dataclass
class Bodies:
    """Collects text parts in their order. Parts of one group say the same in different formats."""

    _groups: defaultdict[int, defaultdict[str, list[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    def add(self, group: int, kind: str, text: str) -> None:
        """`kind` is one of `READ_AS_TEXT`."""
        self._groups[group][kind].append(text)

    def html(self) -> str:
        return "\n".join(text for group in self._groups.values() for text in group.get("text/html", ()))

    def text(self) -> str:
        """Of each group the plain text, or else its HTML as text: a list's plain footer does not hide an HTML letter."""
        found, left = [], LONGEST_HTML
        for group in self._groups.values():
            plain, html, *rich = ("\n".join(group.get(kind, ())) for kind in READ_AS_TEXT)
            if not plain.strip() and html.strip():
                source = html[:left]
                left -= len(source)
                found.append(html_to_text(source))
            elif not plain.strip() and any(rich):
                found.append(enriched_to_text("\n".join(filter(None, rich))))
            else:
                found.append(plain)
        return "\n".join(found)
