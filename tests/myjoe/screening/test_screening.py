"""What the screen finds however it is spelt, and what it lets pass."""
from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from myjoe.errors import PromptRefusedError
from myjoe.screening.screening import require_drawable, screen


@pytest.mark.parametrize(
    "text",
    [
        "Pikachu", "PIKACHU in a field", "pikachus", "Pikachu's friends", "Pokémon", "P.i.k.a.c.h.u", "p i k a c h u", "p-i-k-a-c-h-u",
        "Pikaaachu", "Pikachuu", "P1kachu", "pik@chu", "рikachu", "рοkémon", "pik\u200bachu", "le\u200bgo", "le\u2060go",
        "pika\u00adchu", "Ｐｉｋａｃｈｕ", "p*kachu",
        "*pikachu*", "Poke-mon", "poke mon cards", "pikchu", "pickachu", "pikahcu", "mickey mouse", "Mickey-Mouse", "MickeyMouse",
        "micky mouse", "m!ckey mou$e", "M1ckey M0use", "a castle like Disney's", "d*sney castle", "di$ney", "D I S N E Y", "spider-man",
        "Spider Man", "spiderman", "SpongeBob", "Sponge Bob", "Elsa and Anna skating", "Frozen Elsa", "bluey the dog", "Peppa Pig",
        "LEGO bricks", "l e g o", "LEG0", "x-men", "Harry Potter", "harry poter", "hogwarts", "hogwart castle", "Winnie the Pooh",
        "winnie-the-pooh", "yu-gi-oh", "R2-D2", "c3po", "coca-cola", "the very hungry caterpillar", "Thomas & Friends", "A fox.\nAnd Shrek",
    ],
)  # fmt: skip
def test_a_name_is_found_however_it_is_spelt(text: str) -> None:
    finding = screen(text)
    assert finding is not None and finding.kind == "trademark", text
    with pytest.raises(PromptRefusedError, match="belongs to somebody"):
        require_drawable(text)


@pytest.mark.parametrize(
    "text",
    [
        "A black panther sleeps on a branch", "Ice skating on a frozen lake", "Cars in a traffic jam", "A goofy dog", "The planet Pluto",
        "A wolverine in the snow", "People marvel at the fireworks", "A baby shark and its mother", "A wolf among us sheep",
        "A sonic boom", "Old McDonald's farm", "Old MacDonald had a farm", "An alpaca with an ear of corn", "A mouse called Mickey",
        "Snow White and the seven dwarfs", "Cinderella's coach", "Rapunzel in her tower", "Peter Pan and Captain Hook",
        "Alice in Wonderland's tea party", "Robin Hood", "The little mermaid", "Pinocchio and the whale", "A big bird", "A cat in a hat",
        "Twilight over a meadow", "A stitch in time", "Woody plants", "Sheriff and deputy in the Wild West", "A tiger in tall grass",
        "Adam and Eve", "Puppets in a theatre", "A superb owl", "A super girl with a cape", "A war hammer of a knight", "A flint stone",
        "An iron pan and an iron map", "A creeper plant on a wall", "Bowls and spoons", "Six men in a boat", "A stormy sea",
        "A star-shaped war memorial", "A sky full of kites", "Kids undertake a journey", "A platoon of toy soldiers", "A magic lamp",
        "A mini on the road", "Let's go! Legs of a giraffe", "Elk, moose and reindeer", "A dragon and a ball", "Toys tell a story",
        "A lion, king of the beasts", "A dragon, ball and kite", "A dragon hall",
        "Animals crossing a river", "An angry bird on its nest", "A frog in my little pond", "Fireflies in the twilight sparkle",
        "A monster high-fives a child", "She sings my melody", "A very hungry caterpillar eats a leaf", "A sailor, moon and stars",
        "Hello, little kitty!", "The grinning cat", "A group of rootless trees", "5 cats, 7 dogs",
        "Ein Igel läuft über die Straße", "Une forêt enchantée", "花と猫", "", "A bat, a man and a moon", "100 % fun!", "Café & cake",
    ],
)  # fmt: skip
def test_ordinary_words_pass(text: str) -> None:
    assert screen(text) is None


@given(st.text(max_size=400))
def test_no_text_breaks_the_screen(text: str) -> None:
    screen(text)


def test_a_long_text_takes_no_long_time() -> None:
    """Four times the text takes four times the work; looking at each pair of words would take
    sixteen.
    """

    def processor_seconds(times: int) -> float:
        text = "a hedgehog in rubber boots jumps over a puddle while p1geons w@tch " * times
        started = time.process_time()
        assert screen(text) is None
        return time.process_time() - started

    assert min(processor_seconds(60) for _ in range(3)) < 10 * min(processor_seconds(15) for _ in range(3))


def test_the_first_finding_says_what_it_is_in_a_sentence_for_whoever_wrote_it() -> None:
    finding = screen("A fox. Pikachu in steampunk")
    assert finding is not None and (finding.kind, finding.words) == ("trademark", "pikachu")
    assert finding.sentence == "“pikachu” belongs to somebody, so we do not draw it. Describe somebody of your own instead."
    finding = screen("A steampunk fox")
    assert finding is not None and (finding.kind, finding.words) == ("steampunk", "steampunk")
    assert finding.sentence.endswith("Describe it without.")


def test_names_and_motifs_do_not_reach_over_the_end_of_a_sentence() -> None:
    assert screen("A star. Wars of old") is None and screen("Gears and cogs. A brass band") is None
