"""A question to the author is found without its question mark too, in the languages of the spam filter."""

import re
import time

import pytest

from comments.models import Comment
from comments.moderation import questions, triage

QUESTIONS = [
    *("how long did that take you", "Anybody know where one can park there", "Lovely post, how many gels did you take"),
    *(
        "What lens did you use for the second one",
        "Great. where can I buy these",
        "Does anyone know if it is open in May",
    ),
    *(
        "Thanks! Have you tried the other side of the valley",
        "I was wondering if dogs are allowed",
        "Is there a map of it",
    ),
    *("Why did you turn back at the hut", "and how do you keep them dry", "I would love to know which shoes those are"),
    *(
        "Which of these is the best for beginners",
        "Any tips for somebody who starts at fifty",
        "May I ask what it weighs",
    ),
    *(
        "Wie lange hat das gedauert",
        "Schöner Bericht, welche Schuhe trägst du da",
        "Weiß jemand, ob die Hütte offen ist",
    ),
    *("Hast du das auch mal im Winter versucht", "Gibt es dazu eine Karte", "Mich würde interessieren, wo das ist"),
    *("Wo hast du die Karte her", "Wie viele Kilometer waren das", "Ich frage mich, ob das mit Kindern geht"),
    *("Combien de temps ça vous a pris", "Bonjour, où peut-on acheter cette carte", "Est-ce que le chemin est ouvert"),
    *("Quelle est la marque de ce sac", "Quelqu'un sait si le refuge est ouvert", "Avez-vous essayé en hiver"),
    *("Cuánto tiempo tardaste en subir", "Hola, dónde puedo comprar ese mapa", "Alguien sabe si está abierto en mayo"),
    *(
        "¿Y los perros",
        "Me gustaría saber qué zapatillas son",
        "Has probado la otra ruta",
        "Por qué no subiste por el norte",
    ),
    *("Quanto tempo ci hai messo", "Bello, dove hai comprato quella mappa", "Qualcuno sa se il rifugio è aperto"),
    *("Come si chiama quel lago", "Mi chiedevo se si può fare in inverno", "Cosa ne pensi delle scarpe nuove"),
    *("どのくらいかかりましたか。", "とても良い記事です。靴は何を履いていますか", "場所を教えてください。"),
    *("Сколько времени это заняло", "Подскажите, где купить такую карту", "Спасибо! Какую камеру вы используете"),
    *("Есть ли там вода", "Кто-нибудь знает, открыт ли приют", "Как называется это озеро"),
]
NONE = [
    *(
        "How nice to read this.",
        "What a lovely day that was!",
        "How long it was, and how cold.",
        "Who would have thought.",
    ),
    *("What you did there is great.", "Where there is a will there is a way.", "What is more, it never rained."),
    *(
        "How can I thank you enough.",
        "I did it in three hours.",
        "When we were there it rained.",
        "Which is why I stayed.",
    ),
    *(
        "What can I say, wonderful.",
        "How much I miss that place!",
        "I know how long that takes.",
        "Whoever did this: thanks.",
    ),
    *(
        "> How long did that take you",
        "You have done well.",
        "Canyons do you good.",
        "Do your best.",
        "Nobody knows where it is.",
    ),
    *(
        "Was für ein schönes Bild!",
        "Wie schön ist das geschrieben.",
        "Wie viele andere bin ich begeistert.",
        "Wo ein Wille ist.",
    ),
    *(
        "Wann immer ich dort bin, regnet es.",
        "Ich weiß, wie lange das dauert.",
        "Was für ein Tag.",
        "Kann ich so unterschreiben.",
    ),
    *(
        "Quel plaisir de vous lire.",
        "Quand on voit ça, on a envie de partir.",
        "Qu'est-ce que c'est beau !",
        "Combien j'aime ça.",
    ),
    *(
        "Qué bonito.",
        "Cuánto me alegro.",
        "Como se puede ver en la foto, llovía.",
        "Cuánto tiempo sin verte.",
        "Donde hay montaña.",
    ),
    *("Che bello!", "Quanto è bello questo posto.", "Come hai detto tu, pioveva.", "Quando hai tempo, vieni."),
    *("とても良い記事でした。", "しかし雨でした。", "いつか行きたいです。"),
    *(
        "Как красиво!",
        "Как вы и писали, шёл дождь.",
        "Вряд ли это так.",
        "Когда вы пишете, я читаю.",
        "Где-то там есть озеро.",
    ),
]


@pytest.mark.parametrize(("text", "asks"), [(text, True) for text in QUESTIONS] + [(text, False) for text in NONE])
def test_an_opening_asks_or_does_not(text, asks):
    assert bool(re.search(questions.pattern(), text, re.IGNORECASE)) == asks


@pytest.mark.db
def test_the_database_finds_the_same(post):
    Comment.objects.bulk_create(Comment(post=post, text=text, state="pending") for text in QUESTIONS + NONE)
    found = Comment.objects.filter(triage.QUESTION).values_list("text", flat=True)
    assert sorted(found) == sorted(QUESTIONS)


@pytest.mark.parametrize("part", ["\n", "a. ", " ", "how many ", "-) ", "* ", "> ", "! \n", "wie viele a"])
def test_a_long_text_is_looked_through_once(part):
    """Ten times the text takes about ten times as long, not a hundred times."""

    def seconds(length):
        started = time.process_time()
        re.search(questions.pattern(), part * (length // len(part)), re.IGNORECASE)
        return time.process_time() - started

    seconds(10)  # the pattern is compiled once
    assert seconds(50_000) < 30 * seconds(5_000) + 0.2


def test_every_language_of_the_spam_filter_has_its_openings():
    assert set(questions.OPENINGS) == set(questions.PHRASES) == {"en", "de", "fr", "es", "it", "ja", "ru"}
