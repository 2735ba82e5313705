"""Patterns that recognize questions without a question mark: "how long did that take you".

A table of openings for each language. The database evaluates the patterns, so they use only syntax that Python's `re`
and PostgreSQL share. An opening matches only at the beginning of a sentence. Exclamations that begin like a question
("How nice", "What a view", "Was für ein Bild") must not match.
"""

SUBJECT = "you|i|we|they|he|she|it|one|people|the|this|that|these|those|your|anybody|anyone|somebody|someone|there"
BE = "is|are|was|were"
DO = "do|does|did|will|would|can|could|should|have|has"

# At the beginning of a sentence.
OPENINGS = {
    "en": [
        rf"how (?:long|far|often|old|early|late|soon|fast|high|deep|steep|heavy) (?:{BE}|{DO})",
        rf"how (?:many|much)(?: (?!i |we |you |he |she |it |they )[^\s.,!]+)?(?: of [^\s.,!]+)? (?:{BE}|{DO})",
        rf"how (?:{BE}|{DO}) (?!i (?:ever )?thank)(?:{SUBJECT})",
        "how (?:about|come)",
        rf"what (?:{DO}) (?!i say)(?:{SUBJECT})",
        rf"what (?:{BE}) (?:the|your|this|that|it|these|those)",
        "what (?:kind|sort|size|brand|model|type) (?:of|is|are|was|did|do)",
        rf"(?:what|which)(?: of)? [^\s.,!]+ (?:{BE}|{DO}) (?:you|i|we|they|he|she|your|the|that|this|best|better)",
        "which (?:one|of (?:them|these|those))",
        rf"(?:where|when|why) (?:{BE}|{DO}|don['’]t|didn['’]t) (?:{SUBJECT})",
        "who (?:is|was|are|were|made|built|took|wrote|organi[sz]es|sells) (?:the|this|that|your|it|these|those)",
        "(?:do|did|have|are|can|could|would|will|were) you(?! to thank)",
        "(?:do|does|did|has|would|could|can|is) (?:anybody|anyone|somebody|someone)",
        "(?:anybody|anyone|somebody|someone)(?: here| else)? (?:know|knows|tried|got|have|has) (?:how|if|what|where|"
        "when|which|who|why|whether|a|an|any|it|of|the|this)",
        "any (?:ideas?|chance|tips?|advice|recommendations?|plans?) (?:how|if|what|where|when|which|who|why|to|on|of|"
        "for)",
        "(?:is|are|was|were) there (?:a|an|any|some|anything|anybody|anyone|still|more)",
        "(?:does|did|is) (?:this|it|that) (?:still|also|work|really|possible|available|open|safe|true|mean|include|"
        "happen)",
        "(?:may|can|could|should) i (?:ask|use|quote|link|buy|get|come|join|translate|bring|have)",
        "please tell (?:me|us) (?:how|if|what|where|when|which|who|why|whether)",
    ],
    "de": [
        "wie (?:lange|viel|weit|oft|alt|schnell|hoch|schwer|teuer|spät|früh) (?:hast|hat|haben|habt|ist|sind|war|waren|"
        "wird|dauert|dauerte|braucht|brauchst|kostet|kann|muss|musst|bist|seid|läuft|fährt)",
        "wie viele? (?!andere)[^\\s.,!]+ (?:hast|hat|haben|habt|ist|sind|war|waren|braucht|brauchst|machst|kostet|"
        "muss)",
        "wie (?:hast|habt|haben|machst|macht|kommst|kommt|geht|heißt|heisst|hieß|ist|sind|kann|könnte|funktioniert|"
        "wird) (?:du|ihr|sie|man|das|der|die|dein|deine|euer|eure|ich|wir|es|dieser|diese|dieses)",
        "was (?:ist|hast|habt|kostet|bedeutet|meinst|machst|macht|empfiehlst|hältst|haltet|sagst|kann) (?:du|ihr|das|"
        "der|die|man|denn|eigentlich|dein|deine|es|ein|eine)",
        "(?:wo|woher|wohin|womit|wofür|wann|warum|wieso|weshalb) (?:hast|habt|hat|haben|ist|sind|war|waren|kann|könnte|"
        "gibt|liegt|kauft|kaufst|finde|findet|findest|bekommt|bekomme|kommt|kommst|geht|wird|machst|nimmst|bist|seid)",
        "welche[nrms]? [^\\s.,!]+ [^\\s.,!]+ (?:du|ihr|sie|man|das|der|die|deine?|eure)",
        "(?:hast|kennst|weißt|weisst|kannst|könntest|bist|machst|läufst|würdest|hättest|magst|willst|nimmst|fährst|wirst|"
        "benutzt|verwendest) du",
        "(?:habt|kennt|wisst|könnt|könntet|seid|macht|würdet|nehmt) ihr",
        "(?:weiß|weiss|kennt|hat|kann) (?:jemand|wer|einer|man|mir)",
        "(?:gibt|gäbe) es (?:eine?n?|noch|auch|dazu|davon|irgendwo|schon|das)",
        "(?:darf|kann|soll|muss) (?:ich|man|mir)(?! (?:so|nur|mich))",
        "ich (?:frage|fragte) mich,? (?:ob|wie|wo|was|wann|warum|welche)",
    ],
    "fr": [
        "combien (?:de temps|coûte|coute|ça|cela|avez|as|y a|faut)",
        "combien (?:de |d['’])[^\\s.,!]+ (?:avez|as|faut|est|sont|peut|fallait|y)",
        "comment (?:avez|as|est|sont|fait|faites|fais|faire|peut|puis|se|ça|on|vous|tu|s['’]appelle)",
        "où (?:est|sont|avez|as|peut|puis|se trouve|trouver|acheter|vous|tu|on)",
        "quand (?:est[- ]ce|avez[- ]vous|as[- ]tu|aura|sera)",
        "pourquoi (?:avez|as|est|ne|n['’]|vous|tu|ce|cette|cela|ça)",
        "est[- ]ce (?:que|qu['’])",
        "qu['’]est[- ]ce (?:que|qu['’]|qui)(?! c['’]est)",
        "(?:avez|pouvez|pourriez|savez|connaissez|êtes|faites|utilisez|prenez|comptez|voulez|auriez|allez)[- ]vous",
        "(?:as|peux|pourrais|sais|connais|es|fais|utilises|prends|comptes|veux|aurais|vas)[- ]tu",
        "(?:quels?|quelles?) (?:est|sont|était|étaient) (?:le|la|les|l['’]|ce|cette|ces|ton|ta|tes|votre|vos)",
        "(?:quels?|quelles?) [^\\s.,!]+ (?:avez|as|utilisez|utilises|portez|portes|faut|prenez|prends|conseillez)",
        "quelqu['’]un (?:sait|saurait|connaît|connait|aurait|peut|pourrait)",
        "y a[- ]t[- ]il",
        "je me demand(?:e|ais) (?:si|s['’]|comment|où|pourquoi|quel|combien|quand)",
    ],
    "es": [
        "cu[aá]nt[oa]s? (?:tiempo(?! sin)|cuesta|dura|tard[^\\s]*|vale|mide|pesa|kil[oó]metros|d[ií]as|horas)",
        "cómo (?:se|lo|hiciste|hago|haces|puedo|puede|has|llego|estás|funciona|lograste|conseguiste|te llamas|te fue)",
        "dónde (?:está|están|puedo|se|queda|hay|has|hiciste|fue|es|venden)",
        "d[oó]nde (?:compr|encontr|consegu)[^\\s]+",
        "donde puedo (?:comprar|encontrar|ver|leer)",
        "cuándo (?:es|será|fue|vas|sale|empieza|se|piensas)",
        "qué (?:tal|tipo|marca|modelo|hiciste|es|significa|haces|recomiendas|usas|usaste|opinas|piensas|te parece)",
        "qué [^\\s.,!]+ (?:usas|usaste|llevas|llevabas|recomiendas|utilizas|es)",
        "cu[aá]l(?:es)? (?:es|fue|son|era|recomiendas|de)",
        "por qué",
        "qui[eé]n (?:es|fue|hizo|organiza|vende)",
        "(?:sabes|sabe|sabéis|sabrías) (?:si|d[oó]nde|c[oó]mo|cu[aá]l|cu[aá]nto|qu[eé]|alguien)",
        "(?:puedes|podrías|podr[ií]as|podéis|podría) (?:decir|decirme|compartir|explicar|explicarme|contar|contarnos|"
        "pasar|recomendar|ayudarme)",
        "(?:has|habéis) (?:probado|pensado|estado|visto|leído|corrido|usado)",
        "hay (?:algún|alguna|alguien)",
        "alguien (?:sabe|conoce|puede|podría|me puede)",
        "me preguntaba (?:si|c[oó]mo|d[oó]nde|qu[eé]|cu)",
    ],
    "it": [
        "quanto (?:tempo (?:ci|hai|ti|serve|dura|avete|è)|costa|costano|dura|dista|pesa|ci (?:hai|vuole|avete))",
        "quant[ie] [^\\s.,!]+ (?:hai|sono|avete|fai|servono)",
        "come (?:si (?:fa|chiama|arriva|può)|hai (?:fatto|scelto|trovato|ottenuto)|avete fatto|fai|fate|posso|"
        "funziona)",
        "(?:dove (?:hai|avete|si (?:trova|può|compra)|posso|è|sono|sta)|dov['’](?:è|era))",
        "quando (?:sarà|esce|inizia|comincia|partite|parti)",
        "perch[eé] (?:hai|avete|fai)",
        "(?:che|quali?) (?:tipo|marca|modello|obiettivo|scarpe|taglia|macchina|percorso|libro) [^\\s.,!]+",
        "qual(?:e è|i sono| è| era)",
        "(?:che )?cosa (?:ne pensi|ne pensate|hai|avete|usi|usate|è|significa|intendi|consigli|mi consigli|vuol)",
        "(?:sai|sapete) (?:se|dove|come|quando|quanto|che|dirmi|chi|quale)",
        "(?:puoi|potresti|potete|potreste) (?:dirmi|dirci|spiegar|condivider|consigliar|indicar|mandar|aiutar)[^\\s]*",
        "(?:hai|avete) mai",
        "c['’]è (?:un modo|qualche|qualcuno|ancora)",
        "qualcuno (?:sa|conosce|può|potrebbe|saprebbe)",
        "mi (?:chied|domand)(?:o|evo|avo) (?:se|come|dove|quanto|perch[eé]|cosa|quando)",
    ],
    "ja": [],
    "ru": [
        "сколько (?:времени|стоит|километров|дней|часов|это|нужно|длится|весит|заняло|ушло|у вас|вы|ты)",
        "как (?:называется|зовут|часто|далеко|добраться|сделать|долго (?:вы|ты|это|длил[^\\s]*|надо|нужно))",
        "как (?:вы|ты|вам|тебе) (?:это |такое |туда )?(?:сделал|дела|добир|добра|уда|наш[лёе]|попал|снима|снял)[^\\s]*",
        "где (?:вы|ты|можно|это|находится|купить|купили|взять|найти|такие|такой|снято)",
        "когда (?:будет|планируете|планируешь|выйдет|ждать|следующ[^\\s]*)",
        "почему (?:вы|ты|не|так|нельзя|именно|это)",
        "зачем (?:вы|ты|это|нужно)",
        "кто (?:это|автор|снимал|рисовал|организует)",
        "кто[- ]нибудь",
        "как(?:ой|ая|ие|ое|ую|им|их|ого) [^\\s.,!]+ (?:вы|ты|у вас|у тебя|используете|лучше|нужен|нужна|нужны)",
        "(?:не )?(?:подскаж|посовету|скаж)(?:ите|и|ете|ешь|йте|й)",
        "(?:есть|можно|знаете|знает|будет|нет|нельзя|стоит|бывает|пробовали) ли",
        "(?:а )?(?:вы|ты) не (?:знаете|знаешь|подскажете|пробовали|думали)",
        "интересно,? (?:сколько|как|где|когда|почему|какой|какая|какие|кто)",
    ],
}
# Anywhere in a line.
PHRASES = {
    "en": [
        "(?:wonder|wondering) (?:if|whether|how|what|where|when|why|which|who)",
        "(?:love|like|curious|want) to know,? (?:if|whether|how|what|where|when|why|which|who)",
        "curious (?:how|what|where|when|why|which|who)",
    ],
    "de": ["würde mich interessieren", "mich würde interessieren", "wüsste gern"],
    "fr": ["(?:aimerais|voudrais|aimerions) savoir"],
    "es": ["(?:gustaría|encantaría|quisiera) saber", "¿"],
    "it": ["(?:vorrei|piacerebbe) sapere"],
    "ja": [
        "(?:です|ます|でした|ました|ません|しょう)か(?:[。！…\\s]|$)",
        "教えて(?:ください|下さい|いただ|もらえ|ほしい)",
    ],
    "ru": ["(?:хотел|хотела|хотелось) бы (?:узнать|знать|спросить)"],
}
BEFORE = "(?:and|but|so|also|btw|ps|und|aber|et|mais|y|pero|e|ma|а|и|но)[:,]? "


def pattern():
    """The regular expression for all languages, to be used without case; quoted lines (">") do not match."""
    openings = "|".join(f"(?:{each})" for some in OPENINGS.values() for each in some)
    phrases = "|".join(f"(?:{each})" for some in PHRASES.values() for each in some)
    begins = rf"(?:[^>\n][^\n]*[.!…;:,–—)] +)?[ *_\"“„«(]{{0,8}}(?:{BEFORE})?(?:{openings})(?!\w)"
    return rf"(?:^|\n)(?:{begins}|(?:[^>\n][^\n]*)?(?:{phrases}))"
