"""The languages whose stems the search knows, and the short words that tell German from English."""

from __future__ import annotations

import re
from enum import StrEnum


class Language(StrEnum):
    """By Snowball's names."""

    GERMAN = "german"
    ENGLISH = "english"
    RUSSIAN = "russian"
    GREEK = "greek"


GERMAN_AND_ENGLISH = (Language.GERMAN, Language.ENGLISH)
"""Of a text in Latin letters the words tell which; what is searched for is too short for that, and is asked in both."""

STOP_WORDS: dict[Language, frozenset[str]] = {
    Language.GERMAN: frozenset(
        re.findall(
            r"\w+",
            """aber alle als also am an auch auf aus bei bin bis bitte da damit das dass dem den der des die dies diese
            dieser doch du durch ein eine einem einen einer er es für gegen habe haben hat hatte ich ihr ihre ihren
            im in ist ja kann kein keine können man mein meine meinem meinen mich mir mit muss nach nicht noch nun
            nur ob oder ohne schon sehr sein sich sie sind so um und uns unser unsere vom von vor war warum was wegen
            wenn werden wie wieder wir wird wo wurde zu zum zur""",
        )
    ),
    Language.ENGLISH: frozenset(
        re.findall(
            r"\w+",
            """a about after again all also am an and any are as at be because been before but by can could did do does
            for from had has have he her his how i if in into is it its just me more my no not of on or our out
            please she so some than that the their them then there these they this to up was we were what when where
            which who why will with would you your""",
        )
    ),
}

TELLS_NOTHING = frozenset().union(*STOP_WORDS.values())
"""Words that are not asked for beside others."""
