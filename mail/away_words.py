"""The words with which programs say that somebody is away, and those of people who mention it, in the languages that they
speak. Data for `mail.away`."""

SUBJECTS = (
    # English; Notes writes "AUTO: Kim is out of the office (returning ...)"
    "automatic reply", "automatic response", "auto reply", "auto-reply", "autoreply", "auto response",
    "auto-response",
    "autoresponse", "out of office", "out of the office", "out-of-office", "out of office autoreply", "ooo",
    "out of office reply", "vacation reply", "vacation message", "vacation auto-reply", "vacation notice",
    "on vacation",
    "away from my mail", "away from the office", "away message", "i am away", "i am out of the office",
    "i'm out of the office", "annual leave", "on annual leave", "absence notice",
    # German
    "automatische antwort", "automatische rückantwort", "automatische rückmeldung", "abwesenheitsnotiz",
    "abwesenheit",
    "auto-antwort", "autoantwort", "abwesenheitsnachricht", "abwesenheitsmeldung", "abwesenheitsassistent",
    "abwesend", "nicht im büro", "nicht im haus",
    "außer haus", "urlaubsvertretung", "urlaubsbenachrichtigung",
    # French
    "réponse automatique", "absence du bureau", "absent du bureau", "absente du bureau", "absent(e) du bureau",
    "message d'absence", "avis d'absence", "notification d'absence", "absence", "en congé", "en congés",
    # Spanish and Catalan
    "respuesta automática", "autorespuesta", "auto-respuesta", "fuera de la oficina", "fuera de oficina", "ausencia",
    "mensaje de ausencia",
    "ausente de la oficina", "resposta automàtica", "fora de l'oficina",
    # Italian
    "risposta automatica", "fuori sede", "fuori ufficio", "assente dall'ufficio", "assenza", "messaggio di assenza",
    # Portuguese
    "resposta automática", "fora do escritório", "fora da empresa", "ausência", "ausência temporária", "em férias",
    # Dutch
    "automatisch antwoord", "automatische reactie", "afwezigheidsbericht", "afwezigheid", "afwezig", "niet aanwezig",
    "niet op kantoor", "buiten kantoor",
    # Swedish, Danish, Norwegian, Icelandic
    "automatiskt svar", "autosvar", "frånvaromeddelande", "frånvaro", "frånvarande", "ej på kontoret",
    "inte på kontoret",
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
    "automatikus válasz", "házon kívül", "irodán kívül", "távollét", "szabadságon", "răspuns automat",
    "absent din birou",
    "absență din birou", "plecat din birou", "mesaj de absență",
    # Russian, Ukrainian, Bulgarian, Serbian
    "автоматический ответ", "автоответ", "нет на работе", "вне офиса", "отсутствие на рабочем месте",
    "отсутствует на рабочем месте", "автоматична відповідь", "автовідповідь", "немає на роботі", "поза офісом",
    "відсутній на робочому місці", "автоматичен отговор", "извън офиса", "аутоматски одговор", "ван канцеларије",
    # Croatian, Slovenian, Latvian, Lithuanian
    "automatski odgovor", "izvan ureda", "van kancelarije", "odsutan", "samodejni odgovor",
    "avtomatski odgovor", "odsoten",
    "odsotnost", "automātiskā atbilde", "ārpus biroja", "automatinis atsakymas", "ne biure",
    # Turkish, Greek
    "otomatik yanıt", "otomatik cevap", "ofis dışında", "ofis dışı", "αυτόματη απάντηση", "εκτός γραφείου",
    "απουσία από το γραφείο",
    # Macedonian, Belarusian, Albanian, Basque, Kazakh, Azerbaijani, Georgian, Armenian, Hindi, Filipino, Swahili, Afrikaans
    "автоматски одговор", "аўтаматычны адказ", "përgjigje automatike", "erantzun automatikoa", "автоматты жауап",
    "avtomatik cavab", "ავტომატური პასუხი", "ինքնաշխատ պատասխան", "स्वचालित उत्तर", "awtomatikong tugon",
    "jibu otomatiki", "outomatiese antwoord", "buite kantoor",
    # Hebrew, Arabic, Persian
    "תשובה אוטומטית", "מענה אוטומטי", "מחוץ למשרד", "رد تلقائي", "الرد التلقائي", "خارج المكتب", "پاسخ خودکار",
    # Japanese, Chinese, Korean
    "自動応答", "自動返信", "自動回答", "自動返信メール", "自動応答メール", "不在連絡", "不在通知", "不在",
    "不在のお知らせ", "不在のご連絡", "休暇のお知らせ", "自动答复",
    "自动回复", "自動回覆", "自動答覆", "不在办公室", "不在辦公室", "外出", "休假中", "자동 회신", "자동 응답", "자동회신",
    "자동응답", "부재 중", "부재중", "부재 알림",
    # Vietnamese, Thai, Indonesian
    "trả lời tự động", "thư trả lời tự động", "vắng mặt", "ไม่อยู่ที่สำนักงาน", "การตอบกลับอัตโนมัติ",
    "ตอบกลับอัตโนมัติ",
    "balasan otomatis", "jawaban otomatis", "di luar kantor", "balasan automatik",
    "i am out of office", "i'm out of office", "on parental leave", "on maternity leave", "in elternzeit",
    "afwezigheidsmelding", "afwezigheidsbericht", "ateb awtomatig", "freagra uathoibríoch", "risposta awtomatika",
    "betriebsferien", "betriebsurlaub", "urlaubsmeldung", "in urlaub",
)  # fmt: skip
"""How the subject begins. Behind it the subject ends, or a sign or "Re:" follows."""

ABSENT = (
    "out of the office", "out of office", "away from the office", "away from my desk", "on vacation",
    "on annual leave",
    "on holiday", "on leave", "on parental leave", "on sick leave", "away until", "currently away",
    "nicht im büro", "nicht im haus", "außer haus", "im urlaub", "abwesend", "nicht erreichbar",
    "absent du bureau", "absente du bureau", "absent(e)", "je suis absent", "en congé", "en vacances",
    "hors du bureau",
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
    # Or not any more.
    "no longer work", "no longer with the company", "no longer employed", "have left the company",
    "has left the company",
    "nicht mehr im unternehmen", "nicht mehr für das unternehmen", "nicht mehr bei der", "ne travaille plus",
    "ne fais plus partie",
    "ya no trabajo", "ya no trabaja", "non lavoro più", "non lavora più", "não trabalho mais",
    "já não trabalho", "werk niet meer",
    "niet meer werkzaam", "arbetar inte längre", "arbejder ikke længere", "jobber ikke lenger",
    "nie pracuję już", "już nie pracuję",
    "již nepracuji", "už nepracujem", "больше не работаю", "більше не працюю", "退職いたしました", "已离职", "已離職", "퇴사",
    "on pto", "maternity leave", "paternity leave", "parental leave", "on sabbatical", "office is closed",
    "offices are closed", "no longer monitored", "not monitored", "in elternzeit", "in mutterschutz", "betriebsferien",
    "betriebsurlaub", "en congé maternité", "estoy de baja",
    "sarò assente dall", "in congedo", "in maternità", "de licença", "holder ferie", "har ferie", "har semester", "föräldraledig",
    "vanhempainvapaa", "mam urlop", "čerpám dovolenou", "čerpám dovolenku", "odmoru", "urlopie", "atostogose",
    "na dopuste", "in vacanza", "på barsel", "em licença", "zwangerschapsverlof", "ouderschapsverlof",
    "urlop macierzyński", "у відпустці", "в декрет", "год. одмору", "годишњем одмору",
)  # fmt: skip
"""That somebody is not there."""

UNATTENDED = (
    "automatic reply", "automated reply", "automatic response", "automated response", "auto-reply", "autoreply",
    "automatically generated", "automatic message", "no access to e-mail", "no access to email",
    "no access to my e-mail", "no access to my email", "limited access to e-mail", "limited access to email",
    "limited access to my e-mail", "limited access to my email", "will not be forwarded",
    "will reply when i return", "will respond when i return", "respond to your message when i return",
    "reply to your message when i return", "will respond upon my return",
    "will reply upon my return", "automatische antwort", "automatisch erstellt", "automatisch generiert",
    "keinen zugriff auf meine e-mail", "nicht weitergeleitet", "nicht automatisch weitergeleitet",
    "réponse automatique", "message automatique", "respuesta automática", "mensaje automático",
    "risposta automatica", "messaggio automatico", "resposta automática", "mensagem automática",
    "automatisch antwoord", "automatisch bericht", "niet doorgestuurd", "automatiskt svar", "automatisk svar",
    "automaattinen vastaus", "odpowiedź automatyczna", "automatyczna odpowiedź", "automatická odpověď",
    "automatická odpoveď", "automatikus válasz", "răspuns automat", "автоматический ответ", "автоответ",
    "автоматична відповідь", "автоматичен отговор", "otomatik yanıt", "otomatik cevap", "αυτόματη απάντηση",
    "automatski odgovor", "samodejni odgovor", "automaatvastus", "automātiskā atbilde", "automatinis atsakymas",
    "תשובה אוטומטית", "מענה אוטומטי", "رد تلقائي", "الرد التلقائي", "自動応答", "自動返信", "自動送信",
    "自动回复", "自动答复", "自動回覆", "자동 회신", "자동 응답", "자동으로 발송", "trả lời tự động",
    "ตอบกลับอัตโนมัติ", "balasan otomatis",
    "automated message", "automated email", "will not read email", "will not be reading", "lese meine e-mails nicht",
    "e-mails werden nicht gelesen", "ne consulterai pas mes", "pas accès à mes", "accès limité à mes",
    "acceso limitado al correo", "sin acceso al correo", "accesso alla posta", "accesso limitato",
    "acesso limitado ao", "sem acesso ao e-mail", "geen toegang tot mijn", "bez dostępu do poczty",
    "não tenho acesso ao e-mail", "no tengo acceso al correo", "pas accès à ma messagerie", "nu am acces la e-mail",
    "nemám přístup k e-mail", "нет доступа к почте", "ограничен доступ к почте",
    "nachricht nach meiner rückkehr beantworten", "nachricht nach meiner rückkehr bearbeiten",
    "e-mail nach meiner rückkehr beantworten", "nachricht nach meinem urlaub beantworten",
    "répondrai à votre message à mon retour",
    "répondrai à votre message dès mon retour", "répondrai dès mon retour", "répondrai à mon retour",
    "responderé a su mensaje a mi regreso", "responderé a mi regreso", "responderé a mi vuelta",
    "risponderò al mio rientro", "risponderò al suo messaggio al mio rientro", "responderei no meu regresso",
    "responderei quando regressar", "responderei assim que retornar", "beantwoord uw bericht na terugkomst",
    "bericht na mijn terugkomst", "odpowiem po powrocie", "odpowiem na wiadomość po powrocie", "отвечу по возвращении",
    "отвечу на ваше письмо по возвращении", "döndüğümde yanıtlayacağım", "svarar när jag är tillbaka",
)  # fmt: skip
"""What a person hardly says, but of a program's mail."""

URGENT = (
    "for urgent matters", "in urgent cases", "if your request is urgent", "if your matter is urgent",
    "for immediate assistance", "for anything urgent", "in dringenden fällen", "in dringenden angelegenheiten",
    "en cas d'urgence", "en caso de urgencia", "para asuntos urgentes", "para urgencias", "in caso di urgenza",
    "per urgenze", "per questioni urgenti", "em caso de urgência", "para assuntos urgentes",
    "in dringende gevallen", "bij spoed", "i brådskande ärenden", "vid brådskande ärenden", "ved hastesaker",
    "i hastende tilfælde", "i hastetilfeller", "kiireellisissä asioissa", "w pilnych sprawach",
    "w sprawach pilnych", "v naléhavých případech", "v súrnych prípadoch", "sürgős esetben", "în caz de urgență",
    "в срочных случаях", "по срочным вопросам", "у термінових випадках", "у невідкладних випадках",
    "при спешни случаи", "acil durumlarda", "σε επείγουσες περιπτώσεις", "u hitnim slučajevima",
    "v nujnih primerih", "steidzamos gadījumos", "skubiais atvejais", "במקרים דחופים", "في الحالات العاجلة",
    "trong trường hợp khẩn cấp", "お急ぎの場合", "お急ぎの方", "緊急の場合", "緊急のご用件", "至急の場合", "如有急事", "如有紧急",
    "紧急情况请", "緊急事宜", "如有緊急", "急事请", "급한 일", "급한 용무", "긴급한", "กรณีเร่งด่วน", "หากเร่งด่วน",
    "untuk hal mendesak", "للأمور العاجلة", "در موارد فوری", "i presserende tilfælde", "kiireellistä", "pilne sprawy",
    "ve spěšných případech", "acil durumda", "acil konular",
    "for urgent", "if urgent", "if it is urgent", "in case of emergency", "bei dringenden", "für dringende",
    "in dringenden", "pour toute urgence", "si c'est urgent", "si es urgente", "temas urgentes", "cualquier urgencia",
    "comunicazioni urgenti", "se urgente", "assuntos urgentes", "voor dringende", "ved hastesager", "hastesaker",
    "срочным вопросам", "термінових пит", "термінових справ", "για επείγοντα", "kiireloomulis",
    "hitne slučajeve", "хитним случајевима", "při naléhavých", "akut behov", "w nagłych", "în situații urgente",
    "במקרה דחוף", "في حالة الطوارئ", "لحالات الطوارئ",
)  # fmt: skip
"""What programs say, and people who go away."""

OF_A_PERSON = (
    # Of the time to come: a program speaks of now, and until when.
    "tomorrow", "next week", "from monday", "as of monday", "bin morgen", "ab morgen", "ab montag",
    "ab nächster woche",
    "nächste woche", "ab kommender woche", "demain", "la semaine prochaine", "à partir de lundi", "mañana",
    "la próxima semana", "a partir del lunes", "domani", "la prossima settimana", "da lunedì", "amanhã",
    "na próxima semana",
    "vanaf morgen", "ik ben morgen", "volgende week", "vanaf maandag", "i morgen", "næste uke", "næste uge",
    "neste uke", "imorgon", "nästa vecka",
    "huomenna", "ensi viikolla", "jutro", "od jutra", "w przyszłym tygodniu", "zítra", "příští týden", "holnap",
    "jövő héten", "mâine", "săptămâna viitoare", "завтра", "на следующей неделе", "наступного тижня", "yarın",
    "gelecek hafta",
    "明日から", "来週", "明天", "下周", "下週", "내일", "다음 주",
    # Of what we asked.
    "your question", "your questions", "you asked", "ihre frage", "ihrer frage", "ihren fragen", "votre question",
    "vos questions", "su pregunta", "sus preguntas", "la sua domanda", "sua pergunta", "uw vraag", "uw vragen",
    "din fråga", "dit spørgsmål", "ditt spørsmål", "kysymykseenne", "pytanie", "váš dotaz", "ваш вопрос",
    "ваше питання",
    "sorunuz", "ご質問", "您的问题", "您的問題", "你们的", "您们的", "貴社", "문의하신",
    # Of somebody else who is away.
    "your colleague", "your technician", "your automatic reply", "your auto-reply", "your autoreply", "he is",
    "she is",
    "they are", "he has", "she has", "he says", "she says", "says that", "says you", "ihr kollege", "ihre kollegin",
    "ihr mitarbeiter", "ihre mitarbeiterin", "ihre automatische antwort", "laut abwesenheit", "laut ihrer",
    "votre collègue", "votre technicien",
    "votre réponse automatique", "su compañero", "su respuesta automática", "il suo collega", "uw collega",
    "ваш коллега",
    "ваш сотрудник", "als wir", "als ich",
    # Of what is over.
    "i was", "we were", "ich war", "wir waren", "j'étais", "nous étions", "estaba", "estuve", "ero in ferie",
    "estava", "ik was",
    "wij waren", "jag var", "jeg var", "byłem", "byłam", "byl jsem", "я был", "voltam",
)  # fmt: skip
"""What only a person says who mentions an absence: a sign that the words above stand in a letter. A question is one, too."""

THANKS = (
    "thank you for your e-mail", "thank you for your email", "thank you for your message", "thank you for your mail",
    "thank you for contacting", "thanks for your e-mail", "thanks for your email", "thanks for your message",
    "thank you for your note", "für ihre nachricht", "für ihre e-mail", "für ihre mail", "für deine nachricht",
    "für ihre anfrage", "für deine e-mail", "pour votre message", "pour votre mail", "pour votre e-mail",
    "pour votre courriel", "de votre message", "por su mensaje", "por su correo", "por tu mensaje", "por tu correo",
    "per il messaggio", "per la sua e-mail", "per la sua mail", "per il suo messaggio", "per la tua mail",
    "per averci contattato", "pela sua mensagem", "pelo seu e-mail", "pelo seu email", "pela mensagem",
    "pelo contato",
    "voor uw bericht", "voor uw e-mail", "voor uw mail", "voor je bericht", "voor je mail", "för ditt mail",
    "för ditt mejl",
    "för ditt meddelande", "for din mail", "for din e-post", "for din besked", "for meldingen", "for din henvendelse",
    "kiitos viestistäsi", "kiitos viestistänne", "kiitos sähköpostistasi", "za wiadomość", "za maila", "za e-mail",
    "za vaši zprávu", "za zprávu", "za váš e-mail", "za vašu správu", "az üzenet", "üzenetét", "levelét",
    "pentru mesaj",
    "pentru e-mail", "за ваше письмо", "за ваше сообщение", "за письмо", "за сообщение", "за ваш лист", "за лист",
    "за вашето съобщение", "mesajınız için", "e-postanız için", "για το μήνυμα", "για το email", "na vašoj poruci",
    "za vaše sporočilo", "za sporočilo", "kirja eest", "par vēstuli", "už laišką", "על פנייתך", "על הודעתך",
    "على رسالتك",
    "على رسالتكم", "メールをいただき", "メールありがとう", "ご連絡ありがとう", "ご連絡いただき", "感谢您的来信", "感谢您的邮件",
    "感謝您的來信", "메일 감사", "메일을 보내", "cảm ơn", "ขอบคุณสำหรับ", "terima kasih atas",
    "danke für ihre", "hvala na poruci", "hvala na javljanju", "tänan kirja", "aitäh kirja", "ačiū už", "paldies par",
    "за вашия имейл", "хвала на поруци", "pelo seu contacto", "pelo seu contato", "pelo contacto", "per avermi contattato",
    "por contactar", "por contactarme", "شكرا لرسالتك", "شكرا على رسالتك", "شكرا لتواصلك", "pour votre prise de contact",
)  # fmt: skip
"""For the very mail that is answered, as a program does that has not read it."""

ITS_OWN_WORD = (
    "this is an automat", "this is an auto-", "this message was sent automatic", "this email was sent automatic",
    "dies ist eine automat", "diese nachricht wurde automat", "diese e-mail wurde automat",
    "diese antwort wurde automat",
    "ceci est un", "cette réponse est automat", "esta es una respuesta automat", "este es un mensaje automat",
    "questa è una risposta automat", "questo è un messaggio automat", "esta é uma resposta automat",
    "esta é uma mensagem automat", "dit is een automat", "detta är ett automat", "dette er et automat",
    "tämä on automaat",
    "to jest automat", "toto je automat", "ez egy automat", "acesta este un", "это автом", "это автоответ",
    "це автом",
    "bu otomatik", "αυτή είναι μια αυτόματη", "ovo je automat", "to je samodej", "これは自動", "このメールは自動", "自動送信",
    "这是自动", "這是自動", "자동 응답 메일", "자동 회신 메일", "자동으로 발송",
)  # fmt: skip
"""That it calls itself what it is; beside these, the words of an automatic reply stand in a person's letter about one."""

GREETINGS = (
    "hello", "hi", "hello all", "hi all", "good day", "hallo", "hallo zusammen", "guten tag",
    "sehr geehrte damen und herren",
    "bonjour", "bonjour à tous", "hola", "buenos días", "buongiorno", "olá", "hej", "hei", "dzień dobry", "dobrý den",
    "добрый день", "здравствуйте", "добрий день", "merhaba", "안녕하세요", "안녕하십니까", "您好", "你好",
    "お世話になっております", "いつもお世話になっております",
)  # fmt: skip
"""Which say nothing else beside an absence."""
