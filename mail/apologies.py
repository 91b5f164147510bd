"""What people have their telephone say of their spelling, behind what it says of itself: "Sent from my iPhone. Please excuse
any typos." It is as little their word on the matter as the rest of the line."""

import re

FAULTS = frozenset(
    re.split(
        r"\s+",
        """
        typo typos typoes brevity errors error mistakes mistake misspelling misspellings misspelled spelling autocorrect
        autocorrections shortness terseness tippfehler schreibfehler rechtschreibfehler kürze fautes faute coquilles coquille
        erreurs brièveté errores faltas erratas brevedad errori refusi brevità erros brevidade gralhas typefouten typefout
        tikfouten spelfouten fouten beknoptheid stavfel skrivfel korthet tastefejl stavefejl skrivefejl skrivefeil
        literówki literówek błędy překlepy chyby опечатки ошибки краткость
        """.strip(),
    )
)
AROUND_THEM = frozenset(
    re.split(
        r"\s+",
        """
        please pls kindly excuse pardon forgive sorry apologies apologise apologize ignore i my for the any all and or in
        advance of possible potential grammatical grammar
        bitte entschuldigen entschuldigt entschuldige entschuldigung verzeihung verzeihen verzeiht sie zu ist sind etwaige
        eventuelle eventuellen mögliche die das und oder für vielmals um ich bitten
        merci de d'excuser d’excuser excuser excusez veuillez désolé désolée pardonnez pour la les des éventuelles éventuels
        toute toutes mes ma et ou frappe d'orthographe d’orthographe orthographe
        disculpe disculpa disculpen disculpad perdone perdona perdón perdonen por los las el y o posibles cualquier ortográficos
        scusate scusa scusi mi gli le per eventuali e di battitura ortografia
        desculpe desculpa desculpem pelos pela os as digitação possíveis eventuais quaisquer
        excuses excuus voor eventuele mijn en
        ursäkta förlåt eventuella och undskyld beklager unnskyld og mine
        przepraszam za ewentualne omluvte prosím případné извините простите за возможные и
        """.strip(),
    )
)
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
BREAK = re.compile(
    r"\s?[.,;:!–—-]{1,3}\s{1,3}|\s(?=(?:please|pls|sorry|apologies|excuse|bitte|merci)\b)", re.IGNORECASE
)
LONGEST = 200
"""Characters of a line in which it is looked for."""


def is_apology(line: str) -> bool:
    """Whether a line says nothing else, as where it stands below the advertisement."""
    if len(line) > LONGEST:
        return False
    said = {word.casefold() for word in WORD.findall(line)}
    return not said.isdisjoint(FAULTS) and said <= FAULTS | AROUND_THEM


def without_apology(line: str) -> str:
    """The line without an apology behind it, which has no words but its own."""
    if len(line) > LONGEST:
        return line
    ends = (found.start() for found in BREAK.finditer(line) if is_apology(line[found.end() :]))
    return line[: next(ends, None)].rstrip()
