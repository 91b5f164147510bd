"""Mails that tell no charset: read all the same, in text of the kind that people write to a desk."""

import pytest

from mail.guessing import CHARSETS, guessed, hints_of
from mail.parse import parse

RUSSIAN = [
    "Лифт не работает",
    "Добрый день, подскажите, пожалуйста, когда будет доставлен мой заказ номер 4711.",
    "Здравствуйте! Вчера мы получили счёт, но сумма в нём не совпадает с договором. Прошу прислать новый счёт.",
    "Спасибо, всё работает. Тему можно закрыть.",
]
CENTRAL = [
    "Dobrý den, výtah stojí a nikdo se neozývá. Kdy přijde technik?",
    "Szanowni Państwo, wczoraj otrzymaliśmy fakturę, ale kwota się nie zgadza. Proszę o poprawkę.",
    "Tisztelt Ügyfélszolgálat! A tegnap kapott számla összege nem egyezik. Kérem, küldjenek újat.",
    "Zepsuta winda, proszę o pomoc",
    "Pozdravljeni, dvigalo ne dela že od včeraj. Prosim pošljite serviserja čim prej.",
]
CHINESE = [
    "我的订单还没有到，请问什么时候发货？",
    "电梯坏了",
    "您好，昨天收到的发票金额与合同不符，请核对后重新开具发票，谢谢！",
]
TAIWANESE = [
    "我的訂單還沒有到，請問什麼時候出貨？",
    "電梯壞了",
    "您好，昨天收到的發票金額與合約不符，請重新開立發票，謝謝！",
]
JAPANESE = [
    "注文した商品がまだ届きません。いつ発送されますか。", "エレベーターが止まっています",
    "お世話になっております。先日注文したランプですが、電源が入りません。交換をお願いできますでしょうか。",
]  # fmt: skip
KOREAN = [
    "주문한 상품이 아직 도착하지 않았습니다. 언제 발송되나요?",
    "엘리베이터가 멈췄어요",
    "안녕하세요. 청구서 금액이 계약서와 다릅니다.",
]
GREEK = [
    "Καλημέρα, ο ανελκυστήρας δεν λειτουργεί. Πότε θα έρθει ο τεχνικός;", "Το ασανσέρ χάλασε",
    "Αγαπητοί κύριοι, χθες λάβαμε το τιμολόγιο, αλλά το ποσό δεν συμφωνεί. Παρακαλώ ελέγξτε.",
]  # fmt: skip
ARABIC = [
    "مرحبا، المصعد لا يعمل. متى يأتي الفني؟",
    "المصعد معطل",
    "السلام عليكم، استلمنا الفاتورة أمس لكن المبلغ لا يطابق العقد.",
]
WESTERN = [
    "Guten Tag, der Aufzug fährt nicht. Wann kommt der Techniker?", "Größe", "café", "naïve", "Hélène", "5 € – „prüfen“",
    "L'ascenseur est arrêté depuis hier, merci de vérifier. À bientôt, Hélène", "it’s broken", "Price: £5 / 5 €", "§ 4",
    "El ascensor no funciona desde el miércoles. ¿Cuándo vendrá el técnico?", "São Paulo não está à venda", "20 °C",
    "Hissen står stilla på våning tre, kan ni komma?", "Ærø Skærgård står på øen", "Müller & Söhne", "L’été à la plage",
]  # fmt: skip
TEXTS = {
    "koi8-r": RUSSIAN, "windows-1251": [*RUSSIAN, "Доброго дня, замовлення ще не прийшло. Коли його доставлять?"],
    "iso-8859-2": CENTRAL, "windows-1250": CENTRAL, "gb18030": CHINESE, "big5": TAIWANESE, "shift_jis": JAPANESE,
    "euc-jp": JAPANESE, "euc-kr": KOREAN, "iso-8859-7": GREEK, "windows-1253": GREEK, "windows-1256": ARABIC,
    "windows-1255": ["שלום, המעלית לא עובדת. מתי יגיע הטכנאי?", "המעלית תקועה"],
    "windows-1254": ["Sipariş hâlâ gelmedi. Ne zaman teslim edilecek, teşekkürler", "Asansör çalışmıyor"],
    "cp874": ["ลิฟต์ไม่ทำงาน ช่างจะมาเมื่อไหร่ครับ"], "windows-1252": WESTERN,
}  # fmt: skip
LABELS = {
    "": "no label",
    "; charset=us-ascii": "ASCII",
    "; charset=utf-8": "UTF-8",
    "; charset=x-unknown": "an unknown one",
}


@pytest.mark.parametrize("label", LABELS, ids=LABELS.values())
@pytest.mark.parametrize("charset", TEXTS)
def test_a_text_in_a_charset_that_nothing_tells(charset: str, label: str) -> None:
    for text in TEXTS[charset]:
        raw = f"From: a@b.example\nContent-Type: text/plain{label}\n\n{text}\n"
        assert parse(raw.encode(charset)).text == f"{text}\n"


@pytest.mark.parametrize("charset", TEXTS)
def test_so_are_subject_and_name(charset: str) -> None:
    text = TEXTS[charset][0]
    mail = parse(f"From: {text.replace(',', '')} <a@b.example>\nSubject: {text}\n\n{text}".encode(charset))
    assert (mail.subject, mail.from_ and mail.from_.name) == (text, text.replace(",", ""))


def test_utf_8_beside_it_is_not_mistaken() -> None:
    for text in (*RUSSIAN, *CHINESE, *WESTERN, *ARABIC):
        assert parse(f"From: a@b.example\nSubject: {text}\n\n{text}".encode()).text == text
        header = f"From: a@b.example\nSubject: {text}\n".encode()
        assert parse(header + b"\n" + RUSSIAN[1].encode("koi8-r")).subject == text


@pytest.mark.parametrize(
    ("head", "text", "charset"),
    [
        ("From: a@firma.ru", "Да", "windows-1251"),
        ("From: a@firma.ru", "Лифт", "koi8-r"),
        ("From: Ann <a@firma.cz>", "Čau", "windows-1250"),
        ("From: a@shop.example\nContent-Language: cs", "Čau", "windows-1250"),
        ("From: a@shop.example\nAccept-Language: ja-JP, en-US", "はい", "shift_jis"),
        ("From: a@firma.gr", "Ναι", "windows-1253"),
        ("From: a@firma.com.tr", "Işık", "windows-1254"),
        ("From: a@firma.com.tw", "好", "big5"),
    ],
)
def test_where_a_text_is_too_short_the_language_and_the_country_tell(head: str, text: str, charset: str) -> None:
    assert hints_of(head.encode() + b"\n\n")
    subject = parse(f"{head}\nSubject: {text}\n\nx".encode(charset)).subject
    assert subject == text


def test_what_is_no_text_is_not_guessed() -> None:
    assert guessed(b"") is None
    assert guessed(b"ascii") is None
    assert guessed(bytes(range(256)) * 20) is None
    assert "utf-8" not in CHARSETS


@pytest.mark.parametrize("charset", ["koi8-r", "windows-1251", "shift_jis"])
def test_the_label_of_another_part_counts(charset: str) -> None:
    text = {"shift_jis": JAPANESE[0]}.get(charset, RUSSIAN[0])
    raw = (
        "From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n"
        f"{text}\n--b\nContent-Type: text/plain; charset={charset}\n\n{text}\n--b--\n"
    )
    assert parse(raw.encode(charset)).text == f"{text}\n{text}"
