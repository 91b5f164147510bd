"""A hundred mails of programs, servers and people: did no person write it, and must we not answer it automatically?

These are two questions (email promise 6). Each mail is told as its headers and its text; what is not told is Greta's.
"""

from __future__ import annotations

import pytest

from mail.parse import content_hash, parse
from mail.tokens import ReplyTokens, TokenKeys
from mailroom.arrival import Incoming
from mailroom.authors import understood
from mailroom.correlating import Correlating
from tests.support.intake import Declared

OWN = "support@house.example"
KEYS = {"k1": b"0123456789abcdef0123456789abcdef"}
TOKENS = ReplyTokens(TokenKeys(current="k1", keys=KEYS))
NUMBER = "CAS-01042-A1B2C3"
OURS = f"Re: Broken [{NUMBER}]"

MACHINE = (True, False)
"""No person wrote it, and so nothing automatic answers it."""
PERSON, SILENT = (False, True), (False, False)
"""A person wrote it: it may be answered automatically, or it may not."""

QUOTED = "From: Support\nSent: Monday 10:30\nTo: Greta\nSubject: Broken\n\nThis is an automatic reply. We are out of the office."
REPORT = "Content-Type: multipart/report; report-type={}; boundary=b\n\n--b\n\nx\n--b--"
EXCHANGE_ONLINE = "From: Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.net>\nSubject: "
MAILS: list[tuple[str, str, tuple[bool, bool]]] = [
    # ---- people
    ("a person", "", PERSON),
    ("a person, RFC 3834 says so", "Auto-Submitted: no", PERSON),
    ("a person, with a comment", "Auto-Submitted: (not a robot) NO", PERSON),
    ("a person, urgently", "Precedence: special-delivery\nX-Priority: 1", PERSON),
    ("a person, first class", "Precedence: first-class", PERSON),
    ("a person who returns a form", "Reply-To: greta@home.example", PERSON),
    ("a person with a read receipt asked for", "Disposition-Notification-To: greta@example.net", PERSON),
    ("a person by Exchange", "X-MS-Has-Attach: yes\nX-MS-Exchange-Organization-SCL: -1\nThread-Topic: x", PERSON),
    ("a person, no suppression", "X-Auto-Response-Suppress: None", PERSON),
    ("a person who wants none", "X-No-Auto-Reply: yes", PERSON),
    ("a person whose program wants none", "X-Suppress-AutoReply: 1", PERSON),
    ("a person who is sent where to", "X-Autoreply-Help-Page: https://b.example/", PERSON),
    ("a person, an autoresponder's header that says no", "X-Autoreply: no", PERSON),
    ("a person, a header that only looks so", "X-Listing: 7", PERSON),
    ("a person, the header of our naming", f"X-Caseloom-Loop: {OWN}", PERSON),
    ("a person, a forged loop header", f"X-Caseloom-Loop: cas-01042-a1b2c3.k1.{'a' * 16}", PERSON),
    ("a person of the name of Postmaster", "From: Anna Postmaster <anna.postmaster@example.net>", PERSON),
    ("a postmaster who asks", "From: postmaster@example.net\nSubject: Your relay refuses us", PERSON),
    ("a person passes a report on", "Subject: Fwd: Undeliverable: my order", PERSON),
    ("a person answers somebody away", "Subject: Re: Automatic reply: Broken", PERSON),
    ("a person asks about out of office", "Subject: Out of office settings are lost", PERSON),
    ("a person is away and wants something",
     f"Subject: {OURS}\n\nI am out of the office until Monday, please send the parts to Kim.", PERSON),
    ("a person was on vacation",
     f"Subject: {OURS}\n\nSorry, I was on vacation. It is still broken.", PERSON),
    ("ein Mensch war im Urlaub", f"Subject: {OURS}\n\nIch war im Urlaub. Der Kopfhörer ist noch kaputt.", PERSON),
    ("une personne en congé", f"Subject: {OURS}\n\nJe suis en congé demain, appelez-moi aujourd'hui.", PERSON),
    ("休暇の前の人", f"Subject: {OURS}\n\n休暇の前に緊急でお願いします。", PERSON),
    ("a person who will be away", f"Subject: {OURS}\n\nI'm on vacation next week, in urgent cases call me. It is version 4.",
     PERSON),
    ("ein Mensch vor dem Urlaub",
     f"Subject: {OURS}\n\nAb Montag bin ich im Urlaub. In dringenden Fällen mobil. Zu Ihrer Frage: 4.2.", PERSON),
    ("une personne avant ses vacances", f"Subject: {OURS}\n\nJe pars en vacances demain. En cas d'urgence, appelez-moi.", PERSON),
    ("una persona antes de sus vacaciones", f"Subject: {OURS}\n\nMañana estoy de vacaciones. Para asuntos urgentes, llámeme.",
     PERSON),
    ("een mens voor de vakantie", f"Subject: {OURS}\n\nVolgende week ben ik met vakantie, bij spoed graag bellen.", PERSON),
    ("отпуск завтра", f"Subject: {OURS}\n\nЗавтра я в отпуске. По срочным вопросам звоните.", PERSON),
    ("a person about an automatic reply", f"Subject: {OURS}\n\nYour automatic reply says you are on leave. Help.", PERSON),
    ("a person about a colleague of ours",
     f"Subject: {OURS}\n\nYour colleague is on vacation and has limited access to email. Who takes over?", PERSON),
    ("ein Mensch über einen Mitarbeiter",
     f"Subject: {OURS}\n\nIhr Mitarbeiter ist abwesend und schreibt: in dringenden Fällen an Sie.", PERSON),
    *((f"a person who mentions an absence, {number}", f"Subject: {OURS}\n\n{words}", PERSON) for number, words in enumerate((
        "I had no access to my email while on holiday. The lamp is still broken.",
        "We are on holiday until Friday. For urgent matters call 0123. The code you wanted is 42.",
        "Ich war im Urlaub und hatte keinen Zugriff auf meine E-Mail. Die Lampe ist noch kaputt.",
        "The out of office message of your desk is in Spanish, we got the automatic reply.",
        "Mein Chef ist im Urlaub, in dringenden Fällen entscheide ich. Bitte liefern Sie.",
        "J'étais en congé. En cas d'urgence, livrez au voisin. Merci",
        "The technician is on leave. If your request is urgent, they told me, write to you. So it is urgent.",
        "休暇中ですが、自動返信メールが届きません。設定を教えてください。",
        "我在休假，你们的自动回复说三天内答复，但没有。",
        "Estoy de vacaciones y en caso de urgencia mi vecino abre la puerta. Pueden venir el lunes.",
        "Sono in ferie, ma per urgenze c'è mio fratello: consegnate pure lunedì.",
        "Ik ben op vakantie tot maandag, bij spoed mijn buurman bellen. De lamp mag u daar afgeven.",
        "Я в отпуске, в срочных случаях звоните мне. Номер заказа 123.",
        "I'm currently away; the 'automatic response' of your robot does not help. Fix the lamp.",
    ))),
    ("a person about a driver",
     f"Subject: {OURS}\n\nHe came when we were on vacation. Mails to him will not be forwarded, I hear.", PERSON),
    ("a person whose subject goes on", f"Subject: On vacation, please hold {OURS}\n\nPlease hold it.", PERSON),
    ("ein Mensch mit einem Betreff", f"Subject: Abwesend, bitte später {OURS}\n\nBitte später liefern.", PERSON),
    ("a person through CommuniGate", "X-Autogenerated: Mirror", PERSON),
    ("a person whom CommuniGate redirects", "X-Autogenerated: Redirect", PERSON),
    ("a person, no in quotes", 'Auto-Submitted: "no"', PERSON),
    ("a postmaster whose goods came back", "From: postmaster@example.net\nSubject: Undeliverable goods", PERSON),
    *((f"a postmaster's own words, {number}", f"From: postmaster@example.net\nSubject: {subject}\n\n{words}", PERSON)
      for number, (subject, words) in enumerate((
        ("Undeliverable: Broken", "Since Monday the parts that you sent do not arrive. Who can help?"),
        ("Undeliverable mail", "Hello,\n\nyour mails to kim@b.example come back to you with 550 5.7.1. Please see to your SPF."),
        ("Undelivered message", "We changed our provider. Send me your address once more, Kim."),
        ("Delivery failure", "The van came on Tuesday and nobody was there."),
        ("Unzustellbar: Drucker", "Das Paket ging zurück, weil die Hausnummer fehlt. Bitte noch einmal schicken."),
        ("Non remis : casque", "Bonjour, le casque n'est pas arrivé. Merci de vérifier kim@b.example."),
        ("Returned mail", "Dear support, mail to you is returned: 550 5.1.1. Is support2@house.example gone?"),
        ("Warning: message about your invoice", "It is wrong, and I wrote it twice."),
        ("Failure notice", "The lift has one again: E42."),
      ))),
    ("a postmaster, nothing but the subject", "From: postmaster@example.net\nSubject: Undeliverable: Broken\n\n ", MACHINE),
    ("a postmaster returns our mail",
     "From: postmaster@example.net\nSubject: Undeliverable: Broken\n\nVidee suben.\n\nReceived: from mx\nMessage-ID: <a@b>",
     MACHINE),
    ("a person above our own automatic words", f"Subject: {OURS}\n\nThank you!\n\n{QUOTED}", PERSON),
    # ---- people whom nothing automatic may answer
    ("through a Google group", "Precedence: list\nMailing-list: list help@house.example\nList-ID: <help.house.example>", SILENT),
    ("through Mailman", "Precedence: list\nX-BeenThere: users@example.net\nList-Id: <users.example.net>", SILENT),
    ("through Sympa", "X-Loop: users@example.net\nPrecedence: list\nList-Post: <mailto:users@example.net>", SILENT),
    ("through LISTSERV", "Return-Path: <owner-users@example.net>\nSender: Users <users@example.net>", SILENT),
    ("through ezmlm", "Mailing-List: contact users-help@example.net; run by ezmlm", SILENT),
    ("through Groups.io", "Precedence: Bulk\nList-Subscribe: <mailto:x@groups.example>", SILENT),
    ("by a CRM", "List-Unsubscribe: <https://crm.example/u/1>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click", SILENT),
    ("by a CRM that asks for silence", "X-Auto-Response-Suppress: OOF, AutoReply", SILENT),
    ("by Exchange to outside", "X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply", SILENT),
    ("junk by its own word", "Precedence: junk", SILENT),
    ("bulk with a comment", "PRECEDENCE: (really) Bulk", SILENT),
    ("old Preference", "Preference: list", SILENT),
    ("a list's order desk", "From: users-request@example.net", SILENT),
    ("a list's owner", "From: owner-users@example.net", SILENT),
    ("an address that nobody reads", "From: Shop <no-reply@shop.example>", SILENT),
    ("another one", "From: DoNotReply@shop.example", SILENT),
    ("a third one", "From: notifications+noreply@shop.example", SILENT),
    ("GitHub", "From: notifications@github.example\nPrecedence: list\nList-ID: <b.a.github.example>\nX-GitHub-Reason: x", SILENT),
    ("GitLab", "X-GitLab-Project: a\nList-Id: a/b <1.b.a.gitlab.example>\nReply-To: noreply@gitlab.example", SILENT),
    ("a newsletter", "Precedence: bulk\nList-Unsubscribe: <mailto:u@news.example>\nFeedback-ID: 1:2:3", SILENT),
    ("away, but no answer to us", "Subject: Automatic reply: Lunch\n\nI am away.", SILENT),
    ("abwesend, aber keine Antwort an uns", "Subject: Abwesenheitsnotiz: Mittagessen\n\nIch bin nicht im Haus.", SILENT),
    # ---- machines by their headers
    ("Exchange, out of office", "Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All", MACHINE),
    ("Gmail vacation", "Precedence: bulk\nX-Autoreply: yes\nAuto-Submitted: auto-replied", MACHINE),
    ("Lotus Notes agent", "Auto-submitted: auto-generated\nX-Mailer: Lotus Domino Web Server", MACHINE),
    ("GroupWise", "X-Autogenerated: Reply\nX-Mailer: Novell GroupWise", MACHINE),
    ("Zimbra", "Auto-Submitted: auto-replied (zimbra; type=vacation)\nPrecedence: bulk", MACHINE),
    ("Sieve (RFC 5230)", "Auto-Submitted: auto-replied (vacation)", MACHINE),
    ("Dovecot Pigeonhole", "X-Sieve: Pigeonhole Sieve\nAuto-Submitted: auto-replied (vacation)\nPrecedence: bulk", MACHINE),
    ("Cyrus", "Auto-Submitted: auto-replied (vacation)\nX-Sieve: CMU Sieve 3.0", MACHINE),
    ("Unix vacation", "Precedence: junk\nAuto-Submitted: auto-replied", MACHINE),
    ("Postfixadmin", "Precedence: junk\nX-Virtual-Vacation: 1\nAuto-Submitted: auto-replied", MACHINE),
    ("qmail-autoresponder", "Delivered-To: Autoresponder\nPrecedence: junk", MACHINE),
    ("cPanel", "X-Autorespond: Broken\nPrecedence: auto_reply\nAuto-Submitted: auto-replied", MACHINE),
    ("Precedence auto_reply alone", "Precedence: auto_reply", MACHINE),
    ("IceWarp", "Auto-Submitted: auto-replied\nX-Autoresponse: yes", MACHINE),
    ("MDaemon", "X-MDaemon-Deliver-To: x\nX-Autoresponder: MDaemon", MACHINE),
    ("a vendor's autoresponder", "X-MDaemon-Autoresponder: on", MACHINE),
    ("another vendor's", "X-POST-AutoResponder: 1", MACHINE),
    ("of whom it is", "X-Autoreply-Sender: ann@b.example", MACHINE),
    ("of which domain", "X-Autoreply-Domain: b.example", MACHINE),
    ("a filter's vacation", "X-Sieve-Vacation: yes", MACHINE),
    ("Kerio", "Auto-Submitted: auto-replied", MACHINE),
    ("Yahoo vacation", "X-Vacation: on\nX-Autoreply: yes", MACHINE),
    ("Jira", "Auto-Submitted: auto-generated\nPrecedence: bulk\nX-JIRA-FingerPrint: 1", MACHINE),
    ("ServiceNow", "Auto-Submitted: auto-generated\nX-ServiceNow-Generated: true", MACHINE),
    ("Zendesk", "Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\nX-Zendesk-From-Account-Id: 1", MACHINE),
    ("OTRS", "Auto-Submitted: auto-replied\nPrecedence: bulk\nX-OTRS-Loop: 1", MACHINE),
    ("Request Tracker", "RT-Originator: root@example.net\nAuto-Submitted: auto-replied\nPrecedence: bulk", MACHINE),
    ("Nagios", "From: nagios@example.net\nAuto-Submitted: auto-generated", MACHINE),
    ("cron", "From: root@example.net (Cron Daemon)\nAuto-Submitted: auto-generated\nX-Cron-Env: <SHELL=/bin/sh>", MACHINE),
    ("another Caseloom", "Auto-Submitted: auto-replied\nPrecedence: bulk\nX-Caseloom-Loop: desk@other.example", MACHINE),
    ("a value of the future", "Auto-Submitted: auto-notified; owner-email=x@example.net", MACHINE),
    ("capitals and folds", "AUTO-SUBMITTED:\n AUTO-REPLIED\n (vacation)", MACHINE),
    ("our own header, signed", f"X-Caseloom-Loop: {TOKENS.sign(NUMBER)}", MACHINE),
    ("our own address", f"From: Support <{OWN.upper()}>", MACHINE),
    # ---- reports
    ("Postfix bounce", "Return-Path: <>\nAuto-Submitted: auto-replied\n" + REPORT.format("delivery-status"), MACHINE),
    ("Sendmail bounce", "Return-Path: <MAILER-DAEMON>\nAuto-Submitted: auto-generated (failure)", MACHINE),
    ("Exim bounce", "Return-Path: <>\nX-Failed-Recipients: x@example.org\nAuto-Submitted: auto-replied", MACHINE),
    ("qmail bounce", "Return-Path: <>\nFrom: MAILER-DAEMON@example.net\nSubject: failure notice", MACHINE),
    ("Exchange bounce",
     ("From: postmaster@example.net\nSubject: Undeliverable: Broken\n\n"
     "Your message to kim@b.example couldn't be delivered."), MACHINE),
    ("Exchange Online bounce", f"{EXCHANGE_ONLINE}Undeliverable: Broken", MACHINE),
    ("Domino bounce",
     ("From: postmaster@example.net\nSubject: DELIVERY FAILURE: User unknown\n\n"
     "Your message could not be delivered because: 550 User kim unknown"), MACHINE),
    ("a daemon with a list's header", "From: mailer-daemon@googlemail.example\nPrecedence: bulk", MACHINE),
    ("Unzustellbar",
     ("From: postmaster@example.net\nSubject: Unzustellbar: Kopfhörer\n\n"
     "kim@b.example\nDie Nachricht konnte nicht zugestellt werden."), MACHINE),
    ("Non remis",
     ("From: postmaster@example.net\nSubject: Non remis : casque\n\n"
     "kim@b.example\nLe message n'a pas pu être remis."), MACHINE),
    ("No se puede entregar",
     ("From: postmaster@example.net\nSubject: No se puede entregar: auriculares\n\n"
     "kim@b.example\nNo se pudo entregar el mensaje."), MACHINE),
    ("Onbestelbaar",
     ("From: postmaster@example.net\nSubject: Onbestelbaar: koptelefoon\n\n"
     "kim@b.example\nUw bericht kon niet worden bezorgd."), MACHINE),
    ("Не доставлено",
     ("From: postmaster@example.net\nSubject: Не доставлено: наушники\n\n"
     "kim@b.example\nСообщение не было доставлено."), MACHINE),
    ("配信不能",
     ("From: postmaster@example.net\nSubject: 配信不能: ヘッドホン\n\n"
     "kim@b.example\nRemote Server returned '550 5.1.1'"), MACHINE),
    ("a warning of delay",
     ("From: postmaster@example.net\nSubject: Delivery delayed: Broken\n\n"
     "Your message to kim@b.example has not been delivered yet."), MACHINE),
    ("a read receipt", REPORT.format("disposition-notification"), MACHINE),
    ("a complaint", REPORT.format("feedback-report"), MACHINE),
    ("a null sender alone", "Return-Path: <>", MACHINE),
    # ---- out of office in words, in answer to a letter of ours
    ("en", f"Subject: Automatic reply: {OURS}\n\nI am out of the office until Monday.", MACHINE),
    ("en, Notes", f"Subject: AUTO: Greta is out of the office (returning 02.03.2026) {OURS}\n\nNote.", MACHINE),
    ("CommuniGate's reply", "X-Autogenerated: Reply", MACHINE),
    ("FirstClass", "X-FC-MachineGenerated: true", MACHINE),
    ("Lyris", "X-POST-MessageClass: 9; Autoresponder", MACHINE),
    ("Amazon", "X-Amazon-Auto-Reply: true", MACHINE),
    ("a Precedence with a dash", "Precedence: auto-reply", MACHINE),
    ("a null return path with a blank", "Return-Path: < >", MACHINE),
    ("de, Auto-Antwort", f"Subject: Auto-Antwort: {OURS}\n\nBin weg.", MACHINE),
    ("es, autorespuesta", f"Subject: Autorespuesta: {OURS}\n\nNo estoy.", MACHINE),
    ("mk", f"Subject: Автоматски одговор: {OURS}\n\nx", MACHINE),
    ("be", f"Subject: Аўтаматычны адказ: {OURS}\n\nx", MACHINE),
    ("eu", f"Subject: Erantzun automatikoa: {OURS}\n\nx", MACHINE),
    ("hi", f"Subject: स्वचालित उत्तर: {OURS}\n\nx", MACHINE),
    ("ka", f"Subject: ავტომატური პასუხი: {OURS}\n\nx", MACHINE),
    ("de, under another subject",
     f"Subject: {OURS}\n\nIch bin bis 5.5. im Urlaub. Sie wird nicht automatisch weitergeleitet.", MACHINE),
    *((f"away in words alone, {number}", f"Subject: {OURS}\n\n{words}", MACHINE) for number, words in enumerate((
        "Bonjour, je suis absent jusqu'au 5 mai. En cas d'urgence, contactez Kim.",
        "Sono fuori ufficio fino al 5 maggio. Per urgenze scrivere a Kim.",
        "Jestem na urlopie do 5 maja. W pilnych sprawach proszę o kontakt z Kim.",
        "Я в отпуске до 5 мая. По срочным вопросам обращайтесь к Ким.",
        "Thank you for your message. I am out of the office. In urgent cases ask Kim, who sits next door.",
        "ただいま休暇をいただいております。このメールは自動返信です。",
        "我正在休假，这是自动回复。",
    ))),
    ("en, old Exchange", f"Subject: Out of Office AutoReply: {OURS}\n\nAway.", MACHINE),
    ("en, vacation(1)", f"Subject: away from my mail [{NUMBER}]\n\nI will not be reading my mail for a while.", MACHINE),
    ("en, in the text alone", f"Subject: {OURS}\n\nI am on leave. For urgent matters write to kim@example.net.", MACHINE),
    ("en, behind a tag", f"Subject: [EXTERNAL] Automatic reply: {OURS}", MACHINE),
    ("de", f"Subject: Abwesenheitsnotiz: {OURS}\n\nIch bin bis Montag nicht im Haus.", MACHINE),
    ("de, neu", f"Subject: Automatische Antwort: {OURS}", MACHINE),
    ("de, im Text allein", f"Subject: AW: Kaputt [{NUMBER}]\n\nIch bin im Urlaub. Ihre Mail wird nicht weitergeleitet.", MACHINE),
    ("fr", f"Subject: Réponse automatique : {OURS}", MACHINE),
    ("fr, sans accents", f"Subject: REPONSE AUTOMATIQUE: {OURS}", MACHINE),
    ("es", f"Subject: Respuesta automática: {OURS}", MACHINE),
    ("it", f"Subject: Risposta automatica: {OURS}", MACHINE),
    ("pt", f"Subject: Resposta automática: {OURS}", MACHINE),
    ("nl", f"Subject: Automatisch antwoord: {OURS}", MACHINE),
    ("sv", f"Subject: Autosvar: {OURS}", MACHINE),
    ("da", f"Subject: Automatisk svar: {OURS}", MACHINE),
    ("fi", f"Subject: Automaattinen vastaus: {OURS}", MACHINE),
    ("pl", f"Subject: Odpowiedź automatyczna: {OURS}", MACHINE),
    ("cs", f"Subject: Automatická odpověď: {OURS}", MACHINE),
    ("hu", f"Subject: Automatikus válasz: {OURS}", MACHINE),
    ("ro", f"Subject: Răspuns automat: {OURS}", MACHINE),
    ("ru", f"Subject: Автоматический ответ: {OURS}", MACHINE),
    ("uk", f"Subject: Автоматична відповідь: {OURS}", MACHINE),
    ("tr", f"Subject: Otomatik yanıt: {OURS}", MACHINE),
    ("el", f"Subject: Αυτόματη απάντηση: {OURS}", MACHINE),
    ("he", f"Subject: תשובה אוטומטית: {OURS}", MACHINE),
    ("ar", f"Subject: رد تلقائي: {OURS}", MACHINE),
    ("ja", f"Subject: 自動応答: {OURS}", MACHINE),
    ("ja, in brackets", f"Subject: 【不在通知】{OURS}", MACHINE),
    ("zh", f"Subject: 自动答复: {OURS}", MACHINE),
    ("ko", f"Subject: 자동 회신: {OURS}", MACHINE),
    ("vi", f"Subject: Trả lời tự động: {OURS}", MACHINE),
]  # fmt: skip


def mail(told: str) -> bytes:
    headers, _, text = told.partition("\n\n")
    given = {
        "From": "Greta Gold <greta@example.net>",
        "To": OWN,
        "Subject": "Broken",
        "Message-ID": "<m-1@example.net>",
        "Content-Type": "text/plain; charset=utf-8",
    }
    names = {line.partition(":")[0].lower() for line in headers.splitlines()}
    defaults = [f"{name}: {value}" for name, value in given.items() if name.lower() not in names]
    return "\n".join([*filter(None, [headers]), *defaults, "", text or "It is broken.", ""]).encode()


def answer(told: str) -> tuple[bool, bool]:
    parsed = parse(mail(told), frozenset({OWN}))
    arrived = Incoming(parsed, content_hash(parsed), reasons=parsed.automatic_reasons)
    ours = Correlating(TOKENS).answers_ours(arrived, [], "CAS")
    found = understood(arrived, Declared(OWN), frozenset({OWN}), TOKENS, answers_ours=ours)
    return found.automatic is not None, found.automatic is None and found.unanswerable is None


@pytest.mark.parametrize(("told", "expected"), [pytest.param(told, right, id=name) for name, told, right in MAILS])
def test_automatic_or_not_answerable_or_not(told: str, expected: tuple[bool, bool]) -> None:
    assert answer(told) == expected


def test_the_table_is_wide_enough() -> None:
    assert len(MAILS) >= 100
    assert len({name for name, _, _ in MAILS}) == len(MAILS)
