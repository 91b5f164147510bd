"""The lines with which desks ask for answers above them, in their forms and languages: above them is the answer; and where such a
desk writes to us, what it says below its line is shown."""

import pytest

from mail.parse import parse
from mail.quotes import strip_quote

MARKS = {
    "zendesk": "##- Please type your reply above this line -##",
    "zendesk, german": "##- Bitte geben Sie Ihre Antwort über dieser Zeile ein. -##",
    "help scout": "-- Please reply above this line --",
    "teamwork": "— Reply above this line —",
    "redmine": "--- Reply above this line (documentation: https://desk.example/help) ---",
    "basecamp": "=-=-=-= Write ABOVE THIS LINE to post a reply =-=-=-=",
    "in replies": "## In replies all text above this line is added to the ticket ##",
    "stars": "*** Please respond above this line to answer ***",
    "jira": "—-—-—-—\nReply above this line.",
    "servicedesk": "---------------------------------\nPlease reply above the line",
    "german": "---- Bitte antworten Sie oberhalb dieser Linie ----",
    "french": "--- Veuillez répondre au-dessus de cette ligne ---",
    "spanish": "--- Responda por encima de esta línea ---",
    "portuguese": "--- Responda acima desta linha ---",
    "italian": "--- Rispondi sopra questa riga ---",
    "dutch": "--- Typ je antwoord boven deze regel ---",
    "danish": "--- Skriv dit svar over denne linje ---",
    "swedish": "--- Svara ovanför den här raden ---",
    "finnish": "--- Vastaa tämän rivin yläpuolelle ---",
    "polish": "--- Odpowiedz powyżej tej linii ---",
    "czech": "--- Odpovězte nad tímto řádkem ---",
    "russian": "--- Введите ответ выше этой строки ---",
    "ukrainian": "--- Введіть відповідь над цією лінією ---",
    "hungarian": "--- Válaszát e sor fölé írja ---",
    "turkish": "--- Yanıtınızı bu satırın üstüne yazın ---",
    "greek": "--- Απαντήστε πάνω από αυτή τη γραμμή ---",
    "japanese": "---- この行より上に返信してください ----",
    "chinese": "--- 请在此行上方回复 ---",
    "korean": "--- 이 줄 위에 회신을 입력하세요 ---",
}
SENT = "Ann (Acme)\n\nThe door is on the left side, please come on Monday."


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("attribution", ["", "Xyz abc Desk:\n", "2 Mar 2026 Desk\n"])
def test_what_stands_below_is_what_the_desk_has_sent(mark: str, attribution: str) -> None:
    visible, tail = strip_quote(
        f"I come on Monday.\n\n{attribution}{MARKS[mark]}\n\n{SENT}\n", "Re: Door", "p@acme.example"
    )
    assert visible == f"I come on Monday.\n\n{attribution}".rstrip()
    assert SENT in tail


@pytest.mark.parametrize("mark", MARKS)
def test_marked_lines_below_it_may_be_answered(mark: str) -> None:
    marked = "\n".join(f"> {line}" for line in f"{MARKS[mark]}\n\n{SENT}".split("\n"))
    assert strip_quote(f"Yes.\n\n{marked}\n", "Re: Door", "p@x.example")[0] == "Yes."
    answered = f"Hello,\n\n{marked}\nOn Monday, then.\n"
    assert "On Monday, then." in strip_quote(answered, "Re: Door", "p@x.example")[0]


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("subject", ["[Acme] Re: Door", "HELP-42 Door"])
def test_what_another_desk_writes_below_its_own_line_is_shown(mark: str, subject: str) -> None:
    raw = f"From: Acme <support@acme.example>\nSubject: {subject}\nIn-Reply-To: <p@x.example>\n"
    raw += f"Content-Type: text/plain; charset=utf-8\n\n{MARKS[mark]}\n\n{SENT}\n"
    mail = parse(raw.encode())
    assert SENT in strip_quote(mail.text, mail.subject, mail.in_reply_to)[0]


@pytest.mark.parametrize(
    "line",
    [
        "---- Please write your name above this line ----",
        "What does 'Reply above this line' mean?",
        "I was told to reply above this line, and now I cannot see it.",
        "- the lamp above this line is red -",
        "Your answer stands above the line in the form.",
        "*** The text above this line is from the shop ***",
        "Bitte unterschreiben Sie über dieser Linie.",
    ],
)
def test_what_people_write_of_lines_is_no_such_line(line: str) -> None:
    text = f"Here is the form.\n\n{line}\n\nAnd my question: why is it red?"
    assert strip_quote(text, "Re: Form", "p@x.example") == (text, "")
