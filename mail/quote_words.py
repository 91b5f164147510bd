"""The words with which mail programs set a quoted mail off, in the languages that they speak. Data for `mail.quotes`."""

import re


def _words(text: str) -> str:
    """A choice of a regular expression; longer words first, so that none is taken for its own beginning."""
    return "|".join(sorted(filter(None, (word.strip() for word in text.split("|"))), key=len, reverse=True))


def _phrases(text: str) -> str:
    """One a line, which may be patterns themselves."""
    return "|".join(line.strip() for line in text.strip().splitlines())


WROTE = _words(
    r"""
    wrote|writes|has written|schrieb|schreibt|schrieb am|hat geschrieben|schreef|schreef op|schreef het volgende|
    heeft geschreven|heeft het volgende geschreven|heeft op|a écrit|à écrit|écrivait|écrit|escribió|escribio|va escriure|
    ha escrit|escribiu|escreveu|ha scritto|scrive|scriveva|skrev|skriver|skrifaði|kirjoitti|napisał\(a\)|napisał|
    napisała|pisze|napsal\(a\)|napsal|napsala|napísal\(a\)|napísal|napísala|napisal|napisala|je napisal|je napisala|
    je napisao|je napisao/la|je napisala|je pisao|napisao je|написал\(а\)|написал|написала|пишет|писал|писал\(а\)|пише|
    писав|писала|написав|написав\(ла\)|написала\(в\)|напісаў|піша|написа|је написао|је написао/ла|napsal/a|írta|ezt írta|
    a következőt írta|a scris|scrie|yazdı|şunu yazdı|şunları yazdı|tarihinde yazdı|έγραψε|έγραψε\(ν\)|כתב|כתבה|כתב/ה|
    מאת|كتب|كتبت|raksta|rakstīja|parašė|rašė|rašo|kirjutas|on kirjutanud|đã viết|menulis|idatzi du|ha escrit el següent|
    shkroi|geskryf|het geskryf|نوشت|ysgrifennodd|sumulat|
    geschreven|het volgende geschreven|geschrieben|
    folgendes geschrieben|napisao/la je|napisala je|напиша|napisana przez|aliandika|жазды|telah menulis|idatzi zuen|
    sinulat ni|isinulat ni|hau idatzi du|skrev følgende|skrev följande|a scrittu|напісала|напісаў\(ла\)|shkruajti|ka shkruar|
""".replace("\n", "")
)
WROTE_UNSPACED = (
    "写道|寫道|写到|寫到|書きました|のメール|のメッセージ|님이 작성|작성함|작성|쓴 글|เขียน|ने लिखा|লিখেছেন|எழுதியது|نے لکھا|"
    "დაწერა|գրել է|бичсэн нь"
)
"""In scripts that set no blanks between words."""
YOU_WROTE = _words(
    "you wrote|you write|you said|вы писали|ви писали|sie schrieben|schrieben sie|schriebst du|vous écriviez|vous avez écrit|"
    "usted escribió|schreef u|schreef je|skrev du|ha scritto lei|escreveu você|napisał pan|napisała pani"
)
"""The Bat and others speak to whom they quote."""
SAID = _words(
    "said|says|sent|sagte|nous a dit|a dit|a envoyé|dijo|ha detto|disse|zei|sa|sade|sanoi|powiedział|сказал|сказав"
)
"""What fewer programs write, and people more often."""
QUOTING = _words(
    r"""
    quoting|missatge de|zitat von|citat von|citando a|citando|citant|quoto|citerar|citaat van|цитирование|en réponse à|
    in reply to|citējot|citování|cytowanie|cytat od|citáció|

""".replace("\n", "")
)
OPENING = _words(
    r"""
    on|am|le|el|il|op|em|på|den|dne|dnia|w dniu|pe|dana|dňa|dne|il giorno|el día|no dia|в|у|на|στις|la data de|em|
    ngày|pada|a les|el dia|þann|την|בתאריך|ב|في|vào|o|ás|em|mnamo|noong|më|dnia|در|در تاریخ|เมื่อ|ในวันที่|在|
""".replace("\n", "")
)
ORIGINAL = _words(
    r"""
    original message|original e-?mail|reply message|replied message|ursprüngliche nachricht|originale nachricht|
    original-?nachricht|originalnachricht|message d.origine|message original|message initial|mensaje original|
    messaggio originale|oorspronkelijk bericht|oorspronkelijke e-?mail|mensagem original|ursprungligt meddelande|
    originalmeddelande|oprindelig meddelelse|oprindelig besked|oprindelig mail|mail original|courriel original|
    originele bericht|opprinnelig melding|original besked|alkuperäinen viesti|alkuperäinen|
    alkuperäinen viesti|alkuperäinen sanoma|wiadomość oryginalna|oryginalna wiadomość|původní zpráva|pôvodná správa|
    исходное сообщение|оригинальное сообщение|вихідне повідомлення|початкове повідомлення|оригінальне повідомлення|
    original poruka|originalna poruka|izvirno sporočilo|eredeti üzenet|mesaj original|mesajul original|orijinal mesaj|
    özgün ileti|αρχικό μήνυμα|הודעה מקורית|الرسالة الأصلية|原始邮件|原始郵件|原邮件|元のメッセージ|オリジナルメッセージ|
    원본 메시지|원본 메일|원본 이메일|thư gốc|tin nhắn gốc|pesan asli|
    sākotnējais ziņojums|originalus laiškas|algne kiri|оригинално съобщение|
    missatge original|оригинално писмо|оригинална порука|původní e-mail|pôvodný e-mail|mensaxe orixinal|jatorrizko mezua|
    original appointment|original meeting|ursprünglicher termin|rendez-vous d.origine|cita original|appuntamento originale|
    oorspronkelijke afspraak|compromisso original|original message follows|回复的原邮件|回复邮件|原始信息|
    پیام اصلی|ข้อความต้นฉบับ|mesej asal|upphafleg skilaboð|原邮件信息|original besked|eredeti levél|
""".replace("\n", "")
)
FORWARDED = _words(
    r"""
    forwarded message|forwarded mail|weitergeleitete nachricht|message transféré|message transmis|mensaje reenviado|
    messaggio inoltrato|doorgestuurd bericht|mensagem encaminhada|mensagem reencaminhada|vidarebefordrat meddelande|
    vidarebefordrat brev|videresendt meddelelse|videresendt melding|välitetty viesti|wiadomość przekazana|
    przekazana wiadomość|přeposlaná zpráva|preposlaná správa|пересылаемое сообщение|пересланное сообщение|
    переслане повідомлення|переадресоване повідомлення|továbbított üzenet|mesaj redirecționat|yönlendirilmiş mesaj|
    iletilen ileti|προωθημένο μήνυμα|הודעה שהועברה|转发的邮件|转发邮件|轉寄的郵件|転送メッセージ|전달된 메일|
    препратено съобщение|proslijeđena poruka|posredovano sporočilo|edelleenlähetetty viesti|välitetty viesti / fwd\.msg|
    treść przekazanej wiadomości|wiadomość przesłana dalej|iletilmiş mesaj|перенаправлене повідомлення|
    перенаправленное сообщение|メッセージを転送|
""".replace("\n", "")
)
FORWARD_BEGINS = _phrases(r"""
    begin forwarded message
    anfang der weitergeleiteten (?:nachricht|e-mail)
    début du message (?:réexpédié|transféré)
    inizio messaggio inoltrato
    inicio del mensaje reenviado
    begin doorgestuurd bericht
    início da mensagem reencaminhada
    vidarebefordrat brev
    начало переадресованного сообщения
    початок переадресованого повідомлення
    початок листа, що пересилається
    začátek přeposílané zprávy
    začiatok preposlanej správy
    start på videresendt (?:besked|melding)
    videresendt melding
    vidarebefordrat mejl
    välitetty viesti alkaa
    započni proslijeđenu poruku
    továbbított levél kezdete
    początek przekazywanej wiadomości
    início da mensagem encaminhada
    începe mesajul redirecționat
    (?:iletilen )?ileti başlangıcı
    inici del missatge reenviat
    έναρξη προωθημένου μηνύματος
    転送されたメッセージ
    下面是被转发的邮件
    開始轉寄郵件
""")
"""What follows is no quote of ours but what the sender wants to be read."""

# Of a header block, by what they name. A word may stand in several: "Da:" is From in Italian and To nowhere.
FROM = _words(
    """
    expeditorul|送信元|
    from|von|absender|avsender|avsändare|afsender|مِن|de|expéditeur|da|mittente|van|afzender|från|fra|lähettäjä|od|nadawca|odesílatel|odosielateľ|от|
    отправитель|від|від кого|відправник|подател|από|kimden|gönderen|feladó|de la|expeditor|发件人|發件人|寄件者|差出人|
    送信者|보낸 사람|보낸사람|보낸이|발신|발신자|발신인|מאת|من|จาก|từ|người gửi|
    dari|pengirim|nuo|no|saatja|pošiljatelj|pošiljatelj|šalje|frá|remitente|
    remetente|שולח|ад|од|
""".replace("\n", "")
)
SENT = _words(
    """
    dată|日付|
    sent|date|sent on|enviat|enviat el|
    gesendet|gesendet am|datum|envoyé|envoyé le|date d'envoi|enviado|enviado el|enviada|enviada em|
    enviado em|fecha|data|inviato|data invio|verzonden|skickat|skickat den|sendt|dato|sendt den|lähetetty|päivä|
    päivämäärä|päiväys|wysłano|data wysłania|odesláno|odoslané|dátum|отправлено|дата|дата отправки|надіслано|відправлено|
    дата надсилання|изпратено|στάλθηκε|ημερομηνία|gönderildi|gönderilme tarihi|tarih|elküldve|küldve|trimis|dată|发送时间|
    发送日期|日期|時間|寄件日期|傳送時間|送信日時|送信日|日時|日付|보낸 날짜|
    보낸날짜|날짜|일시|נשלח|תאריך|تاريخ الإرسال|أرسلت|التاريخ|
    ส่งเมื่อ|วันที่|đã gửi|ngày|ngày gửi|dikirim|tanggal|nosūtīts|datums|išsiųsta|data|saadetud|kuupäev|poslano|poslato|
    sent at|adsendt|адпраўлена|terkirim|ส่ง|تم الإرسال|gestuur|послато|испратено|
""".replace("\n", "")
)
TO = _words(
    """
    destinatarul|pre|pour|送信先|
    to|an|empfänger|per a|per|mottaker|mottagare|modtager|
    à|destinataire|para|a|al|destinatario|destinatário|aan|till|til|vastaanottaja|do|adresat|komu|pro|
    кому|получатель|до|одержувач|προς|kime|alıcı|címzett|către|la|收件人|收件者|宛先|
    받는 사람|받는사람|받는이|받은 사람|수신|수신자|수신인|אל|إلى|ถึง|đến|tới|
    người nhận|kepada|penerima|kam|kellele|saaja|adressaat|za|за|prima|prejemnik|ke|
""".replace("\n", "")
)
SUBJECT = _words(
    """
    subiectul|
    subject|betreff|objet|sujet|asunto|assunto|oggetto|onderwerp|ämne|emne|aihe|temat|předmět|predmet|тема|относно|θέμα|
    konu|tárgy|subiect|主题|主題|主旨|件名|제목|נושא|الموضوع|เรื่อง|
    chủ đề|tiêu đề|subjek|perihal|tēma|tema|teema|zadeva|efni|
    naslov|assumpte|тэма|предмет|наслов|
""".replace("\n", "")
)
CC = _words(
    """
    reply-to|antwort an|répondre à|
    cc|bcc|kopie|kopia|kopi|copie|copia|cópia|kopio|копия|копія|抄送|副本|bilgi|másolat|κοιν|참조|importance|wichtigkeit|
    priority|attachments|anlagen|anhänge|pièces jointes|prioridad|bijlagen|添付ファイル|附件|вложения|вкладення|
""".replace("\n", "")
)

DEVICES = _words(
    """
    iphone|iphon\\w{1,5}|ipad|ipad\\w{1,4}|ipod|apple watch|mac|samsung|galaxy|android|
    blackberry|huawei|honor|xiaomi|redmi|poco|pixel|oneplus|oppo|
    vivo|realme|motorola|nokia|alcatel|htc|sony|xperia|lg|fairphone|windows phone|windows 10|windows 11|windows|outlook|
    yahoo mail|yahoo|gmx|web\\.de|gmail|proton mail|protonmail|proton|mail\\.ru|myrambler|t-online|mobile|mobil|
    mobiltelefon|mobilen|mobilgerät|mobiele telefoon|handy|smartphone|tablet|telefon|téléphone|teléfono|telefone|
    telefono|telefoon|phone|cell|gsm|móvil|portable|celular|cellulare|komórki|телефона|телефону|айфона|айпада|
    мобильного|мобільного|смартфона|手机|手機|携帯|휴대폰|
""".replace("\n", "")
)
PROGRAMS = _words(
    """
    airmail|spark|mailbox|mailbird|mailspring|nine|shortwave|superhuman|edison mail|edison|canary|canary mail|missive|boxer|
    newton mail|newton|bluemail|blue mail|typeapp|aqua mail|aquamail|thunderbird|k-9 mail|fairemail|hey|tutanota|tuta|
    tuta mail|fastmail|zoho mail|mimestream|betterbird|claws mail|vivaldi mail|nylas mail|polymail
    """.replace("\n", "")
)
SENT_FROM = _words(
    r"""
    sent from|provenance|sent via|sent with|sent using|sent by|
    gesendet von|gesendet mit|gesendet aus|gesendet über|verschickt von|
    von meine[mr]?|mit meine[mr]?|von unterwegs|diese nachricht wurde von|envoyé depuis|envoyé de|envoyé à partir de|
    envoyé avec|enviado desde|enviado con|enviado do|enviado de|enviado a partir|enviado via|enviado pelo|inviato da|
    inviato dal|inviato con|verzonden vanaf|verzonden met|verstuurd vanaf|verstuurd met|verstuurd via|skickat från|
    skickat med|sendt fra|sendt med|sendt via|lähetetty|wysłane z|wysłano z|wysłane za pomocą|odesláno z|odoslané z|
    отправлено с|отправлено из|отправлено через|надіслано з|надіслано із|відправлено з|изпратено от|trimis de pe|trimis din|
    elküldve|küldve|στάλθηκε από|poslano s|poslano z|poslano sa|poslato sa|saadetud|išsiųsta iš|nosūtīts no|
    gửi từ|dikirim dari|enviat des|נשלח מה|نשלח|أرسلت من|أُرسلت من|تم الإرسال من|ส่งจาก|
""".replace("\n", "")
)
SENT_FROM_UNSPACED = "发自我的|發自我的|从我的|從我的"
SENT_FROM_BEHIND = _words(
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
GET_OUTLOOK = _phrases(r"""
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

# Words of a sentence, which no program puts into an attribution. Names are not among them ("Sie" is, "Sia" is not).
OF_A_SENTENCE = frozenset(
    re.split(
        r"\s+",
        """
        i you your yours my me we us our he him his she her they them their it that this who which what someone somebody
        nobody colleague technician said told asked and but because when then also already again not never please
        ich du dir dich dein deine mein meine mir mich wir uns unser unsere ihr ihre ihrem ihren ihnen sie man jemand
        niemand und aber weil dann auch schon wieder nicht bitte
        tu te me mon ma mes vous votre vos nous notre elle ils lui leur mais aussi pas yo mi mis tú su sus usted nosotros
        pero también eu meu minha você seu sua nós mas também io mio mia tuo suo noi voi lei loro ma anche non ik mij
        mijn jij jouw uw wij ons onze hij haar zij maar ook niet jag mig min du din vi oss vår han hon de men också inte
        jeg meg deg ikke minä sinä hän me te mutta ja moi mój moja mi ty twój pan pani my nasz ale także nie můj tvůj
        já jsem vy váš náš ale také я мне мой моя ты вы вас вам ваш ваша мы нам наш он она они но и также не мені мій ви
        ваш нам наш він вона вони але також
        """.strip(),
    )
)
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
CAPITAL_PRONOUNS = frozenset(
    ("Sie", "Ihr", "Ihre", "Ihrem", "Ihren", "Ihnen", "I", "Lei", "Usted", "Pan", "Pani", "Вы")
)
"""Of politeness, which are names' peers in their capital."""
LINKING = frozenset(
    (
        "at", "um", "uhr", "à", "a", "le", "la", "alle", "ore", "om", "kl", "den", "de", "del", "des", "du", "of", "the", "o",
        "в", "г", "р", "у", "via", "by", "par", "von", "vom", "las", "às", "il", "op", "el", "em", "in", "van", "der", "di",
        "da", "do", "dos", "e", "y", "and", "het", "volgende", "hat", "heeft",
        "je", "w", "dnia", "dne", "godz", "klo", "kello", "ob", "u",
        "h", "g", "giorno", "dia", "día", "tanggal", "ngày", "saat", "on", "am", "время", "час", "pm",
    )
)  # fmt: skip
"""Small words that stand between dates and names."""
