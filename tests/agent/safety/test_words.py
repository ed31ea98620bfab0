"""Words as a person reads them: twelve languages and more, whatever characters they come in, and what a user's sentence names."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handeye.agent.safety.lexicon import RISKS, lexicon
from handeye.agent.safety.words import LONGEST, fold, says, words

TABLE = {
    "pay": (
        "Buy now|Place your order|Jetzt kaufen|Zahlungspflichtig bestellen|Acheter|Payer 12 €|Comprar ahora|"
        "Realizar pedido|Acquista|Paga ora|Finalizar compra|Koop nu|Afrekenen|Kup teraz|Zapłać|Купить|"
        "Оплатить заказ|立即购买|提交订单|購入する|注文を確定する|구매하기|결제하기|Satın al|اشتر الآن|"
        "अभी खरीदें|💳"
    ),
    "send": (
        "Send|Reply all|Absenden|Veröffentlichen|Envoyer|Publier|Enviar|Publicar|Invia|Pubblica|"
        "Enviar mensagem|Verzenden|Versturen|Wyślij|Opublikuj|Отправить|Опубликовать|发送|发布|送信|投稿する|"
        "보내기|게시하기|Gönder|إرسال|भेजें|📤"
    ),
    "delete": (
        "Delete|Empty trash|Löschen|Papierkorb leeren|Supprimer|Vider la corbeille|Eliminar|Borrar todo|"
        "Elimina|Svuota cestino|Apagar|Excluir|Verwijderen|Wissen|Usuń|Opróżnij kosz|Удалить|Очистить корзину|"
        "删除|清空|削除|ごみ箱を空にする|삭제|휴지통 비우기|Sil|حذف|हटाएं|🗑|Factory reset|Uninstall"
    ),
    "grant": (
        "Allow|While using the app|Zulassen|Autoriser|Permitir|Consenti|Toestaan|Zezwól|Разрешить|允许|許可|허용|İzin ver|السماح|अनुमति दें"
    ),
    "install": (
        "Install|Run anyway|Installieren|Installer|Instalar|Installa|Installeren|Zainstaluj|Установить|安装|インストール|설치|Yükle|تثبيت"
    ),
    "credentials": (
        "Log in|Anmelden|Se connecter|Iniciar sesión|Accedi|Iniciar sessão|Inloggen|Zaloguj się|Войти|登录|ログイン|로그인|Giriş yap"
    ),
    "pay, further languages": (
        "Köp nu|Køb nu|Kjøp nå|Osta nyt|Koupit|Купити|Cumpără|Megveszem|Αγόρασε|קנה עכשיו|ซื้อเลย|Mua ngay|Beli sekarang"
    ),
    "send, further languages": "Skicka|Udgiv|Publiser|Lähetä|Odeslat|Надіслати|Trimite|Küldés|Αποστολή|שלח|ส่งข้อความ|Gửi|Kirim",
    "delete, further languages": "Ta bort|Slet|Slett|Poista|Smazat|Видалити|Șterge|Törlés|Διαγραφή|מחק|ลบ|Xóa|Hapus|Log out everywhere",
    "terms": ("I agree|Alle akzeptieren|Tout accepter|Acepto|Accetta tutto|Aceitar tudo|Ik ga akkoord|Zgadzam się|Принять все|同意|동의"),
}
CASES = [(risk, text) for risk, texts in TABLE.items() for text in texts.split("|")]


@pytest.mark.parametrize(("risk", "text"), CASES)
def test_the_word_of_each_language_tells_its_risk(risk: str, text: str) -> None:
    assert risk.partition(",")[0] in lexicon().found(text)


@pytest.mark.parametrize(
    "text",
    [
        "BUY NOW",
        "ｂｕｙ ｎｏｗ",
        "b u y now",
        "B\u200bu\u00ady now",
        "\u202ebuy now\u202c",
        "Вuу now",
        "buyNow",
        "buynow",
        "B U Y  N O W",
        "8uy n0w",
        "P@y",
        "ʙᴜʏ ɴᴏᴡ",
        "🅱🆄🆈 🅽🅾🆆",
        "Bㅤuy",
        "buy_now",
        "BUY-NOW",
        "Buy  \n now!",
        "btnBuyNow",
        "𝗕𝘂𝘆 now",
        "ⓑⓤⓨ now",
        "Büy now",
    ],
)
def test_a_word_is_known_in_every_dress(text: str) -> None:
    assert "pay" in lexicon().found(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Home",
        "Next page",
        "Order history",
        "Sort order",
        "Blog posts",
        "Bookmarks",
        "Facebook",
        "Buyer's guide",
        "Payload",
        "Sender",
        "Deleted items",
        "Undeletable",
        "Postcode",
        "Shared with me",
        "Show more",
        "Menu",
        "Weiter lesen",
        "Suche",
        "検索",
        "搜索",
        "Add to basket",
        "Allowance",
        "Installation guide",
        "Settings",
    ],
)
def test_a_word_within_another_tells_nothing(text: str) -> None:
    assert lexicon().found(text) == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "Cancel",
        "No thanks",
        "Reject all",
        "Don't allow",
        "Abbrechen",
        "Refuser",
        "Cancelar",
        "Annulla",
        "拒绝",
        "キャンセル",
        "취소",
        "Отмена",
    ],
)
def test_no_is_no_in_each_language(text: str) -> None:
    assert lexicon().is_one("negative", text)


@given(st.text(max_size=200))
@example("\ud800")
def test_folding_is_stable_and_never_fails(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert all(part for part in words(text))
    assert lexicon().found(text) <= set(RISKS)


@given(st.text(max_size=40), st.sampled_from("\u200b\u200d\u2060\ufeff\u00ad\u202a\u202e\u2066"))
def test_what_has_no_width_changes_nothing(text: str, mark: str) -> None:
    assert fold(mark.join(text)) == fold(text) or any(fold(a + b) != fold(a) + fold(b) for a, b in itertools.pairwise(text))


def test_a_long_text_costs_no_more_than_its_beginning() -> None:
    assert len(fold("a" * 1_000_000)) <= LONGEST


@pytest.mark.parametrize(
    ("goal", "name", "named"),
    [
        ("Click the Submit button", "Submit", True),
        ("Click the submit button", "SUBMIT", True),
        ("Press 'Add to cart', then stop", "Add to cart", True),
        ("Click the Submit button", "Submit order", False),
        ("Resubmit the form", "Submit", False),
        ("Do not click Submit", "Submit", False),
        ("Fill in the form but don't press Submit", "Submit", False),
        ("Klicke nicht auf Senden", "Senden", False),
        ("Fill the form without submitting", "Submit", False),
        ("Click OK", "OK", False),
        ("Click the button", "the", False),
        ("Click it", "", False),
        ("点击提交按钮", "提交", True),
        ("不要点击提交", "提交", False),
        ("送信ボタンを押して", "送信", True),
        ("送信しないで", "送信", False),
        ("제출 버튼을 눌러", "제출", True),
    ],
)
def test_what_the_users_own_words_name(goal: str, name: str, named: bool) -> None:
    assert says(goal, name) is named
