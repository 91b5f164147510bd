"""Answers of people who are away, known by their words: many servers send them without any header that says so.

By the subject, as Exchange, Gmail, Notes and vacation programs begin it in the usual languages. Or, under any subject, by
the first lines: they must say that somebody is absent *and* what only an automatic answer says. A person who writes "I am
out of the office until Monday, please send the parts to Kim" is no machine. Whether such a mail answers one of ours is for
intake to find out.
"""

import re
import unicodedata

from mail.quotes import strip_quote

FIRST_LINES = 12
"""Lines with words on them that are looked at."""
LOOKED_AT = 4_000
"""Characters."""
LONGEST_SUBJECT = 300

SUBJECTS = (
    # English; Notes writes "AUTO: Kim is out of the office (returning ...)"
    "automatic reply", "automatic response", "auto reply", "auto-reply", "autoreply", "auto response", "auto-response",
    "autoresponse", "out of office", "out of the office", "out-of-office", "out of office autoreply", "ooo",
    "out of office reply", "vacation reply", "vacation message", "vacation auto-reply", "vacation notice", "on vacation",
    "away from my mail", "away from the office", "away message", "i am away", "i am out of the office",
    "i'm out of the office", "annual leave", "on annual leave", "absence notice",
    # German
    "automatische antwort", "automatische rückantwort", "automatische rückmeldung", "abwesenheitsnotiz", "abwesenheit",
    "abwesenheitsnachricht", "abwesenheitsmeldung", "abwesenheitsassistent", "abwesend", "nicht im büro", "nicht im haus",
    "außer haus", "urlaubsvertretung", "urlaubsbenachrichtigung",
    # French
    "réponse automatique", "absence du bureau", "absent du bureau", "absente du bureau", "absent(e) du bureau",
    "message d'absence", "avis d'absence", "notification d'absence", "absence", "en congé", "en congés",
    # Spanish and Catalan
    "respuesta automática", "fuera de la oficina", "fuera de oficina", "ausencia", "mensaje de ausencia",
    "ausente de la oficina", "resposta automàtica", "fora de l'oficina",
    # Italian
    "risposta automatica", "fuori sede", "fuori ufficio", "assente dall'ufficio", "assenza", "messaggio di assenza",
    # Portuguese
    "resposta automática", "fora do escritório", "fora da empresa", "ausência", "ausência temporária", "em férias",
    # Dutch
    "automatisch antwoord", "automatische reactie", "afwezigheidsbericht", "afwezigheid", "afwezig", "niet aanwezig",
    "niet op kantoor", "buiten kantoor",
    # Swedish, Danish, Norwegian, Icelandic
    "automatiskt svar", "autosvar", "frånvaromeddelande", "frånvaro", "frånvarande", "ej på kontoret", "inte på kontoret",
    "automatisk svar", "fraværsmeddelelse", "fraværsbesked", "fravær", "ikke til stede", "ikke på kontoret",
    "fraværsmelding", "fraværsassistent", "sjálfvirkt svar",
    # Finnish, Estonian
    "automaattinen vastaus", "poissaoloilmoitus", "poissaoloviesti", "poissa toimistosta", "poissaolo", "poissa",
    "automaatvastus", "automaatne vastus", "kontorist väljas", "puhkusel",
    # Polish
    "odpowiedź automatyczna", "automatyczna odpowiedź", "autoodpowiedź", "nieobecność", "poza biurem",
    "informacja o nieobecności", "nieobecny w biurze", "nieobecna w biurze",
    # Czech, Slovak
    "automatická odpověď", "mimo kancelář", "nepřítomnost", "oznámení o nepřítomnosti", "automatická odpoveď",
    "mimo kancelárie", "neprítomnosť",
    # Hungarian, Romanian
    "automatikus válasz", "házon kívül", "irodán kívül", "távollét", "szabadságon", "răspuns automat", "absent din birou",
    "absență din birou", "plecat din birou", "mesaj de absență",
    # Russian, Ukrainian, Bulgarian, Serbian
    "автоматический ответ", "автоответ", "нет на работе", "вне офиса", "отсутствие на рабочем месте",
    "отсутствует на рабочем месте", "автоматична відповідь", "автовідповідь", "немає на роботі", "поза офісом",
    "відсутній на робочому місці", "автоматичен отговор", "извън офиса", "аутоматски одговор", "ван канцеларије",
    # Croatian, Slovenian, Latvian, Lithuanian
    "automatski odgovor", "izvan ureda", "van kancelarije", "odsutan", "samodejni odgovor", "avtomatski odgovor", "odsoten",
    "odsotnost", "automātiskā atbilde", "ārpus biroja", "automatinis atsakymas", "ne biure",
    # Turkish, Greek
    "otomatik yanıt", "otomatik cevap", "ofis dışında", "ofis dışı", "αυτόματη απάντηση", "εκτός γραφείου",
    "απουσία από το γραφείο",
    # Hebrew, Arabic, Persian
    "תשובה אוטומטית", "מענה אוטומטי", "מחוץ למשרד", "رد تلقائي", "الرد التلقائي", "خارج المكتب", "پاسخ خودکار",
    # Japanese, Chinese, Korean
    "自動応答", "自動返信", "自動回答", "不在通知", "不在", "不在のお知らせ", "不在のご連絡", "休暇のお知らせ", "自动答复",
    "自动回复", "自動回覆", "自動答覆", "不在办公室", "不在辦公室", "外出", "休假中", "자동 회신", "자동 응답", "자동회신",
    "자동응답", "부재 중", "부재중", "부재 알림",
    # Vietnamese, Thai, Indonesian
    "trả lời tự động", "thư trả lời tự động", "vắng mặt", "ไม่อยู่ที่สำนักงาน", "การตอบกลับอัตโนมัติ", "ตอบกลับอัตโนมัติ",
    "balasan otomatis", "jawaban otomatis", "di luar kantor", "balasan automatik",
)  # fmt: skip
"""How the subject begins. Behind it the subject ends, or a sign or "Re:" follows."""

ABSENT = (
    "out of the office", "out of office", "away from the office", "away from my desk", "on vacation", "on annual leave",
    "on holiday", "on leave", "on parental leave", "on sick leave", "away until", "currently away",
    "nicht im büro", "nicht im haus", "außer haus", "im urlaub", "abwesend", "nicht erreichbar",
    "absent du bureau", "absente du bureau", "absent(e)", "je suis absent", "en congé", "en vacances", "hors du bureau",
    "fuera de la oficina", "estoy de vacaciones", "estaré ausente", "estoy ausente", "fuori ufficio", "fuori sede",
    "sono in ferie", "sarò assente", "sono assente", "fora do escritório", "estou de férias", "estarei ausente",
    "estou ausente", "afwezig", "niet op kantoor", "niet aanwezig", "met vakantie", "op vakantie",
    "inte på kontoret", "på semester", "frånvarande", "ikke på kontoret", "på ferie", "fraværende", "ikke til stede",
    "poissa toimistosta", "lomalla", "en ole paikalla", "poza biurem", "nieobecny", "nieobecna", "na urlopie",
    "mimo kancelář", "na dovolené", "nepřítomen", "nepřítomna", "mimo kancelárie", "na dovolenke",
    "szabadságon", "nem vagyok az irodában", "házon kívül", "absent din birou", "în concediu", "nu sunt la birou",
    "нет на рабочем месте", "нет в офисе", "в отпуске", "вне офиса", "отсутствую", "немає в офісі", "у відпустці",
    "відсутній", "відсутня", "в отпуск", "извън офиса", "ofis dışında", "ofiste değilim", "izindeyim", "izinliyim",
    "εκτός γραφείου", "σε άδεια", "izvan ureda", "na godišnjem odmoru", "na dopustu", "odsoten", "odsotna",
    "kontorist väljas", "puhkusel", "atvaļinājumā", "ārpus biroja", "atostogauju", "ne biure",
    "מחוץ למשרד", "בחופשה", "خارج المكتب", "في إجازة", "不在にして", "不在です", "休暇", "休んで", "不在办公室",
    "不在辦公室", "休假", "外出", "부재 중", "부재중", "휴가", "nghỉ phép", "vắng mặt", "ไม่อยู่ที่สำนักงาน", "ลาพักร้อน",
    "di luar kantor", "sedang cuti",
)  # fmt: skip
"""That somebody is not there."""

UNATTENDED = (
    "automatic reply", "automated reply", "automatic response", "automated response", "auto-reply", "autoreply",
    "automatically generated", "automatic message", "no access to e-mail", "no access to email", "no access to my e-mail",
    "no access to my email", "limited access to e-mail", "limited access to email", "limited access to my e-mail",
    "limited access to my email", "will not be forwarded", "will reply when i return", "will respond when i return",
    "will respond upon my return", "will reply upon my return", "for urgent matters", "in urgent cases",
    "if your request is urgent", "if your matter is urgent", "for immediate assistance", "for anything urgent",
    "automatische antwort", "automatisch erstellt", "automatisch generiert", "keinen zugriff auf meine e-mail",
    "nicht weitergeleitet", "in dringenden fällen", "in dringenden angelegenheiten", "réponse automatique",
    "message automatique", "en cas d'urgence", "respuesta automática", "mensaje automático", "en caso de urgencia",
    "para asuntos urgentes", "risposta automatica", "messaggio automatico", "in caso di urgenza", "per urgenze",
    "per questioni urgenti", "resposta automática", "mensagem automática", "em caso de urgência",
    "para assuntos urgentes", "automatisch antwoord", "automatisch bericht", "in dringende gevallen", "bij spoed",
    "niet doorgestuurd", "automatiskt svar", "i brådskande ärenden", "vid brådskande ärenden", "automatisk svar",
    "i hastende tilfælde", "i hastetilfeller", "automaattinen vastaus", "kiireellisissä asioissa",
    "odpowiedź automatyczna", "automatyczna odpowiedź", "w pilnych sprawach", "w sprawach pilnych",
    "automatická odpověď", "v naléhavých případech", "automatická odpoveď", "v súrnych prípadoch", "automatikus válasz",
    "sürgős esetben", "răspuns automat", "în caz de urgență", "автоматический ответ", "автоответ", "в срочных случаях",
    "по срочным вопросам", "автоматична відповідь", "у термінових випадках", "у невідкладних випадках",
    "автоматичен отговор", "при спешни случаи", "otomatik yanıt", "otomatik cevap", "acil durumlarda",
    "αυτόματη απάντηση", "σε επείγουσες περιπτώσεις", "automatski odgovor", "u hitnim slučajevima", "samodejni odgovor",
    "v nujnih primerih", "automaatvastus", "automātiskā atbilde", "steidzamos gadījumos", "automatinis atsakymas",
    "skubiais atvejais", "תשובה אוטומטית", "מענה אוטומטי", "במקרים דחופים", "رد تلقائي", "الرد التلقائي",
    "في الحالات العاجلة", "自動応答", "自動返信", "自動送信", "自动回复", "自动答复", "自動回覆", "자동 회신", "자동 응답",
    "자동으로 발송", "trả lời tự động", "trong trường hợp khẩn cấp", "ตอบกลับอัตโนมัติ", "balasan otomatis",
)  # fmt: skip
"""What a person who sits down and writes does not say."""

OPENING = " \t[【(（「『<*\"'"
ENDS = re.compile(r"\s*(?:$|[]】)）」』>*:：;\-–—|,.!(（\[【/\"]|re\b|aw\b|fwd?\b|sv\b|antw\b|odp\b|回[复覆])")
"""What may follow the words that begin the subject; another word would make them part of a sentence."""
TAG = re.compile(r"\s*\[(?:external|extern|ext)[^\]]{0,20}\]", re.IGNORECASE)
NOTES = re.compile(r"\s*auto\s?:\s*(?P<said>.{1,300})", re.IGNORECASE | re.DOTALL)


def says_away(subject: str, text: str) -> bool:
    """Whether the mail says in words that it was written because its sender is away."""
    named = TAG.sub("", subject[:LONGEST_SUBJECT]).replace("’", "'")
    notes = NOTES.match(named)
    if notes and any(phrase in folded(notes["said"]) for phrase in _ABSENT):
        return True
    begins = folded(named).lstrip(OPENING)
    if any(begins.startswith(phrase) and ENDS.match(begins, len(phrase)) for phrase in _SUBJECTS):
        return True
    # What answers us often quotes us below, and our own letter may say that it is an automatic reply.
    return _absent_by_program(text[:LOOKED_AT]) and _absent_by_program(strip_quote(text[:LOOKED_AT])[0])


def _absent_by_program(text: str) -> bool:
    lines = [line for line in text.replace("’", "'").splitlines() if line.strip()]
    words = folded(" ".join([line for line in lines if not line.lstrip().startswith(">")][:FIRST_LINES]))
    return any(phrase in words for phrase in _ABSENT) and any(phrase in words for phrase in _UNATTENDED)


def folded(text: str) -> str:
    """Without letter case, accents and runs of blanks, so that "Reponse  Automatique" is found too."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(sign for sign in plain if not unicodedata.combining(sign)).split())


_SUBJECTS = tuple(folded(phrase) for phrase in SUBJECTS)
_ABSENT = tuple(folded(phrase) for phrase in ABSENT)
_UNATTENDED = tuple(folded(phrase) for phrase in UNATTENDED)
