"""The words with which programs of desks confirm that a mail came, and those that only people use. Data for `mail.receipts`."""

import re

_KINDS = "request", "message", "e-mail", "email", "mail", "inquiry", "enquiry", "ticket", "query", "submission"
RECEIVED = (
    *(f"received your {kind}" for kind in (*_KINDS, "support request")), *(f"got your {kind}" for kind in _KINDS),
    *(f"your {kind} has been received" for kind in _KINDS), *(f"your {kind} was received" for kind in _KINDS),
    "receipt of your", "a ticket has been created", "a ticket has been opened", "a case has been created",
    "a new ticket has been",
    "your request has been registered", "your request has been logged", "your request (",
    "ist bei uns eingegangen", "sind bei uns eingegangen", "haben ihre anfrage erhalten",
    "haben ihre nachricht erhalten",
    "haben ihre e-mail erhalten", "unter der ticketnummer", "unter der vorgangsnummer",
    "avons bien reçu votre",
    "avons reçu votre", "votre demande a été enregistrée", "hemos recibido su", "hemos recibido tu",
    "su solicitud ha sido",
    "abbiamo ricevuto la", "abbiamo ricevuto il", "la sua richiesta è stata", "recebemos a sua",
    "recebemos o seu",
    "recebemos sua", "recebemos seu", "hebben uw bericht", "hebben uw vraag", "hebben uw e-mail",
    "har mottagit ditt",
    "har modtaget din", "har mottatt din", "olemme vastaanottaneet", "otrzymaliśmy",
    "zgłoszenie zostało", "obdrželi jsme",
    "prijali sme", "megkaptuk", "am primit", "получили ваш", "ваше обращение", "отримали ваш",
    "получихме", "talebiniz alın",
    "mesajınız alın", "λάβαμε", "受け付けました", "受付いたしました",
    "已收到您", "已收到你", "접수되었습니다", "kami telah menerima",
    "đã nhận được", "votre demande a bien été reçue", "votre demande a été reçue", "votre message a bien été reçu",
    "votre ticket a été créé", "su petición ha sido recibida", "su caso ha sido", "sua solicitação foi recebida",
    "o seu pedido foi re", "la tua richiesta è stata", "uw aanvraag is ontvangen", "uw melding is", "ваш запрос принят",
    "ваша заявка", "ваш запрос зарегистрирован", "your incident", "incident has been created",
    "has been opened on your behalf", "has been created on your behalf", "تم استلام طلبك", "تم استلام رسالتك", "تلقينا طلبك",
    "我们已经收到", "お問い合わせを受け",
)  # fmt: skip
"""That a mail came in, as an organisation says it."""
_AUTOMATIC = ("response", "reply", "message", "email", "e-mail", "confirmation", "notification", "acknowledg", "answer")
OF_A_DESK = (
    *(f"this is an {kind} {what}" for kind in ("automated", "automatic") for what in _AUTOMATIC),
    *(f"automatically generated {what}" for what in _AUTOMATIC), "reply above this line", "reply above the line",
    "please do not reply to this", "do not reply directly to this", "was generated automatically",
    "sent automatically",
    "bitte antworten sie nicht auf diese", "automatisch erstellte", "automatisch generierte",
    "automatisch erzeugte",
    "wurde automatisch", "ne pas répondre à ce", "message automatique", "réponse automatique",
    "no responda a este",
    "mensaje automático", "respuesta automática", "non rispondere a questa", "messaggio automatico",
    "risposta automatica",
    "não responda a est", "mensagem automática", "resposta automática", "automatisch bericht",
    "automatiskt meddelande",
    "automatiskt svar", "automatisk svar", "automaattinen", "wiadomość została wygenerowana automatycznie",
    "wiadomość automatyczna", "wygenerowana automatycznie", "automatická odpověď", "automatická zpráva", "automatikus",
    "не отвечайте на это",
    "автоматическое", "автоматично", "otomatik", "返信しないで",
    "返信はできません", "自動返信", "自動送信", "请勿回复", "自动回复",
    "회신하지 마", "자동으로 발송", "balasan otomatis", "trả lời tự động", "رسالة تلقائية", "رسالة آلية", "عدم الرد على هذه",
    "to add additional comments, reply to this e-mail", "to add additional comments, reply to this email",
)  # fmt: skip
"""That a program wrote it."""
BESIDE = (
    "thank you for contacting", "thanks for contacting", "thank you for your", "thanks for your",
    "thank you for reaching",
    "will get back to you", "will be in touch", "will contact you", "will respond", "will reply",
    "will review", "is being reviewed",
    "be reviewing", "as soon as possible", "as quickly as", "within 24", "within one", "within two",
    "business day",
    "working day", "business hours", "to view the status", "to add comments", "to add additional",
    "you can track", "track the",
    "reference", "ticket id", "ticket number", "case number", "view request", "turn off this request",
    "we're on it",
    "powered by", "delivered by", "support team", "kind regards", "best regards", "sincerely",
    "vielen dank", "bearbeiten", "melden uns", "so schnell wie möglich", "schnellstmöglich",
    "ticketnummer", "vorgangsnummer",
    "mit freundlichen grüßen", "ihr service-team", "merci", "dans les plus brefs délais",
    "cordialement", "numéro de",
    "gracias por", "lo antes posible", "saludos", "número de", "grazie per", "al più presto",
    "cordiali saluti",
    "obrigado por", "o mais breve", "bedankt voor", "zo snel mogelijk", "tack för", "så snart",
    "tak for", "takk for",
    "kiitos", "dziękujemy", "odpowiemy", "děkujeme", "ďakujeme", "köszönjük", "mulțumim", "спасибо", "дякуємо",
    "teşekkür",
    "short description", "номер", "sera traité", "يرجى عدم الرد", "شكرا",
    "ありがとう", "お問い合わせ", "感谢", "感謝", "감사", "terima kasih", "cảm ơn",
)  # fmt: skip
"""What stands beside it, and says nothing of the matter."""
FIRST_PERSON = frozenset(
    re.split(
        r"\s+",
        """
        i i'm i've i'd my me nobody nothing but still ich mein meine mir mich niemand nichts aber je j'ai mon ma
        mes moi personne rien mais yo mi mis me nadie nada pero io mio mia mi nessuno niente ma eu meu minha
        ninguém mas ik mijn niemand niets maar jag min mig ingen jeg mig meg ingen men minä minun kukaan mutta
        ja moje mój nikt ale já můj nikdo я мой моя мне никто но мені мій ніхто але ben benim kimse ama
        """.strip(),
    )
)
"""Of one person, who complains or tells; a desk speaks as "we"."""
