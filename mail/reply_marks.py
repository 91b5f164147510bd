"""The lines with which desks ask for answers above them: "##- Please type your reply above this line -##". What stands
below them is what the desk has sent."""

import re

from mail.header_blocks import RULE
from mail.patterns import phrases

ABOVE = phrases(r"""
    (?:above|over) (?:this|the|that) (?:dotted |dashed )?(?:line|text|mark(?:er)?|message)
    above here\b
    (?:über|oberhalb)(?: von)? (?:diese[rsm]?|der|die) (?:trenn)?(?:linie|zeile|markierung)
    au[- ]dessus de (?:cette|la) ligne
    (?:encima|arriba) de (?:esta|la) l[ií]nea
    sobre esta línea
    acima (?:desta|da) linha
    sopra (?:a |di )?(?:questa|la) (?:riga|linea)
    boven (?:deze|de) (?:regel|lijn)
    over denne (?:linj[ea]n?|linie)
    (?:ovanför|över) (?:den här|denna) (?:raden|linjen|rad|linje)
    tämän (?:rivin|viivan) yläpuolelle
    (?:powyżej|nad) (?:tej|tą|tę) (?:linii|linią|linię|kresk\w)
    nad (?:tento|tímto|touto|tuto|týmto|túto) (?:řádek|řádkem|riadok|riadkom|čarou|čáru|čiarou|čiaru|linkou|linii)
    (?:выше|над) (?:этой|этою|данной|эту) (?:лини\w{1,2}|строк\w{1,2}|черт\w{1,2})
    (?:вище|над) (?:цієї|цією|цього|цим) (?:ліні\w{1,2}|рядк\w{1,3}|риск\w{1,2})
    над (?:този ред|тази линия)
    iznad ove (?:linije|crte)
    nad to (?:črto|vrstico)
    deasupra acest(?:ei|ui) (?:linii|rând)
    (?:e|ezen|a) (?:sor|vonal) fölé
    bu (?:satırın|çizginin) (?:üst|yukarı)\w{1,6}
    πάνω από (?:αυτήν? )?την? γραμμή
    virš šios (?:linijos|eilutės)
    virs šīs (?:līnijas|rindas)
    selle joone kohale
    per sobre d.aquesta línia
    phía trên dòng này
    di atas (?:baris|garis) ini
    เหนือบรรทัดนี้
    この(?:行|線|ライン)(?:より|の)上
    [此这這该該](?:行|线|線|条线|條線)(?:之|的|以)?上
    이 ?(?:줄|선|라인) 위
    מעל (?:ל)?(?:שורה|קו) ז(?:ו|ה|את)
    فوق هذا (?:السطر|الخط)
""")
ANSWER = phrases(r"""
    repl(?:y|ies)|respon[ds]|answer
    antwort|répon|respu|respos|rispo|rispon|contest
    antwoord|reage|svar|vasta
    odpow|odpov|odgovor
    ответ|отвеч|відпов|отговор
    răspun|válasz|yanıt|cevap|απάντ|απαντ
    atsak|atbild|vasta|balas|trả lời|ตอบ
    返信|回复|回覆|回復|答复|答覆|회신|답장|답변
    תשוב|השב|הגב|رد
""")
"""What is to stand there. "Write" alone people write, too: "Write your name above this line"."""
SIGNS = "-=#*_~—–─━+•|/"
HASHES = re.compile(r"##-.{0,200}-##")
"""Zendesk's form says enough by itself, in any language."""
LONGEST = 200
ASKS = re.compile(rf"(?:{ABOVE})", re.IGNORECASE)
ANSWERS = re.compile(rf"(?:{ANSWER})", re.IGNORECASE)


def is_reply_mark(lines: list[str], index: int) -> bool:
    """Whether this line asks for the answer to stand above it: in Zendesk's form; between dashes or the like; or beside a line
    that is drawn, as Jira's "Reply above this line." below a row of dashes."""
    line = lines[index]
    if "##-" in line and HASHES.search(line):
        return True
    bare = line.strip(" \t>")
    if (
        not bare
        or len(bare) > LONGEST
        or not ((bare[0] in SIGNS and bare[-1] in SIGNS) or _beside_a_rule(lines, index))
    ):
        return False
    return ASKS.search(bare) is not None and ANSWERS.search(bare) is not None


def _beside_a_rule(lines: list[str], index: int) -> bool:
    near = (lines[number] for number in (index - 1, index + 1) if 0 <= number < len(lines))
    return any(each and each[-1] in SIGNS and RULE.fullmatch(each) for each in (line.strip(" >") for line in near))
