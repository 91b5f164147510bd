"""The words with which telephones and mail programs advertise themselves below a mail, in the languages that they speak.
Data for `mail.signatures`."""

from mail.patterns import choice, phrases

DEVICES = choice(
    """
    iphone|iphon\\w{1,5}|ipad|ipad\\w{1,4}|ipod|apple watch|mac|samsung|galaxy|android|
    blackberry|huawei|honor|xiaomi|redmi|poco|pixel|oneplus|oppo|
    vivo|realme|motorola|nokia|alcatel|htc|sony|xperia|lg|fairphone|windows phone|windows 10|windows 11|windows|outlook|
    yahoo mail|yahoo|gmx|web\\.de|gmail|proton mail|protonmail|proton|mail\\.ru|myrambler|t-online|mobile|mobil|
    mobiltelefon|mobilen|mobilgerät|mobiele telefoon|handy|smartphone|tablet|telefon|téléphone|teléfono|telefone|
    telefono|telefoon|phone|cell|gsm|móvil|portable|celular|cellulare|komórki|телефона|телефону|айфона|айпада|
    мобильного|мобильной|мобільного|смартфона|아이폰|갤럭시|스마트폰|هاتفي|الهاتف|آيفون|手机|手機|携帯|휴대폰|
""".replace("\n", "")
)
PROGRAMS = choice(
    """
    airmail|spark|mailbox|mailbird|mailspring|nine|shortwave|superhuman|edison mail|edison|canary|canary mail|missive|boxer|
    newton mail|newton|bluemail|blue mail|typeapp|typemail|aqua mail|aquamail|thunderbird|k-9 mail|fairemail|hey|tutanota|tuta|
    tuta mail|fastmail|zoho mail|mimestream|betterbird|claws mail|vivaldi mail|nylas mail|polymail|mailsuite|em client|
    workspace one boxer|aol mobile mail|the all new aol app|l.application mail orange|uol mail|libero mail|
    мобильной яндекс.почты|яндекс.почты
    """.replace("\n", "")
)
MAILS = choice(
    """
    outlook|outlooku|outlooka|yahoo mail|yahoo!? ?メール|gmail|mail|e-mail|email|the email|aol app|proton mail|correo|posta|
    courrier|e-post|o email|programu outlook|aplikacji poczta|aplikacji yahoo mail|poczty|pošty|почты|пошти|aplikace outlook|
    aplicația outlook|libero mail|superhuman|nine|spark|το outlook
    """.replace("\n", "")
)
"""Which are no advertisement without the system behind them."""
FOR_SYSTEM = choice(
    "for|on|für|auf|auf dem|pour|sur|para|para o|en|per|su|voor|op|för|på|til|dla|dla systemu|na|pro|pre|для|на|pentru|pe|για"
)
SYSTEMS = "ios|ipados|android|androida|iphone|ipad|mac|macos|windows|windows 10|windows 11|mobile"
ALONE = phrases(r"""
    sent on the go
    sent from mobile
    (?:von )?unterwegs gesendet
    mobil gesendet
    get the new aol app: ?\S{1,60}
    outlook for .{1,20} uygulamas\w{1,8} gönderildi
""")
"""Said of no device at all."""
SENT_FROM = choice(
    r"""
    sent from|sent from my verizon,\s|sent via the samsung galaxy|provenance|sent via|sent with|sent using|sent by|
    gesendet von|gesendet mit|gesendet aus|gesendet über|verschickt von|
    von meine[mr]?|mit meine[mr]?|von unterwegs|diese nachricht wurde von|
    diese (?:e-?)?mail wurde von|diese (?:e-?)?mail wurde mit|envoyé depuis|envoyé de|envoyé à partir de|envoyé à partir d|
    envoyé avec|enviado desde|enviado con|enviado do|enviado de|enviado a partir|enviado via|enviado pelo|inviato da|
    inviato dal|inviato con|verzonden vanaf|verzonden vanuit|
    verstuurd vanuit|verzonden met|verstuurd vanaf|verstuurd met|verstuurd via|skickat från|
    skickat med|sendt fra|sendt med|sendt via|lähetetty|wysłane z|wysłano z|wysłane za pomocą|odesláno z|odesláno ze|
    odoslané z|odoslané zo|
    отправлено с|отправлено из|отправлено через|надіслано з|надіслано із|
    надіслано від|відправлено з|изпратено от|trimis de pe|trimis din|
    elküldve|küldve|στάλθηκε από|αποστολή από|poslano s|poslano z|poslano sa|poslato sa|saadetud|išsiųsta iš|nosūtīts no|
    gửi từ|dikirim dari|enviat des|נשלח מה|نשלח|أرسلت من|أُرسلت من|تم الإرسال من|ส่งจาก|
""".replace("\n", "")
)
SENT_FROM_UNSPACED = "发自我的|發自我的|从我的|從我的|来自我的|來自我的|(?:来自|來自) ?(?=outlook)"
SENT_FROM_BEHIND = choice(
    r"""
    から送信|から送信されました|에서 보냄|에서 보냈습니다|에서 전송됨
""".replace("\n", "")
)
"""Where a language puts the device first."""
SENT_FROM_AROUND = (
    (r"(?:von|mit|aus|über)\s", r".{0,25}\sgesendet"),
    ("", r"\S{0,12}[dt][ae]n\s{1,3}gönderildi"),
    ("", r"\S{0,12}[rb][óő]l\s{1,3}küldve"),
    ("", r"\S{0,12}st[aä]\s{1,3}lähetetty"),
    ("[從从用自透]", r".{0,12}(?:傳送|发送|發送)"),
)
"""What stands before the device, and behind it. That something was sent, people say, too ("The phone was sent"): only
the ending or the word for "from" tells that it is the mail."""
GET_OUTLOOK = phrases(r"""
    (?:holen|laden) sie (?:sich )?outlook für
    outlook für .{1,20} beziehen
    (?:obtenga|consiga|obtén) outlook para
    (?:obtenha|baixe) o outlook para
    få outlook (?:for|til|för)
    (?:hanki|lataa) outlook
    pobierz aplikację outlook dla
    (?:získejte|stáhněte|získajte|získať|stiahnuť)(?: si)? outlook pr[oe]
    outlook .{1,20}[rb][ea]n? letöltése
    .{1,20} için outlook.{0,3} (?:edinin|indirin|yükleyin)
    (?:obțineți|descărcați) outlook pentru
    αποκτήστε το outlook για
    preuzmite outlook za
    獲取 ?outlook
    .{1,20}용 outlook (?:다운로드|받기|가져오기)
    get (?:outlook|bluemail|spark|mymail|proton mail) for
    outlook für .{1,20} (?:beschaffen|herunterladen|holen)
    (?:télécharg\w{1,3}|obtenir) outlook pour
    (?:obtener|descargar) outlook para
    obter o outlook para
    (?:ottieni|scarica) outlook per
    outlook voor .{1,20} (?:downloaden|ophalen)
    h(?:ämta|ent) outlook (?:för|til)
    pobierz outlook dla
    (?:получить|отримати|скачать|завантажити) outlook для
    (?:stáhnout|získat) outlook pro
    (?:获取|下载|取得) ?outlook
    outlook for .{1,20} を入手
    yahoo mail\s?: search, organi[sz]e, conquer
""")

POSSESSIVE = frozenset(
    ("my", "our", "mein", "meine", "meinem", "meiner", "mon", "ma", "notre", "mi", "mis", "mio", "mia", "meu", "minha", "mijn",
     "min", "mit", "mitt", "moj", "moja", "mój", "moje", "můj", "мой", "моя", "мого", "мій", "me", "te", "tu")
)  # fmt: skip
"""Which stand before a device's name, or are small words of another language."""
OF_ADVERTISEMENTS = frozenset(
    (
        "for", "on", "from", "using", "via", "mobile", "device", "phone", "smartphone", "wireless", "cell", "app", "mail",
        "email", "e-mail", "secure", "and", "all", "new", "mit", "der", "für", "gesendet", "verschickt", "worden", "aplicación",
        "dispositivo", "appareil", "pour", "para", "per", "voor", "för", "til", "dla", "для", "pro", "desde", "το", "μου",
        "ios", "android", "ipados", "macos", "systemu", "pentru", "pre", "của", "tôi", "voor", "saya",
        "meiner", "mio", "meu", "mijn", "mobilen", "mobiele", "mobila", "mobil", "correo", "почты", "почта",
    )
)  # fmt: skip
"""Small words of programs that name themselves, beside devices and possessives."""
NEVER_OF_ADVERTISEMENTS = frozenset(
    (
        "dhl", "ups", "usps", "fedex", "dpd", "gls", "hermes", "tnt", "postnl", "bpost", "colissimo", "chronopost", "mondial",
        "correos", "seur", "bartolini", "brt", "poste", "inpost", "postnord", "posti", "сдэк", "почтой", "пошта",
        "post", "courier", "kurier", "coursier", "corriere", "koerier", "kurýr", "kuriera", "parcel", "package", "paket",
        "päckchen", "colis", "paquete", "paquet", "pacco", "pakket", "paczka", "box", "karton",
        "is", "was", "are", "were", "has", "had",
        "ist", "war", "sind", "wurde", "wird", "est", "était", "sont", "está", "è", "with", "samt", "nebst", "ohne",
        "the", "das", "il", "el", "le", "het", "today", "yesterday", "tomorrow", "heute", "gestern", "hier", "ayer", "ieri",
        "gisteren", "igår", "wczoraj", "včera", "вчера", "вчора", "dün", "monday", "tuesday", "wednesday", "thursday", "friday",
        "saturday", "sunday", "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag",
    )
)  # fmt: skip
"""Of people who have sent a device ("Sent via DHL with the phone"), and of what they tell."""
