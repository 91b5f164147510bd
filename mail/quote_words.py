"""The words with which mail programs set a quoted mail off, in the languages that they speak. Data for `mail.quotes`."""

import re

from mail.patterns import choice, phrases

WROTE = choice(
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
YOU_WROTE = choice(
    "you wrote|you write|you said|вы писали|ви писали|sie schrieben|schrieben sie|schriebst du|vous écriviez|vous avez écrit|"
    "usted escribió|schreef u|schreef je|skrev du|ha scritto lei|escreveu você|napisał pan|napisała pani"
)
"""The Bat and others speak to whom they quote."""
SAID = choice(
    "said|says|sent|sagte|nous a dit|a dit|a envoyé|dijo|ha detto|disse|zei|sa|sade|sanoi|powiedział|сказал|сказав"
)
"""What fewer programs write, and people more often."""
QUOTING = choice(
    r"""
    quoting|missatge de|zitat von|citat von|citando a|citando|citant|quoto|citerar|citaat van|цитирование|en réponse à|
    in reply to|citējot|citování|cytowanie|cytat od|citáció|

""".replace("\n", "")
)
OPENING = choice(
    r"""
    on|am|le|el|il|op|em|på|den|dne|dnia|w dniu|pe|dana|dňa|dne|il giorno|el día|no dia|в|у|на|στις|la data de|em|
    ngày|pada|a les|el dia|þann|την|בתאריך|ב|في|vào|o|ás|em|mnamo|noong|më|dnia|در|در تاریخ|เมื่อ|ในวันที่|在|
""".replace("\n", "")
)
ORIGINAL = choice(
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
FORWARDED = choice(
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
FORWARDED_BY = choice(
    "forwarded by|weitergeleitet von|transféré par|réexpédié par|reenviado por|inoltrato da|doorgestuurd door|encaminhado por|"
    "przesłane przez|przekazane przez|vidarebefordrat av|videresendt av|videresendt af|переслано|перенаправлено"
)
"""With which Notes says who passes a mail on; the day and the time follow."""
FORWARD_BEGINS = phrases(r"""
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
FROM = choice(
    """
    expeditorul|送信元|
    from|von|absender|avsender|avsändare|afsender|مِن|de|expéditeur|da|mittente|van|afzender|från|fra|lähettäjä|od|nadawca|odesílatel|odosielateľ|от|
    отправитель|від|від кого|відправник|подател|από|kimden|gönderen|feladó|de la|expeditor|发件人|發件人|寄件者|差出人|
    送信者|보낸 사람|보낸사람|보낸이|발신|발신자|발신인|מאת|من|จาก|từ|người gửi|
    dari|pengirim|nuo|no|saatja|pošiljatelj|pošiljatelj|šalje|frá|remitente|
    remetente|שולח|ад|од|
""".replace("\n", "")
)
SENT = choice(
    """
    dată|日付|
    sent|date|sent on|enviat|enviat el|
    gesendet|gesendet am|datum|envoyé|envoyé le|date d'envoi|enviado|enviado el|enviada|enviada em|
    enviado em|fecha|data|inviato|data invio|verzonden|skickat|skickat den|sendt|dato|sendt den|lähetetty|päivä|
    päivämäärä|päiväys|wysłano|wysłane|data wysłania|odesláno|odoslané|dátum|отправлено|дата|дата отправки|надіслано|відправлено|
    дата надсилання|изпратено|στάλθηκε|ημερομηνία|gönderildi|gönderilme tarihi|tarih|elküldve|küldve|trimis|dată|发送时间|
    发送日期|日期|時間|寄件日期|傳送時間|送信日時|送信日|日時|日付|보낸 날짜|
    보낸날짜|날짜|일시|נשלח|תאריך|تاريخ الإرسال|أرسلت|التاريخ|
    ส่งเมื่อ|วันที่|đã gửi|ngày|ngày gửi|dikirim|tanggal|nosūtīts|datums|išsiųsta|data|saadetud|kuupäev|poslano|poslato|
    sent at|adsendt|адпраўлена|terkirim|ส่ง|تم الإرسال|gestuur|послато|испратено|
""".replace("\n", "")
)
TO = choice(
    """
    destinatarul|pre|pour|送信先|
    to|an|empfänger|per a|per|mottaker|mottagare|modtager|
    à|destinataire|para|a|al|destinatario|destinatário|aan|till|til|vastaanottaja|do|adresat|komu|pro|
    кому|получатель|до|одержувач|προς|kime|alıcı|címzett|către|la|收件人|收件者|宛先|
    받는 사람|받는사람|받는이|받은 사람|수신|수신자|수신인|אל|إلى|ถึง|đến|tới|
    người nhận|kepada|penerima|kam|kellele|saaja|adressaat|za|за|prima|prejemnik|ke|
""".replace("\n", "")
)
SUBJECT = choice(
    """
    subiectul|
    subject|betreff|objet|sujet|asunto|assunto|oggetto|onderwerp|ämne|emne|aihe|temat|předmět|predmet|тема|относно|θέμα|
    konu|tárgy|subiect|主题|主題|主旨|件名|제목|נושא|الموضوع|เรื่อง|
    chủ đề|tiêu đề|subjek|perihal|tēma|tema|teema|zadeva|efni|
    naslov|assumpte|тэма|предмет|наслов|
""".replace("\n", "")
)
CC = choice(
    """
    reply-to|antwort an|répondre à|
    cc|bcc|kopie|kopia|kopi|copie|copia|cópia|kopio|копия|копія|抄送|副本|bilgi|másolat|κοιν|참조|importance|wichtigkeit|
    priority|attachments|anlagen|anhänge|pièces jointes|prioridad|bijlagen|添付ファイル|附件|вложения|вкладення|
""".replace("\n", "")
)

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
DAYS = frozenset(
    re.split(
        r"\s+",
        """
        monday tuesday wednesday thursday friday saturday sunday yesterday today
        montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag gestern heute vorgestern
        lundi mardi mercredi jeudi vendredi samedi dimanche hier aujourd'hui avant-hier
        lunes martes miércoles jueves viernes sábado domingo ayer hoy anteayer
        segunda segunda-feira terça terça-feira quarta quarta-feira quinta quinta-feira sexta sexta-feira ontem hoje
        lunedì martedì mercoledì giovedì venerdì sabato domenica ieri oggi
        maandag dinsdag woensdag donderdag vrijdag zaterdag zondag gisteren vandaag
        måndag tisdag onsdag torsdag fredag lördag söndag igår idag går
        mandag tirsdag lørdag søndag gårsdag
        maanantaina tiistaina keskiviikkona torstaina perjantaina lauantaina sunnuntaina eilen tänään
        poniedziałek wtorek środa środę czwartek piątek sobota sobotę niedziela niedzielę wczoraj dzisiaj
        pondělí úterý středa středu čtvrtek pátek sobotu neděle neděli včera dnes
        pondelok utorok streda stredu štvrtok piatok nedeľa nedeľu včera
        ponedjeljak utorak srijeda srijedu četvrtak petak subota subotu nedjelja nedjelju jučer danas
        ponedeljek torek sreda sredo četrtek petek soboto nedelja nedeljo včeraj
        hétfőn kedden szerdán csütörtökön pénteken szombaton vasárnap tegnap
        luni marți miercuri joi vineri sâmbătă duminică ieri azi
        pazartesi salı çarşamba perşembe cuma cumartesi pazar günü dün bugün
        понедельник вторник среда среду четверг пятница пятницу суббота субботу воскресенье вчера сегодня
        понеділок вівторок середа середу четвер п'ятниця п'ятницю субота суботу неділя неділю вчора сьогодні
        понеделник вторник сряда четвъртък петък събота неделя вчера
        δευτέρα τρίτη τετάρτη πέμπτη παρασκευή σάββατο κυριακή χθες χτες σήμερα η ο
        esmaspäeval teisipäeval kolmapäeval neljapäeval reedel laupäeval pühapäeval eile
        pirmdien otrdien trešdien ceturtdien piektdien sestdien svētdien vakar
        pirmadienį antradienį trečiadienį ketvirtadienį penktadienį šeštadienį sekmadienį vakar
        senin selasa rabu kamis jumat sabtu minggu kemarin thứ
        """.strip(),
    )
)
"""Of the week, and those before it: lower case does not make them words of a sentence."""
