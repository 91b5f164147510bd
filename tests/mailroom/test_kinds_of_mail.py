"""A hundred and seventy kinds of mail that a desk gets: who wrote it, what is shown of it, and which files it brings.

Each row: the mail, "person" or why no person wrote it or why nothing automatic answers it, the visible text, the files with
their kinds. What is right follows from the promises of docs/parsing.md. Headers that a row does not tell are Greta's.
"""

# ruff: noqa: E501 a mail is a row

from __future__ import annotations

import base64

import pytest

from mail.parse import parse
from mail.quotes import strip_quote
from mailroom.arrival import Incoming
from mailroom.authors import understood
from mailroom.correlating import Correlating
from tests.mailroom.test_automatic_or_not import OURS, OWN, TOKENS
from tests.support.intake import Declared

GRETA = (
    "From: Greta Gold <greta@example.net>\nTo: support@house.example\nMessage-ID: <m-1@example.net>\n"
    "Date: Mon, 2 Mar 2026 09:00:00 +0100\nSubject: Broken\nContent-Type: text/plain; charset=utf-8"
)
T = "Content-Type: text/plain; charset=utf-8\n\n"
ICS = (
    "BEGIN:VCALENDAR\nMETHOD:{}\nBEGIN:VEVENT\nSUMMARY:{}\nDTSTART:20260302T080000Z\n"
    "ATTENDEE;PARTSTAT={}:mailto:greta@example.net\nEND:VEVENT\nEND:VCALENDAR"
)


def m(head: str, body: str = "It is broken.") -> bytes:
    """A mail with these headers, and Greta's where they tell nothing."""
    told = {line.partition(":")[0].lower() for line in head.splitlines() if line[:1].strip()}
    others = [line for line in GRETA.splitlines() if line.partition(":")[0].lower() not in told]
    return ("\n".join([*filter(None, [head]), *others]) + f"\n\n{body}\n").encode()


def mp(*parts: str, kind: str = "mixed", head: str = "") -> bytes:
    """A multipart."""
    body = "".join(f"--BB\n{part}\n" for part in parts)
    return m(f"{head}\nContent-Type: multipart/{kind}; boundary=BB".strip(), f"{body}--BB--")


def B64(data: bytes) -> str:  # noqa: N802 it stands in each second row
    return base64.encodebytes(data).decode()


MAILS: dict[str, tuple[bytes, str, str, list[str]]] = {
    "invite": (mp(T+"Please join", "Content-Type: text/calendar; method=REQUEST; charset=utf-8\n\n"+ICS.format("REQUEST", "Visit", "NEEDS-ACTION"),kind="alternative",head="Subject: Invitation: Visit"), "person", "Please join", ["attachment.ics: calendar"]),
    "accept outlook": (mp(T,"Content-Type: text/calendar; method=REPLY; charset=utf-8\n\n"+ICS.format("REPLY", "Visit", "ACCEPTED"),kind="alternative",head="Subject: Accepted: Visit"), "person", "ACCEPTED\nVisit\n2026-03-02 08:00 UTC", ["attachment.ics: calendar"]),
    "accept google": (mp(T+"Greta Gold has accepted this invitation.", "Content-Type: text/calendar; method=REPLY; charset=utf-8\n\n"+ICS.format("REPLY", "Visit", "ACCEPTED"),kind="mixed",head="Subject: Accepted: Visit @ Mon Mar 2\nAuto-Submitted: auto-generated"), "auto-submitted", "Greta Gold has accepted this invitation.", ["attachment.ics: calendar"]),
    "counter": (mp(T+"Can we do Tuesday?", "Content-Type: text/calendar; method=COUNTER; charset=utf-8\n\n"+ICS.format("COUNTER", "Visit", "TENTATIVE"),kind="alternative",head="Subject: New Time Proposed: Visit"), "person", "Can we do Tuesday?", ["attachment.ics: calendar"]),
    "cancel": (mp(T+"", "Content-Type: text/calendar; method=CANCEL; charset=utf-8\n\n"+ICS.format("CANCEL", "Visit", "DECLINED"),kind="alternative",head="Subject: Canceled: Visit"), "person", "CANCELLED\nVisit\n2026-03-02 08:00 UTC", ["attachment.ics: calendar"]),
    "mdn": (m("Subject: Read: Broken\nContent-Type: multipart/report; report-type=disposition-notification; boundary=BB", "--BB\n"+T+"Your message was read.\n--BB\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; greta@example.net\nDisposition: manual-action/MDN-sent-manually; displayed\n--BB--"), "report", "Your message was read.", ["attachment: report"]),
    "mdn outlook words": (m("Subject: Read: Broken\nReferences: <x@house.example>", "Your message\n\n  To: Support\n  Subject: Broken\n  Sent: Monday, March 2, 2026 9:00:00 AM\n\nwas read on Monday, March 2, 2026 9:05:00 AM."), "unanswerable receipt", "Your message\n\n  To: Support\n  Subject: Broken\n  Sent: Monday, March 2, 2026 9:00:00 AM\n\nwas read on Monday, March 2, 2026 9:05:00 AM.", []),
    "mdn german": (m(f"Subject: Gelesen: {OURS}", "Ihre Nachricht\n\n   An: Support\n   Betreff: Broken\n   Gesendet: Montag, 2. März 2026 09:00:00\n\nwurde am Montag, 2. März 2026 09:05:00 gelesen."), "autoresponder", "Ihre Nachricht\n\n   An: Support\n   Betreff: Broken\n   Gesendet: Montag, 2. März 2026 09:00:00\n\nwurde am Montag, 2. März 2026 09:05:00 gelesen.", []),
    "not read": (m(f"Subject: Not read: {OURS}", "Your message\n\n  To: Support\n  Subject: Broken\n  Sent: Monday, March 2, 2026 9:00:00 AM\n\nwas deleted without being read on Monday, March 2, 2026 9:05:00 AM."), "autoresponder", "Your message\n\n  To: Support\n  Subject: Broken\n  Sent: Monday, March 2, 2026 9:00:00 AM\n\nwas deleted without being read on Monday, March 2, 2026 9:05:00 AM.", []),
    "voicemail": (mp(T+"You received a voice message from +49 30 1234 (0:42).", "Content-Type: audio/wav; name=\"msg_42.wav\"\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment\n\n"+B64(b"RIFFxxxx"),head="From: Asterisk PBX <asterisk@pbx.house.example>\nSubject: Voicemail from +49301234"), "person", "You received a voice message from +49 30 1234 (0:42).", ["msg_42.wav: file"]),
    "voice message multipart": (mp("Content-Type: audio/mpeg; name=voice.mp3\nContent-Transfer-Encoding: base64\n\n"+B64(b"ID3xx"),kind="voice-message",head="Subject: Voice message from +4930"), "person", "", ["voice.mp3: file"]),
    "fax": (mp("Content-Type: image/tiff; name=\"fax.tif\"\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment\n\n"+B64(b"II*\0"),head="From: Fax <fax@fax.example>\nSubject: Fax from +49 30 1234, 2 pages"), "person", "", ["fax.tif: file"]),
    "typeform": (m("From: Typeform <notifications@followups.typeform.example>\nReply-To: greta@example.net\nSubject: New response to Contact\nAuto-Submitted: auto-generated\nList-Unsubscribe: <https://t.example>", "Your name: Greta\nEmail: greta@example.net\nMessage: It is broken."), "auto-submitted", "Your name: Greta\nEmail: greta@example.net\nMessage: It is broken.", []),
    "jotform": (m("From: Greta Gold <noreply@jotform.example>\nReply-To: Greta Gold <greta@example.net>\nSubject: Re: Contact form - Greta Gold", "Name Greta Gold\nMessage It is broken."), "unanswerable no-reply", "Name Greta Gold\nMessage It is broken.", []),
    "wordpress": (m("From: WordPress <wordpress@house.example>\nReply-To: greta@example.net\nSubject: [House] Contact\nX-Mailer: PHPMailer 6.9", "From: Greta Gold <greta@example.net>\nSubject: Lift\n\nMessage Body:\nIt is broken."), "person", "From: Greta Gold <greta@example.net>\nSubject: Lift\n\nMessage Body:\nIt is broken.", []),
    "wordpress2": (m("From: Greta Gold <support@house.example>\nReply-To: greta@example.net\nSubject: Contact", "From: Greta Gold\nIt is broken."), "person", "From: Greta Gold\nIt is broken.", []),
    "fwd colleague": (m("From: Kim <kim@house.example>\nSubject: FW: Broken lift", "Please handle.\n\nFrom: Greta Gold <greta@example.net>\nSent: Monday, March 2, 2026 9:00 AM\nTo: Kim <kim@house.example>\nSubject: Broken lift\n\nThe lift is broken."), "person", "Please handle.\n\nFrom: Greta Gold <greta@example.net>\nSent: Monday, March 2, 2026 9:00 AM\nTo: Kim <kim@house.example>\nSubject: Broken lift\n\nThe lift is broken.", []),
    "fwd gmail": (m("From: Kim <kim@house.example>\nSubject: Fwd: Broken lift", "FYI\n\n---------- Forwarded message ---------\nFrom: Greta Gold <greta@example.net>\nDate: Mon, Mar 2, 2026 at 9:00 AM\nSubject: Broken lift\nTo: <kim@house.example>\n\nThe lift is broken."), "person", "FYI\n\n---------- Forwarded message ---------\nFrom: Greta Gold <greta@example.net>\nDate: Mon, Mar 2, 2026 at 9:00 AM\nSubject: Broken lift\nTo: <kim@house.example>\n\nThe lift is broken.", []),
    "fwd no word": (m("From: Kim <kim@house.example>\nSubject: WG: Aufzug", "Von: Greta Gold <greta@example.net>\nGesendet: Montag, 2. März 2026 09:00\nAn: Kim\nBetreff: Aufzug\n\nEr steht."), "person", "Von: Greta Gold <greta@example.net>\nGesendet: Montag, 2. März 2026 09:00\nAn: Kim\nBetreff: Aufzug\n\nEr steht.", []),
    "fwd with greeting": (m("From: Kim <kim@house.example>\nSubject: WG: Aufzug", "Hallo zusammen,\n\nsiehe unten.\n\nVon: Greta Gold <greta@example.net>\nGesendet: Montag, 2. März 2026 09:00\nAn: Kim\nBetreff: Aufzug\n\nEr steht."), "person", "Hallo zusammen,\n\nsiehe unten.\n\nVon: Greta Gold <greta@example.net>\nGesendet: Montag, 2. März 2026 09:00\nAn: Kim\nBetreff: Aufzug\n\nEr steht.", []),
    "only inline image": (mp('Content-Type: text/html\n\n<html><body><img src="cid:i1"></body></html>',"Content-Type: image/png; name=image001.png\nContent-ID: <i1>\nContent-Transfer-Encoding: base64\nContent-Disposition: inline\n\n"+B64(b"\x89PNG"),kind="related"), "person", "", ["image001.png: inline-image"]),
    "only inline image alt": (mp('Content-Type: text/html\n\n<html><body><img src="cid:i1" alt="screenshot of the error"></body></html>',"Content-Type: image/png; name=image001.png\nContent-ID: <i1>\nContent-Transfer-Encoding: base64\n\n"+B64(b"\x89PNG"),kind="related"), "person", "[screenshot of the error]", ["image001.png: inline-image"]),
    "image alone": (m("Content-Type: image/jpeg; name=photo.jpg\nContent-Transfer-Encoding: base64",B64(b"\xff\xd8\xff")), "person", "", ["photo.jpg: file"]),
    "winmail": (mp(T+"It is broken.", "Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n"+B64(b"\x78\x9f\x3e\x22xx")), "person", "It is broken.", ["winmail.dat: tnef"]),
    "winmail alone": (m("Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64",B64(b"\x78\x9f\x3e\x22xx")), "person", "", ["winmail.dat: tnef"]),
    "flowed delsp": (m("Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes", "これは長い \n文章です。"), "person", "これは長い文章です。", []),
    "flowed quoted": (m("Content-Type: text/plain; format=flowed", "> a long \n> quote\n\nIt \nworks"), "person", "> a long quote\n\nIt works", []),
    "qp soft break faults": (m("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable", "f=C3=BCr= \nsp=C3=A4ter =\n=20und =C3\n=BC =ZZ = x=\n"), "person", "fürspäter  und \ufffd\n\ufffd =ZZ = x", []),
    "qp lowercase": (m("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable", "f=c3=bcr sp=c3=a4ter"), "person", "für später", []),
    "rtl": (m("Subject: =?utf-8?b?16nXnNeV150=?=", "\u202bשלום, המעלית תקועה\u202c\n\nOn 16.11.2026 10:30, S <s@x.example> wrote:\n> x"), "person", "\u202bשלום, המעלית תקועה\u202c", []),
    "amp": (mp(T+"It is broken.", "Content-Type: text/x-amp-html\n\n<!doctype html><html amp4email><body>AMP</body></html>", "Content-Type: text/html\n\n<p>It is broken.</p>",kind="alternative"), "person", "It is broken.", []),
    "amp only": (m("Content-Type: text/x-amp-html", "<!doctype html><html amp4email><body><p>It is broken.</p></body></html>"), "person", "It is broken.", []),
    "dup subject": (m("Subject: One\nSubject: Two"), "person", "It is broken.", []),
    "dup ct": (m("Content-Type: text/plain; charset=utf-8\nContent-Type: text/html", "It is <b>broken</b>."), "person", "It is <b>broken</b>.", []),
    "2231 cont": (mp(T+"x", "Content-Type: application/pdf\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment;\n filename*0*=utf-8''Rechnung%20f;\n filename*1*=%C3%BCr%20;\n filename*2=\"M\u00e4rz.pdf\"\n\n"+B64(b"%PDF")), "person", "x", ["Rechnung für März.pdf: file"]),
    "2231 enc word": (mp(T+"x", "Content-Type: application/pdf;\n name*0=\"=?utf-8?q?Rechnung_f=C3=\";\n name*1=\"BCr_M=C3=A4rz.pdf?=\"\nContent-Transfer-Encoding: base64\n\n"+B64(b"%PDF")), "person", "x", ["Rechnung für März.pdf: file"]),
    "2231 ew several": (mp(T+"x", "Content-Type: application/pdf\nContent-Disposition: attachment; filename=\"=?utf-8?b?UmVjaG51bmc=?=\n =?utf-8?b?X23DpHJ6LnBkZg==?=\"\nContent-Transfer-Encoding: base64\n\n"+B64(b"%PDF")), "person", "x", ["Rechnung_märz.pdf: file"]),
    "2231 out of order": (mp(T+"x", "Content-Type: application/pdf\nContent-Disposition: attachment;\n filename*1=b.pdf;\n filename*0=a\nContent-Transfer-Encoding: base64\n\n"+B64(b"%PDF")), "person", "x", ["ab.pdf: file"]),
    "2231 pct in plain": (mp(T+"x", "Content-Type: application/pdf\nContent-Disposition: attachment; filename=\"utf-8''Rechnung%20f%C3%BCr.pdf\"\nContent-Transfer-Encoding: base64\n\n"+B64(b"%PDF")), "person", "x", ["Rechnung für.pdf: file"]),
    "delay postfix": (m("Return-Path: <>\nFrom: MAILER-DAEMON@mx.b.example\nSubject: Delayed Mail (still being retried)\nAuto-Submitted: auto-replied","THIS IS A WARNING ONLY. YOU DO NOT NEED TO RESEND YOUR MESSAGE.\nYour message could not be delivered for more than 4 hour(s).\n\n<ann@b.example>: connect to mx[1.2.3.4]:25: Connection timed out\n"), "auto-submitted", "THIS IS A WARNING ONLY. YOU DO NOT NEED TO RESEND YOUR MESSAGE.\nYour message could not be delivered for more than 4 hour(s).\n\n<ann@b.example>: connect to mx[1.2.3.4]:25: Connection timed out", []),
    "challenge": (m(f"From: Ann <ann@b.example>\nSubject: Please confirm your message {OURS}\nX-Spamarrest: challenge", "I am protecting myself from spam. Please click https://spamarrest.example/a2?x to have your message delivered."), "person", "I am protecting myself from spam. Please click https://spamarrest.example/a2?x to have your message delivered.", []),
    "challenge2": (m(f"From: ann@b.example\nSubject: Re: {OURS}\nAuto-Submitted: auto-replied", "This is an automated message. Your message has been held, reply to confirm."), "auto-submitted", "This is an automated message. Your message has been held, reply to confirm.", []),
    "mailman held": (m("From: users-owner@lists.example\nSubject: Your message to users awaits moderator approval\nPrecedence: bulk\nX-BeenThere: users@lists.example\nList-Id: <users.lists.example>\nX-List-Administrivia: yes", "Your mail to 'users' with the subject\n\n    Broken\n\nIs being held until the list moderator can review it for approval."), "unanswerable precedence", "Your mail to 'users' with the subject\n\n    Broken\n\nIs being held until the list moderator can review it for approval.", []),
    "mailman confirm": (m("From: users-confirm+abc@lists.example\nSubject: confirm abc\nPrecedence: bulk\nX-List-Administrivia: yes", "Mailing list subscription confirmation notice"), "unanswerable precedence", "Mailing list subscription confirmation notice", []),
    "zendesk": (m(f"From: Acme Support <support@acme.zendesk.example>\nSubject: [Acme] Re: {OURS}\nX-Auto-Response-Suppress: All\nAuto-Submitted: auto-generated\nX-Mailer: Zendesk Mailer", "##- Please type your reply above this line -##\n\nYour request (4711) has been received and is being reviewed."), "auto-submitted", "##- Please type your reply above this line -##\n\nYour request (4711) has been received and is being reviewed.", []),
    "freshdesk": (m(f"From: support@acme.freshdesk.example\nSubject: Ticket Received - {OURS}\nX-Autoreply: true\nPrecedence: bulk", "Dear Support,\n\nWe would like to acknowledge that we have received your request and a ticket has been created."), "autoresponder", "Dear Support,\n\nWe would like to acknowledge that we have received your request and a ticket has been created.", []),
    "freshdesk bare": (m(f"From: support@acme.freshdesk.example\nSubject: Ticket Received - {OURS}", "Dear Support,\n\nWe would like to acknowledge that we have received your request and a ticket has been created. This is an automated response."), "autoresponder", "Dear Support,\n\nWe would like to acknowledge that we have received your request and a ticket has been created. This is an automated response.", []),
    "jira bare": (m(f"From: Acme Help <jira@acme.atlassian.example>\nSubject: HELP-42 {OURS}", "—-—-—-—\nReply above this line.\n\nJust confirming that we got your request. We're on it.\n\nView request · Turn off this request's notifications"), "autoresponder", "—-—-—-—\nReply above this line.\n\nJust confirming that we got your request. We're on it.\n\nView request · Turn off this request's notifications", []),
    "otrs bare": (m(f"From: otrs@acme.example\nSubject: [Ticket#2026030210000012] {OURS}", "Vielen Dank für Ihre Anfrage. Ihre Anfrage wurde unter der Ticketnummer 2026030210000012 aufgenommen. Dies ist eine automatisch erstellte Nachricht."), "autoresponder", "Vielen Dank für Ihre Anfrage. Ihre Anfrage wurde unter der Ticketnummer 2026030210000012 aufgenommen. Dies ist eine automatisch erstellte Nachricht.", []),
    "hubspot ticket": (m(f"From: no-reply@hubspot.example\nSubject: We received your message {OURS}", "Thanks for contacting us, we got your message. This is an automatic response."), "autoresponder", "Thanks for contacting us, we got your message. This is an automatic response.", []),
    "zendesk jp": (m(f"From: support@jp.example\nSubject: 【自動返信】お問い合わせを受け付けました {OURS}", "このメールは自動返信です。お問い合わせを受け付けました。"), "out-of-office", "このメールは自動返信です。お問い合わせを受け付けました。", []),
    "ooo tr": (m(f"Subject: Otomatik yanıt: {OURS}", "Ofis dışındayım."), "out-of-office", "Ofis dışındayım.", []),
    "ooo tr words": (m(f"Subject: Ynt: {OURS}", "Merhaba,\n5 Mayıs'a kadar izindeyim. Acil durumlarda Kim ile iletişime geçin."), "out-of-office", "Merhaba,\n5 Mayıs'a kadar izindeyim. Acil durumlarda Kim ile iletişime geçin.", []),
    "ooo pl words": (m(f"Subject: Odp: {OURS}", "Dziękuję za wiadomość. Jestem na urlopie do 5 maja. W pilnych sprawach proszę dzwonić."), "out-of-office", "Dziękuję za wiadomość. Jestem na urlopie do 5 maja. W pilnych sprawach proszę dzwonić.", []),
    "ooo fi words": (m(f"Subject: VS: {OURS}", "Kiitos viestistäsi. Olen lomalla 5.5. asti. Kiireellisissä asioissa ota yhteyttä Kimiin."), "out-of-office", "Kiitos viestistäsi. Olen lomalla 5.5. asti. Kiireellisissä asioissa ota yhteyttä Kimiin.", []),
    "ooo fi subj": (m(f"Subject: Automaattinen vastaus: {OURS}", "Olen lomalla."), "out-of-office", "Olen lomalla.", []),
    "ooo ja words": (m(f"Subject: Re: {OURS}", "ただいま不在にしております。5月5日まで休暇をいただいております。お急ぎの場合は金までご連絡ください。"), "out-of-office", "ただいま不在にしております。5月5日まで休暇をいただいております。お急ぎの場合は金までご連絡ください。", []),
    "ooo ja subj": (m(f"Subject: 自動応答: {OURS}", "不在です。"), "out-of-office", "不在です。", []),
    "ooo zh words": (m(f"Subject: 回复: {OURS}", "您好，我正在休假，5月5日回来。如有急事请联系金。"), "out-of-office", "您好，我正在休假，5月5日回来。如有急事请联系金。", []),
    "ooo ko words": (m(f"Subject: RE: {OURS}", "안녕하세요. 5월 5일까지 휴가입니다. 급한 일은 김에게 연락 주세요."), "out-of-office", "안녕하세요. 5월 5일까지 휴가입니다. 급한 일은 김에게 연락 주세요.", []),
    "ooo cs words": (m(f"Subject: Re: {OURS}", "Děkuji za zprávu. Do 5. května jsem na dovolené. V naléhavých případech pište Kim."), "out-of-office", "Děkuji za zprávu. Do 5. května jsem na dovolené. V naléhavých případech pište Kim.", []),
    "ooo hu words": (m(f"Subject: Re: {OURS}", "Köszönöm az üzenetét. Május 5-ig szabadságon vagyok. Sürgős esetben Kim segít."), "out-of-office", "Köszönöm az üzenetét. Május 5-ig szabadságon vagyok. Sürgős esetben Kim segít.", []),
    "ooo sv words": (m(f"Subject: Sv: {OURS}", "Tack för ditt mejl. Jag är på semester till 5 maj. Vid brådskande ärenden kontakta Kim."), "out-of-office", "Tack för ditt mejl. Jag är på semester till 5 maj. Vid brådskande ärenden kontakta Kim.", []),
    "ooo nl words": (m(f"Subject: Re: {OURS}", "Bedankt voor uw bericht. Ik ben tot 5 mei met vakantie. Bij spoed kunt u Kim mailen."), "out-of-office", "Bedankt voor uw bericht. Ik ben tot 5 mei met vakantie. Bij spoed kunt u Kim mailen.", []),
    "left company": (m(f"Subject: Re: {OURS}", "I no longer work at Example. Please contact kim@example.net instead. This is an automatic reply."), "out-of-office", "I no longer work at Example. Please contact kim@example.net instead. This is an automatic reply.", []),
    "left company de": (m(f"Subject: Automatische Antwort: {OURS}", "Ich bin nicht mehr im Unternehmen tätig."), "out-of-office", "Ich bin nicht mehr im Unternehmen tätig.", []),
    "maternity": (m(f"Subject: Re: {OURS}", "I am on parental leave until September. This mailbox is not monitored. Automatic reply."), "out-of-office", "I am on parental leave until September. This mailbox is not monitored. Automatic reply.", []),
    "person tr": (m(f"Subject: Ynt: {OURS}", "Yarın izindeyim, lütfen bugün arayın."), "person", "Yarın izindeyim, lütfen bugün arayın.", []),
    "person ja": (m(f"Subject: Re: {OURS}", "来週は休暇ですので、今週中にお願いします。"), "person", "来週は休暇ですので、今週中にお願いします。", []),
    "auto ack words": (m(f"Subject: Re: {OURS}", "Thank you for contacting Acme. This is an automated confirmation that we received your email. Reference 4711."), "autoresponder", "Thank you for contacting Acme. This is an automated confirmation that we received your email. Reference 4711.", []),
    "github": (m("From: kim <notifications@github.example>\nReply-To: a/b <reply+abc@reply.github.example>\nSubject: Re: [a/b] Broken (#42)\nPrecedence: list\nList-ID: a/b <b.a.github.example>\nX-GitHub-Reason: mention", "@support it is broken."), "unanswerable precedence", "@support it is broken.", []),
    "slack": (m("From: Slack <feedback@slack.example>\nSubject: [House] new message from Kim\nAuto-Submitted: auto-generated", "Kim: it is broken"), "auto-submitted", "Kim: it is broken", []),
    "paypal": (m("From: service@paypal.example\nSubject: Receipt for your payment", "You sent 5 EUR"), "person", "You sent 5 EUR", []),
    "dmarc report": (m("From: noreply-dmarc-support@google.example\nSubject: Report domain: house.example Submitter: google.example Report-ID: 42\nContent-Type: application/zip; name=google.example!house.example!1!2.zip\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64",B64(b"PK")), "unanswerable no-reply", "", ["google.example!house.example!1!2.zip: file"]),
    "tls report": (m("From: noreply-smtp-tls-reporting@google.example\nSubject: Report Domain: house.example\nContent-Type: multipart/report; report-type=tlsrpt; boundary=BB", "--BB\n"+T+"x\n--BB\nContent-Type: application/tlsrpt+gzip\n\nx\n--BB--"), "report", "x", ["attachment: file"]),
    "arf": (m("From: fbl@yahoo.example\nSubject: FW: Newsletter\nContent-Type: multipart/report; report-type=feedback-report; boundary=BB", "--BB\n"+T+"abuse\n--BB\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n--BB--"), "report", "abuse", ["attachment: report"]),
    "empty subject body": (m("Subject:", ""), "person", "", []),
    "no subject": (m("Subject: ", "It is broken."), "person", "It is broken.", []),
    "html only entities": (m("Content-Type: text/html", "<p>It&nbsp;is&nbsp;<b>broken</b> &lt;here&gt; &amp; there</p>"), "person", "It is broken <here> & there", []),
    "html table": (m("Content-Type: text/html", "<table><tr><td>Order</td><td>4711</td></tr><tr><td>State</td><td>open</td></tr></table>"), "person", "Order  4711\nState  open", []),
    "html outlook quote": (m("Content-Type: text/html", "<div>It works.</div><div style='border:none;border-top:solid #E1E1E1 1.0pt'><p><b>From:</b> Support &lt;s@x.example&gt;<br><b>Sent:</b> Monday, 16 November 2026 10:30<br><b>To:</b> Greta<br><b>Subject:</b> x</p></div><p>Try this.</p>"), "person", "It works.", []),
    "html gmail quote": (m("Content-Type: text/html",'<div>It works.</div><div class="gmail_quote"><div class="gmail_attr">On Mon, Nov 16, 2026 at 10:30 AM Support &lt;<a href="mailto:s@x.example">s@x.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote">Try this.</blockquote></div>'), "person", "It works.", []),
    "html apple quote": (m("Content-Type: text/html",'<div>It works.</div><div><br><blockquote type="cite"><div>On 16. Nov 2026, at 10:30, Support &lt;s@x.example&gt; wrote:</div><br><div>Try this.</div></blockquote></div>'), "person", "It works.", []),
    "html yahoo quote": (m("Content-Type: text/html",'<div>It works.</div><div id="ydp1yahoo_quoted_1" class="yahoo_quoted"><div>On Monday, November 16, 2026 at 10:30:00 AM GMT+1, Support &lt;s@x.example&gt; wrote:</div><div>Try this.</div></div>'), "person", "It works.", []),
    "html outlook.com": (m("Content-Type: text/html",'<div>It works.</div><hr tabindex="-1" style="display:inline-block;width:98%"><div id="divRplyFwdMsg"><b>From:</b> Support &lt;s@x.example&gt;<br><b>Sent:</b> Monday, November 16, 2026 10:30 AM<br><b>To:</b> Greta<br><b>Subject:</b> x</div><div>Try this.</div>'), "person", "It works.", []),
    "html proton": (m("Content-Type: text/html",'<div>It works.</div><div class="protonmail_quote">On Monday, November 16th, 2026 at 10:30 AM, Support &lt;s@x.example&gt; wrote:<br><blockquote class="protonmail_quote" type="cite">Try this.</blockquote></div>'), "person", "It works.", []),
    "utf-16 body": (m("Content-Type: text/plain; charset=utf-16\nContent-Transfer-Encoding: base64",B64("It is broken, für später".encode("utf-16"))), "person", "It is broken, für später", []),
    "8bit cte 7bit": (m("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 7bit", "für später"), "person", "für später", []),
    "nested mixed": (mp("Content-Type: multipart/alternative; boundary=CC\n\n--CC\n"+T+"It is broken.\n--CC\nContent-Type: text/html\n\n<p>It is broken.</p>\n--CC--", "Content-Type: text/plain; name=log.txt\nContent-Disposition: attachment\n\nE42"), "person", "It is broken.", ["log.txt: file"]),
    "eml attached": (mp(T+"See the attached mail.", "Content-Type: message/rfc822\nContent-Disposition: attachment; filename=old.eml\n\nFrom: a@b.example\nSubject: Old\n\nOld words"), "person", "See the attached mail.", ["old.eml: message"]),
    "msg attached": (mp(T+"See.", "Content-Type: application/vnd.ms-outlook; name=old.msg\nContent-Transfer-Encoding: base64\n\n"+B64(b"\xd0\xcf\x11\xe0")), "person", "See.", ["old.msg: message"]),
    "vcard": (mp(T+"My card.", "Content-Type: text/vcard; name=greta.vcf\n\nBEGIN:VCARD\nFN:Greta\nEND:VCARD"), "person", "My card.", ["greta.vcf: file"]),
    "vcard inline": (mp(T+"My card.", "Content-Type: text/x-vcard; charset=utf-8\n\nBEGIN:VCARD\nFN:Greta\nEND:VCARD"), "person", "My card.", ["attachment: file"]),
    "csv text": (mp(T+"Here.", "Content-Type: text/csv; name=a.csv\nContent-Disposition: attachment\n\na;b"), "person", "Here.", ["a.csv: file"]),
    "signature plus disclaimer": (m("", "It is broken.\n\n-- \nGreta\n\nThis e-mail is confidential."), "person", "It is broken.", []),
    "exchange reaction": (m(f"Subject: {OURS}\nContent-Type: text/plain; charset=utf-8\nX-MS-Reactions: 1", "Greta Gold reacted to your message:"), "person", "Greta Gold reacted to your message:", []),
    "gmail reaction": (mp(T+"\U0001f44d\n\nGreta reacted via Gmail", "Content-Type: text/vnd.google.email-reaction+json; charset=utf-8\n\n{\"emoji\":\"\U0001f44d\",\"version\":1}", "Content-Type: text/html\n\n<p>\U0001f44d</p><p>Greta reacted via Gmail</p>",kind="alternative",head=f"Subject: Re: {OURS}"), "person", "👍\n\nGreta reacted via Gmail", []),
    "apple tapback": (m(f"Subject: Re: {OURS}", "Liked “Try this.”"), "person", "Liked “Try this.”", []),
    "sms gateway": (m("From: 491701234567@sms.example\nSubject: SMS from +49 170 1234567", "It is broken"), "person", "It is broken", []),
    "whatsapp bridge": (m("From: +491701234567 <wa@bridge.example>\nReply-To: wa+42@bridge.example\nSubject: WhatsApp", "It is broken"), "person", "It is broken", []),
    "listserv": (m("From: LISTSERV@lists.example\nSubject: Output of your job", "x"), "unanswerable list-address", "x", []),
    "cron": (m("From: root@srv.house.example (Cron Daemon)\nSubject: Cron <root@srv> backup\nX-Cron-Env: <SHELL=/bin/sh>", "done"), "person", "done", []),
    "monitoring": (m("From: nagios@srv.house.example\nSubject: ** PROBLEM Service Alert: lift is CRITICAL **", "lift"), "person", "lift", []),
    "survey": (m("From: survey@nps.example\nSubject: How did we do?\nPrecedence: bulk\nList-Unsubscribe: <x>", "Rate us"), "unanswerable precedence", "Rate us", []),
    "soft hyphen subject": (m("Subject: Bro\u00adken \u200blift"), "person", "It is broken.", []),
    "emoji subject": (m("Subject: =?utf-8?q?=F0=9F=94=A5_broken?="), "person", "It is broken.", []),
    "subject qp underscore": (m("Subject: =?iso-8859-1?Q?Gr=F6=DFe_=26_Preis?="), "person", "It is broken.", []),
    "subject encoded no charset": (m("Subject: =??q?x?="), "person", "It is broken.", []),
    "subject of 3 charsets": (m("Subject: =?utf-8?b?w7w=?= =?koi8-r?b?8NLJ18XU?= =?iso-2022-jp?b?GyRCRnxLXBsoQg==?="), "person", "It is broken.", []),
    "person quotes our ack inline": (m(f"Subject: {OURS}", "Your mail says: \"This is an automated message, we have received your request. Ticket 4711.\" Since then nothing."), "person", "Your mail says: \"This is an automated message, we have received your request. Ticket 4711.\" Since then nothing.", []),
    "person tells of the ack": (m(f"Subject: {OURS}", "I got an automatically generated mail that we have received your request, ticket number 4711. When will somebody come"), "person", "I got an automatically generated mail that we have received your request, ticket number 4711. When will somebody come", []),
    "person tells of ack de": (m(f"Subject: {OURS}", "Ich habe nur eine automatisch generierte Antwort bekommen, dass meine Anfrage eingegangen ist. Die Ticketnummer ist 4711."), "person", "Ich habe nur eine automatisch generierte Antwort bekommen, dass meine Anfrage eingegangen ist. Die Ticketnummer ist 4711.", []),
    "person top-posts over our ack": (m(f"Subject: {OURS}", "Still broken.\n\nFrom: Support <support@house.example>\nSent: Monday, March 2, 2026 9:00 AM\nTo: Greta\nSubject: Broken\n\nThis is an automated message. We have received your request. Ticket number 4711."), "person", "Still broken.", []),
    "person below our ack": (m(f"Subject: {OURS}", "> This is an automated message. We have received your request.\n\nOk. The door is on the left."), "person", "> This is an automated message. We have received your request.\n\nOk. The door is on the left.", []),
    "person short with our ack unmarked": (m(f"Subject: {OURS}", "The door is on the left.\n\nThis is an automated message. We have received your request. Please do not reply to this email."), "person", "The door is on the left.\n\nThis is an automated message. We have received your request. Please do not reply to this email.", []),
    "person returns goods": (m(f"Subject: {OURS}", "We have received your parcel. Thank you. Kim"), "person", "We have received your parcel. Thank you. Kim", []),
    "person received": (m(f"Subject: {OURS}", "We have received your message and will send the parts on Monday. Kim Bell, Acme"), "person", "We have received your message and will send the parts on Monday. Kim Bell, Acme", []),
    "person read:": (m("Subject: Read: the manual", "The manual was read on Monday. Still it fails."), "person", "The manual was read on Monday. Still it fails.", []),
    "person read to": (m("Subject: Lu : le manuel", "De : moi\nLe manuel a été lu, mais rien ne marche."), "person", "De : moi\nLe manuel a été lu, mais rien ne marche.", []),
    "person automated door": (m(f"Subject: {OURS}", "This is an automatic door. We have received your technician twice, and it is stuck."), "person", "This is an automatic door. We have received your technician twice, and it is stuck.", []),
    "person confirm": (m(f"Subject: {OURS}", "Confirmed, we received your offer and accept it. Please do not reply to this address but to kim@example.net."), "person", "Confirmed, we received your offer and accept it. Please do not reply to this address but to kim@example.net.", []),
    "person ooo both": (m(f"Subject: {OURS}", "Your colleague answered that he is out of the office and that this is an automatic reply. Who helps me?"), "person", "Your colleague answered that he is out of the office and that this is an automatic reply. Who helps me?", []),
    "ooo two languages": (m(f"Subject: {OURS}", "Ich bin bis 5.5. nicht im Büro. Ihre E-Mail wird nicht weitergeleitet.\n\nI am out of the office until 5 May. Your mail will not be forwarded."), "out-of-office", "Ich bin bis 5.5. nicht im Büro. Ihre E-Mail wird nicht weitergeleitet.\n\nI am out of the office until 5 May. Your mail will not be forwarded.", []),
    "ooo over quote": (m(f"Subject: Re: {OURS}", "Thank you for your e-mail. I am on vacation until 5 May.\nFor urgent matters call Kim.\n\nOn Mon, 2 Mar 2026 at 9:00 AM Support <support@house.example> wrote:\n> When may we come?"), "out-of-office", "Thank you for your e-mail. I am on vacation until 5 May.\nFor urgent matters call Kim.", []),
    "hidden preheader": (m("Content-Type: text/html",'<div style="display:none">View in browser</div><p>It is broken.</p>'), "person", "It is broken.", []),
    "html style only": (m("Content-Type: text/html", "<style>p{color:red}</style>"), "person", "", []),
    "plain called html": (m("Content-Type: text/html", "It is broken.\nSecond line."), "person", "It is broken.\nSecond line.", []),
    "html called plain": (m("Content-Type: text/plain", "<html><body><p>It is broken.</p></body></html>"), "person", "It is broken.", []),
    "top-level rfc822": (m("Content-Type: message/rfc822", "From: a@b.example\nSubject: Old\n\nOld words"), "person", "---------- Forwarded message ----------\nFrom: a@b.example\nSubject: Old\n\nOld words", ["attachment.eml: message"]),
    "re fw": (m("Subject: Re: FW: Broken", "It works.\n\nFrom: Support <s@x.example>\nSent: Monday, 2 March 2026 9:00\nTo: Greta\nSubject: FW: Broken\n\nTry this."), "person", "It works.", []),
    "fw external tag": (m("Subject: [EXTERNAL] FW: Broken", "See below.\n\nFrom: Support <s@x.example>\nSent: Monday, 2 March 2026 9:00\nTo: Greta\nSubject: Broken\n\nTry this."), "person", "See below.\n\nFrom: Support <s@x.example>\nSent: Monday, 2 March 2026 9:00\nTo: Greta\nSubject: Broken\n\nTry this.", []),
    "external banner": (m("", "CAUTION: This email originated from outside of the organization.\n\nIt is broken."), "person", "CAUTION: This email originated from outside of the organization.\n\nIt is broken.", []),
    "undisclosed": (m("To: undisclosed-recipients:;"), "person", "It is broken.", []),
    "begin false": (m("", "begin the work\nend it"), "person", "begin the work\nend it", []),
    "begin 644 false": (m("", "begin 644 people\nwe are\nend"), "person", "begin 644 people\nwe are\nend", []),
    "b64 label plain text": (m("Content-Transfer-Encoding: base64", "It is broken, really."), "person", "It is broken, really.", []),
    "qp label plain text": (m("Content-Transfer-Encoding: quoted-printable", "a=b 100% = ok"), "person", "a=b 100% = ok", []),
    "cr only": (b"From: Greta <greta@example.net>\rTo: support@house.example\rSubject: Broken\r\rIt is broken.\r", "person", "It is broken.", []),
    "no blank line": (b"From: Greta <greta@example.net>\nTo: support@house.example\nSubject: Broken\nIt is broken.\n", "person", "It is broken.", []),
    "docusign": (m("From: Kim via DocuSign <dse@docusign.example>\nReply-To: kim@example.net\nSubject: Completed: contract", "Done."), "person", "Done.", []),
    "ebay relay": (m("From: eBay member gg <abc123@members.ebay.example>\nSubject: gg sent a message about lamp #1", "It is broken."), "person", "It is broken.", []),
    "hide my email": (m("From: Greta Gold <xyz_at_example_net_abc@privaterelay.appleid.example>"), "person", "It is broken.", []),
    "quarantine digest": (m("From: quarantine@messaging.microsoft.example\nSubject: Spam Notification: 2 New Messages", "Prevented spam messages"), "person", "Prevented spam messages", []),
    "calendar no method": (mp(T+"See.", "Content-Type: text/calendar; charset=utf-8; name=x.ics\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Visit\nEND:VEVENT\nEND:VCALENDAR"), "person", "See.", ["x.ics: calendar"]),
    "calendar as octet": (mp(T+"See.", "Content-Type: application/octet-stream; name=invite.ics\nContent-Transfer-Encoding: base64\n\n"+B64(ICS.format("REQUEST", "V", "X").encode())), "person", "See.", ["invite.ics: calendar"]),
    "gmail vacation ja": (m(f"Subject: 自動返信: {OURS}\nX-Autoreply: yes\nPrecedence: bulk", "不在"), "autoresponder", "不在", []),
    "vacation header only": (m("X-Autoreply: yes"), "autoresponder", "It is broken.", []),
    "reply-to several": (m("Reply-To: a@b.example, c@d.example"), "person", "It is broken.", []),
    "from group": (m("From: Team: greta@example.net;"), "person", "It is broken.", []),
    "from empty": (m("From: <>"), "person", "It is broken.", []),
    "from missing name quotes": (m('From: "Greta "the best" Gold" <greta@example.net>'), "person", "It is broken.", []),
    "subject newline enc": (m("Subject: =?utf-8?q?a=0AX-Evil:_b?="), "person", "It is broken.", []),
    "filename newline": (mp(T+"x", "Content-Type: application/pdf; name=\"a\n b.pdf\"\nContent-Disposition: attachment\n\nx"), "person", "x", ["a b.pdf: file"]),
    "attachment no type": (mp(T+"x", "Content-Disposition: attachment; filename=a.pdf\n\n%PDF"), "person", "x", ["a.pdf: file"]),
    "inline pdf": (mp(T+"x", "Content-Type: application/pdf; name=a.pdf\nContent-Disposition: inline\n\n%PDF"), "person", "x", ["a.pdf: file"]),
    "two html parts": (mp("Content-Type: text/html\n\n<p>One</p>", "Content-Type: image/png; name=a.png\n\nx", "Content-Type: text/html\n\n<p>Two</p>"), "person", "One\nTwo", ["a.png: file"]),
    "apple mail mixed": (mp(T+"Before", "Content-Type: image/png; name=a.png\nContent-Disposition: inline\n\nx",T+"After"), "person", "Before\nAfter", ["a.png: file"]),
    "signed multipart": (mp(T+"It is broken.", "Content-Type: application/pgp-signature; name=signature.asc\n\n-----BEGIN PGP SIGNATURE-----",kind="signed"), "person", "It is broken.", ["signature.asc: signature"]),
    "pgp mime encrypted": (mp("Content-Type: application/pgp-encrypted\n\nVersion: 1", "Content-Type: application/octet-stream; name=encrypted.asc\n\n-----BEGIN PGP MESSAGE-----\nx\n-----END PGP MESSAGE-----",kind="encrypted"), "person", "", ["attachment: encrypted", "encrypted.asc: file"]),
    "list footer": (mp(T+"It is broken.",T+"_______\nusers mailing list",head="List-Id: <users.lists.example>"), "unanswerable list", "It is broken.\n_______\nusers mailing list", []),
    "delivered ok dsn": (m("Return-Path: <>\nFrom: MAILER-DAEMON@mx.b.example\nSubject: Successful Mail Delivery Report\nContent-Type: multipart/report; report-type=delivery-status; boundary=BB", "--BB\n"+T+"ok\n--BB\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; ann@b.example\nAction: delivered\nStatus: 2.0.0\n--BB--"), "report", "ok", ["attachment: report"]),
    "delay exchange": (m("From: Microsoft Outlook <postmaster@b.example>\nSubject: Delivery delayed:Broken\nReturn-Path: <>", "Delivery to these recipients has been delayed:\n\nann@b.example\n\nThis message hasn't been delivered yet. Delivery will continue to be attempted."), "null-sender", "Delivery to these recipients has been delayed:\n\nann@b.example\n\nThis message hasn't been delivered yet. Delivery will continue to be attempted.", []),
    "over quota words": (m("Return-Path: <>\nFrom: MAILER-DAEMON@gmx.example\nSubject: failure notice", "<ann@b.example>:\nmailbox is full (#5.2.2)"), "null-sender", "<ann@b.example>:\nmailbox is full (#5.2.2)", []),
    "unsubscribe request": (m("Subject: unsubscribe", "unsubscribe"), "person", "unsubscribe", []),
    "stop": (m("", "STOP"), "person", "STOP", []),
    "thanks": (m(f"Subject: {OURS}", "Thanks!\n\nSent from my iPhone"), "person", "Thanks!", []),
    "only signature": (m(f"Subject: {OURS}", "-- \nGreta Gold\nExample Inc."), "person", "-- \nGreta Gold\nExample Inc.", []),
    "only device": (m(f"Subject: {OURS}", "Sent from my iPhone"), "person", "Sent from my iPhone", []),
    "emoji only": (m(f"Subject: {OURS}", "\U0001f44d"), "person", "👍", []),
    "nbsp only": (m(f"Subject: {OURS}", "\u00a0\n\u200b"), "person", "\u200b", []),
    "survey answer": (m(f"Subject: {OURS}", "10"), "person", "10", []),
    "spam assassin report": (mp(T+"Spam detection software has identified this incoming email as possible spam.", "Content-Type: message/rfc822; x-spam-type=original\n\nFrom: greta@example.net\nSubject: Broken\n\nIt is broken.",head="Subject: ***SPAM*** Broken\nX-Spam-Flag: YES"), "person", "Spam detection software has identified this incoming email as possible spam.", ["attachment.eml: message"]),
    "jira person": (m(f"From: Kim <jira@acme.atlassian.example>\nSubject: HELP-42 {OURS}", "—-—-—-—\nReply above this line.\n\nKim commented:\n\nThe door is on the left side, please come on Monday.\n\nView request"), "person", "—-—-—-—\nReply above this line.\n\nKim commented:\n\nThe door is on the left side, please come on Monday.\n\nView request", []),
    "zendesk person": (m(f"From: Kim (Acme) <support@acme.zendesk.example>\nSubject: [Acme] Re: {OURS}", "##- Please type your reply above this line -##\n\nKim (Acme)\n\nMar 2, 2026, 9:00\n\nThe door is on the left side."), "person", "##- Please type your reply above this line -##\n\nKim (Acme)\n\nMar 2, 2026, 9:00\n\nThe door is on the left side.", []),
    "freshdesk person": (m(f"From: support@acme.freshdesk.example\nSubject: Re: {OURS}", "Hi Support,\n\nthe door is on the left side. A ticket has been opened for the lift, please do not reply to this one.\n\nKim"), "person", "Hi Support,\n\nthe door is on the left side. A ticket has been opened for the lift, please do not reply to this one.\n\nKim", []),
    "sn person": (m(f"From: it@acme.service-now.example\nSubject: INC0042 - comments added {OURS}", "Kim added a comment:\nPlease come on Monday."), "person", "Kim added a comment:\nPlease come on Monday.", []),
}  # fmt: skip


@pytest.mark.parametrize("name", MAILS)
def test_a_kind_of_mail(name: str) -> None:
    raw, who, visible, files = MAILS[name]
    mail = parse(raw, frozenset({OWN}))
    arrived = Incoming(mail, "", reasons=mail.automatic_reasons)
    ours = Correlating(TOKENS).answers_ours(arrived, [], "CAS")
    found = understood(arrived, Declared(OWN), frozenset({OWN}), TOKENS, answers_ours=ours)
    wrote = found.automatic or (f"unanswerable {found.unanswerable}" if found.unanswerable else "person")
    assert wrote == who
    assert strip_quote(mail.text, mail.subject)[0].strip() == visible
    assert [f"{each.filename}: {each.kind.value}" for each in mail.attachments] == files


def test_the_kinds_are_many() -> None:
    assert len(MAILS) >= 150
    assert len({raw for raw, _, _, _ in MAILS.values()}) == len(MAILS)
