"""Invented names: common forenames and surnames of several communities, and names that break careless programs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Community:
    """Families who share a home language, with names that go together."""

    name: str
    language: str
    """The home language in words, as a MIS shows it."""
    tag: str
    """The home language as a two-letter tag."""
    ethnicity: str
    girls: tuple[str, ...]
    boys: tuple[str, ...]
    surnames: tuple[str, ...]
    weight: int
    """Families in a hundred or so in England."""
    weight_wales: int
    feasts: bool = False
    """Keeps feasts that fall on school days (code R)."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ENGLISH = Community(
    "english",
    "English",
    "en",
    "White - British",
    _words(
        "Olivia Amelia Isla Ava Ivy Lily Freya Florence Willow Elsie Evelyn Poppy Daisy Rosie Matilda Phoebe Harriet "
        "Ella Grace Sophie Chloe Erin Megan Jessica Martha Nancy Orla Bonnie Robyn Darcey Heidi Maisie Thea Esme "
        "Lottie Imogen Beatrice Summer Skye Eliza"
    ),
    _words(
        "Oliver George Arthur Noah Leo Oscar Theo Jack Freddie Archie Alfie Henry Charlie Thomas Joshua William James "
        "Max Lucas Edward Finley Harrison Reuben Toby Jude Louie Ronnie Albie Stanley Ellis Rory Frankie Dexter "
        "Bobby Caleb Jenson Kit Ralph Wilfred Hugo"
    ),
    _words(
        "Smith Jones Taylor Brown Wilson Johnson Walker Wright Robinson Thompson White Hughes Edwards Green Hall Wood "
        "Harris Clarke Jackson Turner Hill Cooper Ward Moore Baker Harrison Watson Bailey Parker Bennett Barker Marsh "
        "Fletcher Holmes Kirk Dixon Hargreaves Ackroyd Ramsbottom Oldroyd Thackray Pickles Sugden Holroyd Sykes "
        "Whitworth Cartwright Bickerstaffe Entwistle Postlethwaite Hepworth Ainsley Blackwood Dunmore Everley Fairburn"
    ),
    66,
    60,
)
WELSH = Community(
    "welsh",
    "Welsh",
    "cy",
    "White - Welsh",
    _words(
        "Cari Mali Nel Seren Alys Cadi Efa Lleucu Gwenllian Non Angharad Ffion Eira Mabli Bethan Siân Heledd Eluned"
    ),
    _words(
        "Osian Macsen Jac Tomos Gruffydd Ifan Rhys Dylan Llŷr Gethin Iestyn Celyn Ioan Deio Siôn Owain Emrys Llewelyn"
    ),
    (
        *_words(
            "Davies Evans Thomas Roberts Lewis Morgan Griffiths Powell Rees Llewellyn Bowen Prosser Gwynne Pugh"
        ),
        "ap Rhys",
        "Gruffydd-Wyn",
    ),
    2,
    30,
)
COMMUNITIES = (
    ENGLISH,
    WELSH,
    Community(
        "irish",
        "English",
        "en",
        "White - Irish",
        _words("Aoife Niamh Saoirse Caoimhe Róisín Clodagh Sinéad"),
        _words("Cillian Oisín Conor Declan Pádraig Fionn Seán"),
        ("O’Connor", "O’Brien", "O'Neill", "Murphy", "McGrath", "Ní Dhomhnaill", "Gallagher", "Byrne"),
        3,
        2,
    ),
    Community(
        "polish",
        "Polish",
        "pl",
        "White - Eastern European",
        _words("Zofia Hanna Zuzanna Maja Alicja Gabriela Małgorzata Łucja"),
        _words("Jakub Antoni Szymon Filip Mikołaj Stanisław Bartłomiej Łukasz"),
        _words(
            "Nowak Kowalczyk Wiśniewski Wójcik Kamiński Lewandowski Zieliński Szczepański Brzęczyszczykiewicz"
        ),
        4,
        2,
    ),
    Community(
        "pakistani",
        "Urdu",
        "ur",
        "Asian - Pakistani",
        _words("Aisha Zainab Fatima Maryam Hafsa Noor Iqra Khadija"),
        _words("Muhammad Ibrahim Yusuf Hamza Zayn Bilal Haris Musa"),
        _words("Khan Hussain Ahmed Malik Mahmood Iqbal Shah Akhtar Chaudhry"),
        7,
        2,
        True,
    ),
    Community(
        "arabic",
        "Arabic",
        "ar",
        "Arab",
        ("Layla", "Salma", "Rania", "Yasmin", "Hala", "مريم"),
        ("Omar", "Karim", "Tariq", "Ziad", "Abd al-Rahman", "يوسف"),
        ("Al-Masri", "Haddad", "al-Khatib", "Ben Youssef", "El Amrani", "عبد الرحمن"),
        2,
        1,
        True,
    ),
    Community(
        "indian",
        "Panjabi",
        "pa",
        "Asian - Indian",
        _words("Simran Jasleen Anaya Diya Kavya Harleen"),
        _words("Arjun Rohan Gurpreet Dev Harjot Nikhil"),
        _words("Singh Kaur Patel Sharma Gill Dhillon Sandhu Chopra"),
        5,
        2,
        True,
    ),
    Community(
        "nigerian",
        "Yoruba",
        "yo",
        "Black - African",
        _words("Temitope Adaeze Ifeoluwa Chiamaka Folake Oluwaseun"),
        _words("Tobiloba Emeka Ayodeji Chidi Oluwatimilehin Kelechi"),
        _words("Adeyemi Okafor Oyelaran-Williams Eze Balogun Nwosu"),
        4,
        1,
    ),
    Community(
        "caribbean",
        "English",
        "en",
        "Black - Caribbean",
        _words("Shanice Aaliyah Keziah Tiana"),
        _words("Jermaine Malachi Tyrese Kemar"),
        _words("Campbell Grant Francis Gordon St.Clair Pryce"),
        2,
        1,
    ),
    Community(
        "chinese",
        "Chinese",
        "zh",
        "Chinese",
        ("Mei", "Xiu Ying", "Li Na", "雨桐"),
        ("Wei", "Jun Jie", "Hao Ran", "子轩"),
        ("Li", "Wong", "Zhang", "Ng", "王"),
        2,
        1,
    ),
    Community(
        "portuguese",
        "Portuguese",
        "pt",
        "White - Other",
        ("Beatriz", "Inês", "Mafalda", "Conceição"),
        ("João", "Tomás", "Gonçalo", "Simão"),
        ("da Silva", "dos Santos Ferreira", "D'Souza", "Gonçalves", "Araújo"),
        2,
        1,
    ),
    Community(
        "ukrainian",
        "Ukrainian",
        "uk",
        "White - Eastern European",
        _words("Solomiia Daryna Oksana Anastasiia"),
        _words("Andrii Bohdan Maksym Yaroslav"),
        _words("Shevchenko Kovalenko Bondarenko Tkachuk"),
        1,
        1,
    ),
)


@dataclass(frozen=True, slots=True)
class AwkwardName:
    """A name that has broken a letter or an export somewhere."""

    forename: str
    surname: str
    preferred_forename: str = ""
    preferred_surname: str = ""


AWKWARD = (
    AwkwardName("Caoimhe", "Ó Súilleabháin & Daughters", preferred_forename="Keeva"),
    AwkwardName("Björk", ""),
    AwkwardName("Anne-Marie Louise", "Fitzwilliam-Carrington-St. John", preferred_forename="Annie"),
    AwkwardName("Joe <Joey>", "D'Arcy-Smith"),
    AwkwardName(
        "Hubert Blaine",
        "Wolfenschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaftschaferswessen",
        preferred_surname="Wolfen",
    ),
    AwkwardName("Øyvind", "van der Bergh"),
    AwkwardName('Robert "Bobby"', "Null"),
    AwkwardName("N’Golo", "Nguyễn"),
)

AWKWARD_FAMILY = "O’Brien & Sons"
"""The surname of one whole family, adults too."""

STREETS = (
    "Mill Lane",
    "Station Road",
    "Church Street",
    "Quarry Bank",
    "Sycamore Close",
    "Victoria Terrace",
    "The Crescent",
    "Beech Grove",
    "Canal Side",
    "Hollin Hill",
    "St. Anne’s Road",
    "Weavers’ Row",
    "Albert Street",
    "Parkfield Avenue",
    "Old Tannery Yard",
    "Moorland View",
)
WELSH_STREETS = (
    "Heol y Bont",
    "Stryd yr Eglwys",
    "Maes-y-Dderwen",
    "Ffordd y Môr",
    "Lôn Las",
    "Bryn Teg",
    "Heol Llŷr",
    "Clos y Ffynnon",
    "Chapel Street",
    "Station Road",
)
STAFF = (
    ("Mrs H Whitaker", "Headteacher"),
    ("Mr D Osei", "Deputy headteacher"),
    ("Mrs J Barraclough", "Attendance officer"),
    ("Miss T Pryor", "Office administrator"),
    ("Mr A Rahman", "Class teacher"),
    ("Mrs L Okonjo", "Class teacher"),
)
