"""Whom an answer of a submission server refuses: the recipient, the letter, or us (email promise 12).

A refusal of us (login, right to send, quota, a server in trouble) is no fault of any letter: the letters wait. Servers say
it at every step and in many words, most of all where they put off their judgement until RCPT or the end of the data. Where
it could also be meant for this letter or recipient alone (a relay denied, a sender not allowed), it is *either*: what
becomes of other letters tells.
"""

import re
from enum import StrEnum

from mail.dead import ENHANCED, LOOKED_AT, answered_dead
from mail.patterns import any_of


class Step(StrEnum):
    """Of a mail's transaction. All that comes before MAIL is about the connection, and so about us."""

    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    """Until the answer to the last line of the mail."""


class Concern(StrEnum):
    RECIPIENT = "recipient"
    LETTER = "letter"
    US = "us"
    EITHER = "either"
    """Us, or this letter or recipient alone."""


OF_LOGIN = {421, 432, 454, 530, 534, 535, 538}
"""The server leaves; and RFC 4954 6: a login is required, too weak, failed, needs encryption or a new password."""
OF_CONVERSATION = {500, 502, 503, 504}
TOO_MUCH = {523, 552}
"""Of bytes (RFC 1870) or of a mailbox's room."""
CODES_OF_US = re.compile(
    r"4\.3\.[0-35-9]|5\.3\.[25]"  # the mail system, but not "too big for it"
    r"|[45]\.4\.5"  # congestion; Google's quota of the day
    r"|[45]\.7\.(?:3|[89]|1[0-4]|5[67]|139|232|70[58]|75[01])"  # login, encryption, what a tenant may send
    r"|5\.1\.90|5\.2\.25[12]"  # Exchange Online: we send too much
)
CODES_OF_EITHER = re.compile(r"[45]\.1\.[78]|[45]\.7\.(?:2\d|60|606|50[1-39]|51\d)|5\.2\.252")
"""The sender's address and the right to it, SPF, DKIM and DMARC, the address that we come from."""
CODES_OF_RECIPIENT = re.compile(r"5\.7\.(?:12\d|13[0-6]|19\d)")
"""Exchange Online: whom a recipient or a group takes mail from, in whatever words."""
SENDING_LIMIT = any_of(
    (
        r"\b(?:daily|hourly|monthly|per (?:day|hour|minute|second|month)|sending|send|sent|outbound|outgoing|"
        r"submission|smtp|tenant|trial|plan)\b.{0,60}\b(?:quotas?|limits?|limited|rates?|threshold|allowance|"
        r"maximum|exceed\w*)\b"
    ),
    (
        r"\b(?:quotas?|limits?|limited|rates?|threshold|allowance|maximum|exceed\w*)\b.{0,60}\b(?:daily|"
        r"hourly|per (?:day|hour|minute)|sending|sent|outbound|outgoing|messages|e-?mails)\b"
    ),
    r"rate[- ]?limit|throttl|max (?:defers|e-?mails)|too (?:fast|quickly)|\bcredits\b",
    r"submission ?quota|outbound ?spam|unusual sending|sending (?:activity|is paused)|paused for (?:this|your) account",
    r"tageslimit|versandlimit|quota d.envoi|l[ií]mite de env|limite (?:di invio|d.envoi)|verzendlimiet|limit wysył|limit odes",
    r"лимит\w{0,3}\b.{0,30}отправ|отправ\w{0,6}\b.{0,30}лимит|发送(?:频率|数量|限制|上限)|發送(?:頻率|數量|限制|上限)",
    r"送信(?:数|制限|上限)|발송 ?(?:한도|제한)",
    r"limite (?:di[aá]ri[oa]|mensal|mensual|horári[oa]) de env|l[ií]mite diario de env|limite quotidienne? d.envoi",
    r"limite giornaliero d|limite (?:di )?invio giornalier",
    r"gönder(?:im|me) (?:limit|sınır)|sendelimit|limit för utgående|حد الإرسال",
    r"\bsender(?:.s)? (?:quota|limit)",
    (
        r"too many (?:messages|mails|e-?mails|connections|concurrent|errors|logins?|commands|sessions|"
        r"requests)"
    ),
)
OF_RECIPIENTS_SENT = re.compile(r"too many recipients\b.{0,30}\b(?:hour|day|today|minute)", re.IGNORECASE)
"""What we send to, and nobody's mailbox."""
RECIPIENTS_LIMIT = any_of(
    r"mail ?box|over ?quota|recipient|receiv|\bsize|too (?:big|large)|disk|storage|inbox",
)
LOGIN = any_of(
    (
        r"\b(?:must|need|please|have to|first|not|requires?|required|without|no|smtp)\b.{0,40}\b(?:auth\b|"
        r"authenticat|log ?in\b|log on|sign in|starttls|tls\b|encrypt)"
    ),
    (
        r"\bauth\w*\b.{0,40}(?:required|fail|invalid|needed|first|expired|disabled|necess|erforderlich|requi|"
        r"obligatoi)"
    ),
    (
        r"\b(?:user ?name|password|credential|login)s?\b.{0,40}(?:invalid|wrong|not accepted|incorrect|"
        r"expired|fail|required)"
    ),
    (
        r"\b(?:suspended|blocked|locked|disabled|deactivated|banned)\b.{0,30}\b(?:from sending|outgoing|"
        r"outbound)"
    ),
    (
        r"\b(?:outgoing|outbound|sending|your account|your user|subscription)\b.{0,60}(?:suspended|disabled|"
        r"blocked|locked|expired)"
    ),
    r"invalid (?:user|login|credential|password)|pop before smtp|check (?:your )?(?:mail|pop)|authentifi|anmeld|not logged in",
    r"autentic|uwierzytelni|ověřen|аутентифи|авториз|автентифі|认证|認證|認証|인증",
    r"kimlik doğrula|oturum aç|身份验证|身份驗證|المصادقة|تسجيل الدخول",
    r"(?:mail|messages?) from (?:this|your) account\b.{0,40}(?:blocked|suspended|disabled)",
    r"\b(?:ihr konto|votre compte|su cuenta|sua conta|il (?:tuo|suo) account|uw account|ваш аккаунт)\b|您的[账帐]|您的帳",
)
BY_DNS = re.compile(r"\bspf\b|dkim|dmarc|\barc\b|authentication-results", re.IGNORECASE)
"""What is called authentication, too, and is none of a client."""
SERVERS_TROUBLE = any_of(
    r"(?:insufficient|out of|not enough|no) (?:system )?(?:storage|disk|memory|resources|space)|disk full",
    r"queue (?:file|(?:is )?full)|resources?\b.{0,20}unavailable",
    (
        r"(?:system|server|service)\b.{0,40}(?:not accepting|unavailable|overload|busy|shutting down|"
        r"maintenance|error|configuration)"
    ),
    r"(?:local|internal|temporary|transient) (?:system |server |lookup )?(?:error|problem|failure)",
    r"load average",
)
RIGHTS = any_of(
    r"relay|not (?:permitted|allowed|authori[sz]ed)|(?<!user )not local|permissions?\b|send ?as ?denied|on behalf",
    r"absender|expéditeur|remitente|mittente|remetente|afzender|rcpthosts|not owned|\bsender|from address|from:|return[- ]path",
    r"mail from(?:[:<]| (?:command|address))|envelope[- ]from|client host",
    r"your (?:ip|host|server|domain)|\bip\b.{0,60}(?:block|list)|blocked using|black-? ?list|block-? ?list",
    # Gateways name no one but the address that we come from, in a link or in brackets.
    r"\b(?:block|reject|den[iy]|refus|list)(?:ed)?\b.{0,200}[?&/](?:ip|query|addr|lookup)=(?:\d{1,3}\.|[0-9a-f]{0,4}:)",
    r"\[(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:]{3,45})\]\W{0,3}(?:is |was |has been )?(?:block|list|reject|denied|refused|banned)",
    r"deny-? ?list|spamhaus|\brbl\b|dnsbl|reputation|\bhelo\b|\behlo\b|reverse dns|\bptr\b|\brdns\b",
    r"\bspf\b|dkim|dmarc|unverified|not verified|verify your",
    r"\btrial account\b|\bsandbox\b",  # which may send to those alone that it has named
    r"domain\b.{0,60}(?:not (?:verified|registered|configured))|unauthenticated",
    r"\baccount\b.{0,30}(?:suspended|blocked|locked|banned)|\bkonto\b.{0,30}gesperrt",
)
SEND_AS = any_of(r"send ?as ?denied|(?:allowed|permitted|permissions?|right) to send (?:as|on behalf)")
OF_LETTER = any_of(
    r"spam(?!haus|cop)|virus|malware|phish|content|attachment|header|mime|subject|line (?:is )?(?:too )?long",
    r"too (?:big|large)|\bsize|\bloop|hops|utf-?8|8-?bit|format|\burls?\b|message-id|duplicate",
)


PARAMETERS = re.compile(r"\bsize|too (?:big|large)|utf-?8|8-?bit|ascii|parameter|\boption", re.IGNORECASE)
"""Of MAIL: how large the letter is, and how it is written."""


def concern(step: Step, code: int | None, words: str) -> Concern:
    """Whom a refusal at this step is about. `code`: the reply code; None: the connection was lost."""
    if step is Step.DATA and (code is None or not 400 <= code < 600):
        # The server may have taken the letter: it is repeated as rarely as a letter that was refused.
        return Concern.LETTER
    if code is None:
        return Concern.EITHER
    words = words[:LOOKED_AT]
    enhanced = ENHANCED.search(words)
    status = enhanced[0] if enhanced else ""
    limited = OF_RECIPIENTS_SENT.search(words) or (SENDING_LIMIT.search(words) and not RECIPIENTS_LIMIT.search(words))
    if code in OF_LOGIN or not 400 <= code < 600:
        return Concern.US
    if code in TOO_MUCH or status[1:] in (".3.4", ".2.3"):
        return Concern.RECIPIENT if step is Step.RCPT else Concern.LETTER
    if limited:
        return Concern.US
    if CODES_OF_RECIPIENT.fullmatch(status):
        return {Step.MAIL: Concern.EITHER, Step.RCPT: Concern.RECIPIENT, Step.DATA: Concern.LETTER}[step]
    if CODES_OF_EITHER.fullmatch(status) or SEND_AS.search(words):
        return Concern.EITHER
    if CODES_OF_US.fullmatch(status) and not (step is Step.RCPT and status[1:3] == ".3"):
        return Concern.US
    if LOGIN.search(words) and not BY_DNS.search(words):
        return Concern.US
    return {Step.MAIL: _of_mail, Step.RCPT: _of_rcpt, Step.DATA: _of_data}[step](code, status, words)


def _of_mail(code: int, status: str, words: str) -> Concern:
    """The sender's address is ours, and nothing else of the letter is known yet but its encoding."""
    if PARAMETERS.search(words):
        return Concern.LETTER
    return Concern.US if code < 500 else Concern.EITHER


def _of_rcpt(code: int, status: str, words: str) -> Concern:
    if answered_dead(
        code, words
    ):  # "User unknown in relay recipient table" speaks of a relay, and not of our right to it
        return Concern.RECIPIENT
    ours = code in OF_CONVERSATION or RIGHTS.search(words) or (code < 500 and SERVERS_TROUBLE.search(words))
    return Concern.EITHER if ours else Concern.RECIPIENT


def _of_data(code: int, status: str, words: str) -> Concern:
    of_sender = status[1:] == ".1.0" and RIGHTS.search(words)  # which says no more than "an address"
    of_recipient = status[2:3] in ("1", "2", "6") and not of_sender  # an address, a mailbox, the content
    if of_recipient or OF_LETTER.search(words):
        return Concern.LETTER
    if code == 452 or (code < 500 and SERVERS_TROUBLE.search(words)):
        return Concern.US
    return Concern.EITHER if code in OF_CONVERSATION or RIGHTS.search(words) else Concern.LETTER
