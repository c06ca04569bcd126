"""How words of this field are spoken, where engines guess badly: what every project's own lexicon begins from.

Only what eSpeak NG (which also tells Piper and Kokoro what to say) gets wrong by itself stands here; it says Bowlby,
Neff, karuna or dharma as people do. A respelling is plain letters, so that any other engine reads it alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Pronunciation:
    """How a word of a lexicon is spoken."""

    say: str = ""
    """In letters, for any engine; empty where nothing is said of that."""
    ipa: str = ""
    """In signs of the IPA, for engines that take them; empty where only letters are given."""


def layered(*lexicons: Mapping[str, Pronunciation]) -> dict[str, Pronunciation]:
    """Each word as the last lexicon has it that has it; where that gives only IPA, its letters are an earlier one's."""
    words: dict[str, Pronunciation] = {}
    for lexicon in lexicons:
        for word, spoken in lexicon.items():
            below = words.get(word, Pronunciation())
            words[word] = Pronunciation(say=spoken.say or below.say, ipa=spoken.ipa)
    return words


STARTER: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "en": MappingProxyType(
            {
                # Pali and Sanskrit, as teachers who speak English say them.
                "ahimsa": "uh-himsah",
                "anapanasati": "ahna-pahna-sahtee",
                "anatta": "uh-nutta",
                "anicca": "uh-nitcha",
                "bhante": "bahn-tay",
                "bodhi": "bohdee",
                "bodhicitta": "boadi-chitta",
                "bodhisattva": "boadi-sahtva",
                "bodhisattvas": "boadi-sahtvas",
                "chakra": "chahkra",
                "chakras": "chahkras",
                "dhamma": "dahma",
                "kundalini": "koonda-leeny",
                "mahayana": "mahha-yahna",
                "maitri": "mightree",
                "metta": "met-tah",
                "mudita": "moo-deeta",
                "mudra": "moodra",
                "mudras": "moodras",
                "namaste": "nahma-stay",
                "pranayama": "prahna-yahma",
                "samatha": "summuh-tuh",
                "sangha": "sahnga",
                "sati": "sah-tee",
                "satipatthana": "sahtee-pa-tahna",
                "shamatha": "shahmatuh",
                "sutta": "sootta",
                "suttas": "soottas",
                "theravada": "terra-vahda",
                "ujjayi": "oo-jah-yee",
                "upekkha": "oo-pecka",
                "vajrayana": "vahjra-yahna",
                "vipassana": "vuh-pahssunna",
                # Tibetan, Chinese, Japanese.
                "dzogchen": "zohg-chen",
                "qi": "chee",
                "qigong": "chee-gong",
                "tonglen": "tong-len",
                "zazen": "zah-zen",
                # Body and mind.
                "interoception": "intero-seption",
                "interoceptive": "intero-septive",
                "polyvagal": "polyvaygal",
                "vagal": "vaygal",
                "vagus": "vaygus",
                # Names.
                "brach": "brahk",
                "chodron": "choadron",
                "chödrön": "choadron",
                "csikszentmihalyi": "chick-sent-me-high",
                "siegel": "seegal",
                "thich nhat hanh": "tick naht hahn",
                "thích nhất hạnh": "tick naht hahn",
            }
        )
    }
)
"""Language, then word, both in lower case, then how it is spoken."""
