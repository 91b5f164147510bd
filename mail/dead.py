"""Whether a final refusal says that an address is dead: that its mailbox or its domain does not exist.

To silence a customer who can be reached is worse than one mail too many. So everything that a server says must agree:
its enhanced codes (RFC 3463), its reply code, and its words. One of them that speaks of something else is enough for the
address to live: the sender, a full mailbox, the rate, the size, the content, a policy, a block list, TLS, the moment.
Beside a code that means death, words need not say it again; but they may say nothing else, in any language: servers give
"5.1.1" to a mailbox that moves, to a list for members, to a lookup that failed.
"""

import re
from collections.abc import Collection

from mail.patterns import any_of
from models.messages.addresses import canonical_address

ENHANCED = re.compile(r"(?<![\d.])([245])\.([0-7])\.(\d{1,3})(?!\d|\.\d)")
"""Not the like in an IP address or a version."""
REPLY = re.compile(
    r"(?:^|[:;<>(,'\"-]|\b(?:said|codes?|errors?|repl(?:y|ied)|response|returned|was|with))[ \t]{0,4}"
    r"([45][0-5]\d)(?=[\s:,;.)\]#-]|$)",
    re.IGNORECASE | re.MULTILINE,
)
"""A reply code of SMTP where servers put it: at the beginning of a line, or behind "said:" and the like."""

DEAD_CODES = re.compile(
    r"5\.(?:"
    r"1\.(?:1|2|3|6|10)"  # no such mailbox, no such system, no address, moved without a trace, a domain without mail
    r"|2\.1"  # mailbox disabled
    r"|4\.(?:4|310)"  # the domain has no host, or is none (Postfix; Exchange Online)
    r")"
)
SAYS_NOTHING = re.compile(r"5\.(?:0\.\d{1,3}|[1-5]\.0)")
""""Other" of its kind: the words decide."""
QUOTA_REPLY = "552"

_ADDRESS = r"[^\s<>@,;:\"'()\[\]=]{1,64}@[^\s<>@,;:\"'()\[\]]{1,255}"
NAMED = re.compile(_ADDRESS)
SENT_BY = re.compile(rf"\b(?<!mail )from <?{_ADDRESS}", re.IGNORECASE)
"""Of "your message from support@desk.example to ..."."""
NOBODYS = re.compile(r"(?:postmaster|mailer-daemon|abuse|hostmaster)@", re.IGNORECASE)
"""To whom a server refers; it says nothing of them."""
ELSEWHERE = re.compile(
    r"https?://\S+|<?[^\s<>@,;:\"'()]{1,64}@[^\s<>@,;:\"'()]{1,255}>?|(?<![\w.])(?:[\w-]{1,63}\.)+[a-z]{2,}\b"
)
"""Links, addresses and host names: words in them are nobody's verdict."""
ANY_REFUSAL = re.compile(
    r"\bInvalid Address, (?=ERROR_CODE)|\bUnknown address error (?=[45]\d\d\b)(?!550-'#5\.1\.0 Address rejected)"
)
"""What Zoho and IronPort put before each refusal, whatever the server there says; only another IronPort means the address."""

DEAD_WORDS = any_of(
    (
        r"\bno such (?:\w+ ){0,2}(?:users?|usernames?|recipients?|addresse?e?s?|mail ?box(?:es)?|inbox|"
        r"accounts?|domains?|hosts?|person|destination|e-?mail(?: address| account)?|local[- ]part|alias|"
        r"customer|@)"
    ),
    (
        r"(?:\b(?:users?|usernames?|recipients?|mailaddress|addresse?e?s?|mail ?box(?:es)?|inbox|accounts?|domains?|"
        r"hosts?|person|destination|e-?mail(?: address| account)?|local[- ]part|alias|customer|@)|"
        r"@)\W{0,3}(?:\s\S{1,80}){0,6}? ?(?:is |was |are |were |has been |have been |could |can ?|cannot |"
        r"couldn.t |can.t )?(?:currently )?(?:unknown|not (?:be )?(?:found|known|exist\w*|recogni[sz]ed|"
        r"listed|present|registered|provisioned)|does(?: not|n.t) (?:seem to )?exist|non[- ]?existent|(?:disabled|inactive|"
        r"deactivated|administratively disabled|discontinued|terminated|deleted|closed|removed|invalid)\b|"
        r"no longer (?:valid|exists?|"
        r"available|active|in use|accepts?)|not (?:a )?(?:valid|active|known)\b)"
    ),
    (
        r"\b(?:unknown|invalid|bad|non[- ]?existent|no valid) (?:or \w+ )?(?:virtual |local |mail |destination |"
        r"e-?mail )?(?:users?|recipients?|mailbox(?:es)?|address(?:es)?|local[- ]part|hosts?|domains?|alias|"
        r"account)\b"
    ),
    (
        r"\bno (?:mail ?box|account|one|person|user|recipient)s? (?:here |available )?(?:by (?:that|"
        r"this) name|at this address|found|for this)"
    ),
    r"\bdoes(?: not|n.t) have an? .{0,60}\baccount",
    (
        r"\bnot (?:a |an )?(?:known|valid|active|our) (?:user|recipient|mailbox|address|customer|"
        r"local address)"
    ),
    r"\bnot listed in\b.{0,60}(?:director|address book)",
    r"\bno \S{1,80} in (?:name )?directory",
    r"@\W{0,3}(?:is )?not (?:a )?registered\b",
    r"\bno longer (?:works|employed|with (?:us|the company))|\buser no longer on server\b|\bnull mx\b",
    r"\b(?:could|can)(?:not|n.t| not) be found\b",
    r"\b(?:(?:could|can)(?:not|n.t| not)|unable to) find (?:any |a |an |the )?(?:host|domain|mail exchanger|mx|user|"
    r"recipient|mailbox|account)",
    r"\b(?:un(?:recogni[sz]ed|registered)|inactive|nonworking|dead|non-?existing) (?:users?|recipients?|mailbox|address|account)",
    r"\bbad destination system address\b",  # what RFC 3463 calls 5.1.2
    r"\b(?:incorrect|wrong|misspelled) (?:recipient |e-?mail )?(?:address|mailbox)|nodename nor servname|\bno mx\b",
    r"\bhas left (?:us|the (?:company|organi[sz]ation))",
    r"\bunrout(?:e)?able address(?!.{0,20}sender)|\bNXDOMAIN\b|\bRESOLVER\.ADR\.\w*NotFound|\bNoSuchUser\b|DomainNonexistent\b",
    r"\bIllegal host/domain name found\b|\bno mail hosts for domain\b",
    r"#5\.1\.0 Address rejected\b",  # IronPort, of a recipient whom neither its table nor its directory has
    (
        # The same in the languages that reports come in.
        r"(?:empf(?:ä|ae)nger|benutzer|adressat|adresse|postfach|mailbox|konto|domain)\b.{0,60}?(?:unbekannt|existiert nicht|"
        r"nicht gefunden|nicht vorhanden|nicht bekannt|ungültig)"
    ),
    r"\bkein(?:e[nr]?)? (?:solche[rs]? )?(?:benutzer|empf(?:ä|ae)nger|postfach|mailbox)",
    r"aucun (?:utilisateur|destinataire)|nessun utente|no existe (?:dich[oa]|es[ea]|el|la|tal|est[ea])\b",
    r"(?:ukjent|okänd|ukendt) (?:bruker|användare|bruger|mot?ta[gk]er)|没有此用户|[无查]无?此(?:用户|人)",
    r"(?:existiert nicht|unbekannter? (?:empfänger|benutzer|adresse))",
    (
        r"(?:utilisateur|destinataire|adresse|boîte|boite|compte|domaine)\b.{0,60}?(?:inconnue?|"
        r"n.existe pas|introuvable|invalide)"
    ),
    (
        r"(?:usuario|usuário|utilizador|destinat[aá]ri[oa]|direcci[oó]n|endereço|indirizzo|utente|casella|cuenta|conta|"
        r"buz[oó]n|dominio|domínio)\b.{0,60}?(?:desconocid[oa]|desconhecid[oa]|sconosciut[oa]|inesistente|non valid[oa]|"
        r"no existe|não existe|non esiste|no encontrad[oa]|não (?:foi )?encontrad[oa]|"
        r"non (?:è stat[oa] )?trovat[oa]|inv[aá]lid[oa])"
    ),
    r"(?:gebruiker|ontvanger|adres|postvak|domein)\b.{0,60}?(?:onbekend|bestaat niet|niet gevonden)",
    r"onbekende (?:gebruiker|ontvanger)",
    (
        r"(?:użytkownik|adres|adresat|odbiorca|skrzynka|konto)\b.{0,60}?(?:nieznan\w|nie istnieje|"
        r"nie znalezion\w)"
    ),
    r"nieznany (?:użytkownik|adresat|odbiorca)",
    r"(?:uživatel|adresa|schránka|příjemce)\b.{0,60}?(?:neexistuje|neznám\w|(?:nebyla? )?nalezen\w?|nenalezen\w?)",
    r"(?:používateľ|adresa|schránka|príjemca)\b.{0,60}?(?:neexistuje|neznám\w|sa nenaš\w+)",
    r"nezn[aá]m[ýy] (?:uživatel|používateľ|příjemce|príjemca)",
    r"(?:címzett|felhasználó|postafiók|cím)\b.{0,60}?(?:ismeretlen|nem létezik|nem található)|ismeretlen (?:címzett|felhasználó)",
    r"(?:utilizator\w*|destinatar\w*|adres[aă]|căsuț[aă])\b.{0,60}?(?:necunoscut\w?|nu există|inexistent\w?|nu a fost găsit\w?)",
    r"(?:käyttäjä\w*|vastaanottaja\w*|osoite\w*)\b.{0,60}?(?:tuntematon|ei löydy|ei löytynyt|ei ole olemassa)|"
    r"tuntematon (?:käyttäjä|vastaanottaja)",
    r"(?:χρήστης|παραλήπτης|διεύθυνση)\b.{0,60}?(?:δεν υπάρχει|δεν βρέθηκε|άγνωστ\w+)|άγνωστος (?:χρήστης|παραλήπτης)",
    r"(?:користувач\w?|адрес\w{0,3}|скриньк\w|одержувач\w?)\b.{0,60}?(?:не існує|не знайден\w|невідом\w+)|"
    r"невідомий (?:користувач|одержувач)",
    (
        r"(?:användaren?|mottagaren?|adressen?|modtageren?|brukeren?)\b.{0,60}?(?:finns inte|okänd|"
        r"findes ikke|finnes ikke|ukendt|ukjent)"
    ),
    (
        r"(?:пользовател\w|адрес\w{0,3}|ящик\w?|получател\w|домен\w?)\b.{0,60}?(?:не существует|не найден\w?|"
        r"неизвест\w+)"
    ),
    r"неизвестный (?:пользователь|получатель|адресат)|нет такого",
    r"(?:kullan.c.|al.c.|adres|posta kutusu)\b.{0,60}?(?:bulunamad.|mevcut değil|yok|bilinmiyor)|"
    r"(?:bilinmeyen|geçersiz) (?:kullan.c.|al.c.)",
    r"(?:ユーザー?|宛先|アドレス|メールボックス).{0,30}?(?:存在しません|見つかりません|不明)|存在しない",
    r"(?:收件人|用户|用戶|邮箱|地址).{0,20}?(?:不存在|未找到|找不到)|존재하지 않|찾을 수 없",
)
LIVES = any_of(
    # The sender is not wanted.
    r"\benvelope(?! (?:recipient|rcpt|to\b))",
    r"\bsender|\bfrom:|\bfrom (?:address|header|domain)|\bmail from\b|return[- ]path|absender|expéditeur|remitente|mittente",
    r"remetente|afzender|nadawc|odesílatel|avsändare|отправител|送信者|发件人",
    # Full, too large, too much, too fast.
    r"quota|\bfull\b|over ?(?:limit|size)|exceed|\btoo (?:many|much|fast|big|large|long|often)|\brates?\b",
    r"throttl|storage|disk|\bspace\b(?! bar)|insufficient|\bsize|\blimit|überschritten|\bvoll\b|pleine?\b",
    r"satur[éa]|\bllen[oa]\b|\bpien[oa]\b|chei[oa]\b|переполнен|заполнен|превыш|перевищ|kvót|容量|已满|已滿|空间不足|空間不足",
    r"いっぱい|가득|초과|p(?:ełn|ln)[aáeéy]\b|fuld\b|fullt?\b|täynnä|\bdolu\b|megtelt|γεμάτ|erschöpft|belegt|espace|espacio|esaurit",
    r"\bunpaid\b|payment|\bbilling\b|kontingent",
    # Only now, or only the way there.
    r"temporar|(?<!and )\btry(?:ing)? again|again (?:later|in \d)|\blater\b|transient|gr[ea]y-? ?list",
    r"\bdefer|\bbusy\b|time-?d? ?-?out|\bconnection\b",
    r"(?:could|can)(?:not|n.t| not) (?:be )?(?:connect|reach)|unable to connect|not reachable",
    r"unreachable|no route|servfail|server failure|\block(?:ed|out)\b|suspend|frozen|on hold|maintenance",
    r"overload|will be retried|retry t|vorübergehend|temporäre?|temporaire|temporal|временн",
    r"später|plus tard|más tarde|più tardi|mais tarde|\bopnieuw|\bpóźniej|позже|пізніше|稍后|稍後|後ほど|나중에|\buntil\b|migrat",
    r"\bsoft error\b|\blookup fail|\bunable to reach\b|\breactivat|\bat (?:this time|present)\b",
    r"(?:recipients?|address) (?:list|count)\b|\bnot? yet\b|\bactive yet\b|at the moment|\brecently\b|(?<!not )\bretry\b",
    r"vacation|holiday|\burlaub|\baway\b|(?:internal|lookup|database|server) error|\bis down\b|\bserver\b.{0,40}\b(?:un|"
    r"not )available",
    # The mail is not liked, or nobody's is.
    r"spam|\bjunk|unsolicited|virus|malware|phish|\bcontents?\b|attachment|polic(?:y|ies)|prohibit",
    r"not (?:allowed|permitted|authori[sz]ed)|unauthori[sz]ed|denied|forbidden|restrict|\bblock",
    r"\b(?:external|internal|outside|inbound|incoming) (?:e-?)?(?:mails?|messages?|senders?|users? only)|\bmembers\b|"
    r"\ba member\b|moderat",
    r"white-?list|allow(?:ed)?-? ?list|reply-to (?:address|domain|field)|(?:invalid|missing|bad|no) message-id|\bin (?:the |"
    r"your )?(?:\w{1,20}:? )?header",
    r"\bbounces\b|lista negra|liste noire|unerwünscht|indésirable|indesead|indesiderat|ongewenst|niechcian|нежелательн|спам",
    r"black-? ?list|deny-? ?list|\b(?<!not )(?:is|was|been|currently) listed|reputation|\brbl\b|dnsbl",
    r"complain|abuse|refused|suppress|relaying|\brelay\b(?! recipient)|reverse (?:dns|host)",
    # Somebody else is meant: us, or whom a check of us asked for.
    r"\byour (?:domain|host|server|ip|network|mailbox|account|address(?! book))\b|(?:in|of) your address|verification|"
    r"call-?(?:out|back)\b|backscatter|\bbatv\b|quickly",
    r"\byou(?:.re| are) not\b|\bclient\b|\bunknown host \[|\bpasswords?\b|\bopt(?:ed)?[- ]in\b",
    r"\boriginator\b|\b(?:could|can)(?:not|n.t| not) verify|unable to verify|(?:sen[dt]|sending) from\b|\btrusted\b|\bpending\b",
    r"\b(?:database|profile|store|home|cache|node|routing table|backend|server|type|directory)s?(?: (?:is|was|were|could|does))?"
    r"(?:cannot| not)? ?(?:be )?(?:found|exist|unknown)\b",
    r"not found (?:in|on) (?:the |this )?(?:cache|node|routing|backend)|\bhas (?:an )?invalid\b|weekend",
    r"rcpthosts|bad(?:rcptto|mailfrom)|\bptr\b|\bhelo\b",
    r"\behlo\b|\bspf\b|dkim|dmarc|authenti|preferences|richtlinie|gesperrt|\btls\b|starttls|certificate",
    r"encrypt|cipher|\bloop|\bhops\b",
)
BLOCK_LISTS = re.compile(
    r"spamhaus|spamcop|barracudacentral|sorbs\.|uceprotect|surbl|cloudmark|senderscore", re.IGNORECASE
)
WORD = re.compile(r"(?<!\w)[^\W\d]+(?!\w)")
"""And no code, which has digits."""
_IDLE = """
    a action address addresses adresse after an and answer answered antwort at attempt bad but by code command could
    couldn data deliver delivered delivery destination diag diagnostic dns dsn e empfänger end error failed failure fatal fehler
    final following for forward gave gmail gsmtp has have here host i in input invalid is it its line mail mailbox
    mailboxes mailserver message messages more moved mta mx n new no not now of ofr ok on one or original out outlook
    permanent permanenter permanently postfach prod protocol rcp rcpt reason recipient recipients rejected rejects remote
    replied reply report reporting requested response returned returning returns rfc said says see sent server smtp
    sorry state status t taken tested text that the this to transaction transcript tried try trying unable unavailable
    undeliverable unrecoverable user users was were with x you your
"""
IDLE_WORDS = frozenset(_IDLE.split())
"""What servers say around a code, and what tells nothing beside it."""
LOOKED_AT = 2000
"""Characters of a server's words."""


def is_dead(status: str | None, words: str, *, of: str | None = None, ours: Collection[str] = ()) -> bool:
    """Whether a final refusal says that the address is dead. `status`: its enhanced code, if there is one.

    `of`: the address that was refused, canonical. Where the words name other addresses and not this one, they speak of
    somebody else: of our own address, or of whom the mail went on to. `ours`: addresses of ours; where the words name one,
    it may be the bad one.
    """
    words = words[:LOOKED_AT]
    named = {canonical_address(each.rstrip(".")) for each in NAMED.findall(SENT_BY.sub("", words))}
    named = {each for each in named if not NOBODYS.match(each)}
    if not named.isdisjoint(ours) or (of is not None and named and not any(_same(each, of) for each in named)):
        return False
    codes = [found[0] for found in ENHANCED.finditer(words) if found[1] != "2"]
    if status is not None:
        codes.append(status)
    telling = [code for code in codes if SAYS_NOTHING.fullmatch(code) is None]
    if not all(DEAD_CODES.fullmatch(code) for code in telling):
        return False
    if any(reply.startswith("4") or reply == QUOTA_REPLY for reply in REPLY.findall(words)):
        return False
    words = ANY_REFUSAL.sub("", words)
    said = " ".join(ELSEWHERE.sub("@", words).replace("_", " ").split())
    if LIVES.search(said) or BLOCK_LISTS.search(words):
        return False
    if DEAD_WORDS.search(said) or DEAD_WORDS.search(words):
        return True
    return bool(telling) and IDLE_WORDS.issuperset(WORD.findall(said.lower()))


def _same(named: str, address: str) -> bool:
    """Also without a detail behind a plus, and at a host of the domain."""
    (local, _, domain), (other, _, of) = named.rpartition("@"), address.rpartition("@")
    at_home = domain == of or domain.endswith(f".{of}") or of.endswith(f".{domain}")
    return at_home and local.partition("+")[0] == other.partition("+")[0]


def answered_dead(code: int | None, words: str, *, of: str | None = None, ours: Collection[str] = ()) -> bool:
    """The same of an answer to RCPT: "550 5.1.1 <ada@x.example> no such user here" (RFC 5321 4.2.2)."""
    if code is None or not 500 <= code < 600:
        return False
    return is_dead(None, f"{code} {words}", of=of, ours=ours)
