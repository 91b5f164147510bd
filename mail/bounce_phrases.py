"""The standing phrases of mail servers, in the languages that their reports come in, and those of people."""

from mail.patterns import any_of

FAILED = any_of(
    (
        r"\b(?:could|can|did|was|were|has|have|is|will)(?: ?not|n.t) (?:be |yet been |been |"
        r"yet be )?(?:deliver|sent\b|send\b|forwarded|reach)"
    ),
    r"\bundeliver(?:able|ed)\b|\bnon-?deliver(?:y|able)\b|\bnot (?:yet )?been delivered\b",
    r"\bnot delivered\b",
    r"\b(?:un|not )able to (?:be )?(?:deliver|send|complete delivery)|\bcannot (?:be )?deliver",
    r"\bdeliver(?:y|ing)\b.{0,80}?\b(?:fail|abort|delay|problem|incomplete|unsuccessful|expired)",
    r"\bdel\w{1,3}ery to the following",
    r"\bfail(?:ed|ure) (?:to deliver|permanently|notice|recipients?|address)",
    r"\baddress(?:es)? (?:had|failed)|\bfailed addresses",
    r"\breturn(?:ed|ing) (?:mail|message|to (?:the )?sender)|\bmail (?:delivery )?fail",
    r"\b(?:permanent|transient)(?:ly)? (?:fatal|non-fatal|failed|error|failure)",
    r"\b(?:address|recipient|mailbox)\b.{0,40}\b(?:not found|couldn.t be found|full)\b",
    r"\bmessage (?:blocked|rejected|bounced)\b",
    (
        r"\b(?:message|mail|e-?mail)\b.{0,60}\b(?:was|were|has been|been) (?:\w+ )?(?:rejected|refused|"
        r"returned|bounced|delayed)"
    ),
    r"\bthis is the (?:mail system|qmail|deliver program)|\bqmail-send program\b|\bdelayed\b.{0,40}\bhours",
    r"\btemporary problem delivering|\berror (?:has )?occurred while (?:attempting|trying) to deliver\b",
    r"\brecipients? (?:was|were|is|are) (?:affected|rejected|refused|undeliverable)",
    r"^error message below:|\bno such user here\b|\bgiven up on your message|"
    r"\bdid not (?:exactly )?match an?\s+(?:\S{1,40}\s+){0,4}?address",
    # German, French, Spanish, Italian, Portuguese, Dutch
    r"unzustellbar|nicht (?:zugestellt|ausgeliefert|zustellbar|übermittelt|gesendet) werden",
    r"nicht zugestellt|zustellung\b.{0,60}(?:fehl|nicht|verzöger|gescheitert)|nicht erreicht",
    r"non (?:remis|distribu|livr|délivr)",
    r"n.(?:a|ont|est|avons) pas (?:pu )?(?:être |été )?(?:remis|distribu|livr|délivr|achemin|envoy)",
    r"échec (?:de|d.)|(?:remise|distribution)\b.{0,60}(?:retard|échou|impossible)",
    r"no (?:se )?(?:ha |pudo |puede |ha podido |se pudo |hemos podido )?(?:sido )?(?:entreg|enviar)",
    r"error (?:de|en la) entrega|entrega\b.{0,60}(?:fall|retras|error)",
    r"(?:impossibile|non è stato possibile|non (?:può|è stat[oa]) )\W?.{0,20}(?:recapit|consegn|invia)",
    r"(?:recapito|consegna)\b.{0,60}(?:fallit|ritard|riuscit|mancat)",
    r"não (?:foi|pôde|pode|conseguimos|foi possível)\b.{0,20}(?:entreg|enviad)|falha (?:na|de) entrega",
    r"entrega\b.{0,40}(?:falh|atras)",
    r"(?:niet|kan niet|kon niet)\b.{0,40}(?:bezorg|afgelever|verzond)|onbestelbaar",
    r"(?:bezorg|aflever)\w*\b.{0,40}(?:mislukt|vertraagd)",
    # Polish, Czech, the languages of the north, Turkish, Russian, Ukrainian, Japanese, Chinese, Korean
    r"nie (?:mog\w+ |został\w? |udało się )?(?:być )?(?:dostarcz|doręcz)|niedostarczon|nedoručiteln",
    r"nebyl\w? doruč|nelze doručit",
    r"(?:kunde|kunne) (?:inte|ikke)\b.{0,30}lever|ej levere|kan (?:inte|ikke) leveres|ei voitu toimittaa",
    r"teslim edilemedi|iletilemedi",
    r"не (?:было |может быть |удалось |вдалося |був\w? )?(?:доставлен|доставить|доставлено|доставити)",
    r"недоставлен|ошибка доставки|помилка доставки|не може бути (?:доставлен|надіслан)|доставк\w\b.{0,40}не выполн|сбой доставки",
    r"dostarcz\w{0,6}\b.{0,60}nie powiod|nie można dostarcz|doruč\w{0,4}\b.{0,60}(?:nezdařil|zlyhal)|ne(?:podařilo|"
    r"podarilo) doruč",
    r"n(?:emohla?|emohlo) být doruč|levera\w{0,3}\b.{0,60}(?:misslyck|mislyk)|levering\b.{0,60}mislyk|gick inte att leverera",
    r"(?:blev|ble) ikke levere|levererades inte|toimitus\b.{0,60}epäonnistu|kézbesít\w{0,4}\b.{0,40}sikertelen|kézbesíthetetlen",
    r"nem (?:kézbesíthető|sikerült)|livrare\w{0,2}\b.{0,60}eșuat|nu a putut fi livrat|δεν ήταν δυνατή η παράδοση|"
    r"παράδοση\b.{0,60}απέτυχε",
    r"teslim\b.{0,40}başarısız|teslim edilmedi|未送达|未送達|无法送达|無法傳遞|无法(?:传递|将)|传递.{0,10}失败|"
    r"傳遞.{0,10}失敗|未能.{0,20}传递",
    r"被退回|无法发送|배달하지 못|전송(?:되지|이) 않|발송.{0,4}실패|לא ניתן למסירה|המסירה נכשלה|تعذر تسليم|فشل التسليم",
    r"配信(?:でき|不能|されません|エラー)|届けられません|送信できません|无法(?:送达|投递|发送)|退信|(?:投递|传输)失败",
    r"배달(?:되지|할 수 없)|전송(?:되지|할 수 없)",
)
"""That a mail did not arrive, for good or for now."""
DELAYED = any_of(
    r"\bdelay(?:ed)?\b|\bnot yet been\b|\bwarning (?:message )?only\b|\b(?:be|being) retried\b",
    r"\b(?:still|continue|continues|keep) (?:to try|trying|to be attempted|attempting|to attempt)",
    r"will (?:retry|be attempted|continue|try again|keep)|hasn.t been delivered yet",
    r"\bdelivery incomplete\b|transient non-fatal|do not need to resend|temporary problem delivering",
    r"verzöger|weiterhin versucht|erneut versucht|retard|nouvelles? tentatives?|retras",
    r"se seguir[aá] intentando|ritard|ulteriori tentativi|atras|vertraagd|opóźni|zpožd|försen|forsink",
    r"viiväst|gecik|задерж|затрим|遅延|延迟|지연",
)
"""That it is tried further."""
FINAL = any_of(
    r"giv(?:en|ing) up|gave up|permanent(?:ly)? (?:fail|error|fatal|undeliver|delivery)",
    r"failed permanently|\bexpired\b|retry time|not be retried",
    r"no (?:further|more) (?:delivery )?(?:attempts|retries)|too (?:long|old)|returned to sender",
    r"returning message|delivery has failed|have been failing|\bendgültig|definitiv|définitiv",
)
"""That it is not, whatever else is said of a delay."""
ANSWERS = any_of(
    r"^\W{0,3}(?:re|aw|antw(?:oord)?|sv|vs|odp|ynt|fwd?|wg|tr|rv|enc|doorst)\s?(?:\[\d+\])?:",
    r"out of (?:the )?office|automatic reply|auto-?(?:reply|response)|vacation|abwesen",
    r"automatische antwort|réponse automatique|absence|respuesta automática|fuera de|risposta automatica",
    r"fuori (?:sede|ufficio)|resposta automática|ausência|afwezig|automatisch antwoord|nieobecno|autosvar",
    r"frånvaro|fravær|автоматический ответ|автоответ|ticket|request received",
)
"""Subjects of answers, of forwarded mail, and of those who are away."""
REPORT_SUBJECT = any_of(
    (
        r"^\s*(?:undeliver(?:able|ed)(?=\s*(?:[:.,(\[-]|$|mail\b|message\b|e-?mail\b|returned))|"
        r"unzustellbar|zustellungsfehler|non[ -]?remise?\b|non distribuable|no se (?:puede|pudo|ha podido) entregar|"
        r"no entregado|não (?:é possível|foi possível) entregar|não (?:foi )?entregue|impossibile recapitare|non recapitabile|"
        r"mancat[oa] (?:recapito|consegna)|onbestelbaar|"
        r"kan inte levereras|går inte att leverera|kan ikke leveres|ikke leveret|toimittamatta|ei voitu toimittaa|"
        r"niedostarczalne|"
        r"nie można dostarczyć|nedoručitelné|nedoručiteľné|kézbesíthetetlen|nelivrabil|не доставлено|недоставлен|"
        r"не удалось доставить|помилка доставки|teslim edilemedi|δεν παραδόθηκε|"
        r"配信不能|配信できません|无法(?:投递|送达|传递)|無法(?:傳遞|投遞|送達)|未传递|未送达|未送達|"
        r"(?:系统|来自\S{1,60}的)?退信|배달되지 않음|"
        r"לא ניתן למסירה|غير قابل للتسليم|"
        r"delivery (?:status notification|has (?:failed|been delayed)|failure|failed|delayed|report|incomplete)|"
        r"(?:mail|message) (?:delivery|system) (?:fail|error|status|delay|report)|mail delivery (?:subsystem|problem)|"
        r"(?:mail|message) (?:could not|cannot) be delivered|message (?:undeliver|delayed)|failure notice|"
        r"returned (?:mail|to sender)|non[- ]delivery (?:report|notification|receipt)|ndn:|warning: (?:could not send|message)|"
        r"nachricht (?:nicht|konnte nicht) zugestellt|zustellung fehlgeschlagen|(?:failed|rejected) (?:mail|message)\b)"
    ),
)
"""How mail servers begin the subject of what they say about a delivery. A forwarded one begins otherwise."""
ANNOUNCED = any_of(
    REPORT_SUBJECT.pattern,
    (
        r"^\W{0,3}(?:\w{1,40}:\s{0,9})?(?:the |your )?(?:(?:e-?)?mail |message )?(?:undeliver|non-?deliver|not delivered|"
        r"deliver\w{0,4}\b.{0,40}(?:fail|problem|error|delay|warn|status|notif|report|incomplete|unsuccess|has |could )|"
        r"fail(?:ed|ure|ing)?\b(?:$|.{0,40}(?:mail|message|deliver|notice|recipient|address|send|return))|return(?:ed|ing)\b|"
        r"warning\b.{0,20}(?:message|mail|could|deliver|delay)|delay\w{0,3}\b.{0,20}(?:mail|message|deliver)|rejected\b|"
        r"unzustellbar|nicht zugestellt|zustell\w{0,9}\b.{0,40}(?:fehl|nicht|verzög|problem|status)|non remis|échec|"
        r"no se (?:ha|pud)|error\b.{0,20}(?:send|deliver|mail|message|entreg)|impossib|falha (?:na|de) entrega|não foi|"
        r"onbestel|niet (?:bezorg|afgelever)|niedostarcz|не доставлен|ошибка доставки|(?:メッセージを)?配信|退信)"
    ),
)
"""How the subject of a report begins, where something else tells that it is one."""
GREETED = any_of(
    (
        r"\s*(?:hello|hi|hey|dear|good (?:morning|day|afternoon)|hallo|guten|sehr|liebe|moin|bonjour|cher|"
        r"salut|hola|buen|estimad|ciao|gentil|olá|prezad|beste|geachte|dzień|szanown|dobrý|hej|hei|здравств|"
        r"добр|уважаем|merhaba|say.n)"
    ),
)
"""How people begin."""
SERVERS_SAY = any_of(
    r"\bsmtp\b|\brcpt\b|\bmx\b|mailbox (?:is )?(?:full|unavailable)|quota|message-id",
    r"remote (?:server|host)|mail server|delivery attempts?|host .{1,80} said|error code|mailer-daemon",
    r"postmaster|(?:spam|bulk e-?mail|content) (?:filter|firewall)\b",
)
"""What only mail servers speak of."""
COPY = any_of(
    (
        r"^[ \t|>]{0,4}[-=_+*#]{2,}.{0,100}?(?:cop(?:y|ie)|below this line|original|returned|unsent|header|"
        r"message (?:text|follows)|ursprüngliche|kopie)"
    ),
    (
        r"^[ \t]{0,4}(?:the )?(?:(?:first \d{1,4} lines|headers?|top \d{1,4} lines) of )?(?:your |the )?"
        r"(?:original|old|unsent|returned) (?:message|mail)(?: text)?(?: as received)?(?: is)?(?: as)?"
        r"(?: (?:follows?|below|attached))?[ \t]{0,4}[:.]?[ \t]*$"
    ),
    r"^[ \t]{0,4}your (?:message|mail) reads\b.{0,20}:[ \t]*$|附件中的内容是原信件",
)
"""The line at which our own mail begins in a report."""
