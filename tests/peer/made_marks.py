"""Made-up attendance of one pupil: phases that bring counts, runs and percentages to the edge of every rule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from tests.peer.book import Entry
from tests.peer.codes import class_of
from tests.peer.reading import Calendar

Halves = list[str]

RUN_LENGTHS = [1, 2, 3, 4, 5, 6, 9, 10, 11, 14, 15, 16, 17, 19, 20, 21]
ILL = ["I", "I", "I", "M", "C", "H"]
TRUANT = ["O", "U", "G", "N", "O"]
LEAVE = ["C", "H", "T", "F", "C1", "C", "H", "C2", "E", "I"]
NOT_REQUIRED = ["#", "X", "Y", "Z", "Y1", "Y4", "Y7", "Q", "D", "X01", "X02"]
ODD = [
    "I01",
    "I02",
    "X02",
    "X09",
    "X10",
    "I1",
    "?",
    "i",
    "n",
    "J",
    "J1",
    "C1",
    "C2",
    "F",
    "H",
    "Y",
    "Q",
    "K",
    "Y3",
    "O1",
]
THRESHOLDS = [50, 85, 90, 90, 90, 92, 95, 95, 97]


class Story:
    """Marks of one pupil, day after day; `marks` holds a code for each session of the days so far."""

    def __init__(self, random: Random, calendar: Calendar, days: list[date], nation: str) -> None:
        self.random = random
        self.nation = nation
        self.calendar = calendar
        self.days = days
        self.open = set(calendar.sessions)
        self.at = 0
        self.possible = 0
        self.attended = 0
        self.early = random.choice([0, 20, 24, 26, 28, 28, 30, 40])
        self.marks: dict[tuple[date, str], str] = {}

    @property
    def over(self) -> bool:
        return self.at >= len(self.days)

    def add_day(self, am: str, pm: str) -> None:
        """Write one day's marks and go on to the next day."""
        if self.over:
            return
        day = self.days[self.at]
        if self.at > 0 and self.year(day) != self.year(self.days[self.at - 1]):
            self.possible = self.attended = 0
        for half, code in (("AM", am), ("PM", pm)):
            if (day, half) in self.open:
                self.marks[(day, half)] = code
                entry = Entry(day, half, code, class_of(code, self.nation, day))
                self.possible += entry.possible
                self.attended += entry.attended
        self.at += 1

    def year(self, day: date) -> int:
        return next(number for number, year in enumerate(self.calendar.years) if year.holds(day))

    def below(self, percent: int) -> bool:
        return self.possible > 0 and 100 * self.attended < percent * self.possible

    def present(self, days: int) -> None:
        for _ in range(days):
            self.add_day("/", "\\")

    # --- phases -------------------------------------------------------------------------------------------

    def good(self) -> None:
        for _ in range(self.random.choice([3, 5, 10, 20, 30])):
            self.add_day(self.mostly("/"), self.mostly("\\"))

    def mostly(self, code: str) -> str:
        draw = self.random.random()
        if draw < 0.92:
            return code
        return self.random.choice(["L", "V", "B", "P", "M", "I", "R", "O", "N", "L", "W"])

    def spell_of_presence(self) -> None:
        self.present(self.random.choice([5, 10, 18, 19, 20, 21, 22, 30, 45]))

    def run(self) -> None:
        """Mark a run of one class, unbroken or with sessions that neither break nor add, or broken near its end."""
        length = self.random.choice(RUN_LENGTHS)
        code = self.random.choice(["N", "N", "N", "O", "G", "U", "I", "I", "mixed", "no U", "H"])
        flaw = self.random.choice(["none", "none", "gaps", "gaps", "broken", "half"])
        for number in range(length):
            am, pm = self.of_run(code), self.of_run(code)
            if flaw == "gaps" and self.random.random() < 0.3:
                am = self.random.choice(["", "-", "?", "#", "X", "Y"])
                if self.random.random() < 0.4:
                    pm = self.random.choice(["", "#", "Z"])
                    self.add_day(am, pm)
                    am, pm = self.of_run(code), self.of_run(code)
            if flaw == "broken" and number == length - 1:
                pm = self.random.choice(["\\", "L", "I", "U", "C"])
            if flaw == "half" and number == 0:
                am = self.random.choice(["/", "I", "C", "H"])
            self.add_day(am, pm)

    def of_run(self, code: str) -> str:
        if code == "mixed":
            return self.random.choice(["O", "G", "N", "U"])
        if code == "no U":
            return self.random.choice(["O", "G", "N"])
        return code

    def leave_and_stay_away(self) -> None:
        leave = self.random.choice(LEAVE)
        for _ in range(self.random.choice([1, 2, 5])):
            self.add_day(leave, leave)
        between = self.random.choice(["nothing", "nothing", "nothing", "missing", "present", "half"])
        if between == "missing":
            self.add_day("", "#")
        if between == "present":
            self.add_day("/", "\\")
        code = self.random.choice(["G", "O", "mixed"])
        if between == "half":
            self.add_day(leave, self.of_run(code))
        for _ in range(self.random.choice([9, 10, 10, 10, 11, 21])):
            self.add_day(self.of_run(code), self.of_run(code))

    def patchy(self) -> None:
        share = self.random.choice([0.05, 0.1, 0.15, 0.3, 0.5, 0.7])
        codes = self.random.choice([ILL, TRUANT, ["I"], ["U", "L"], ["O", "I", "N", "M"], ["R", "I"]])
        for _ in range(self.random.choice([5, 10, 20, 30])):
            am = self.random.choice(codes) if self.random.random() < share else "/"
            pm = self.random.choice(codes) if self.random.random() < share else "\\"
            self.add_day(am, pm)

    def late(self) -> None:
        code = self.random.choice(["L", "L", "U"])
        for _ in range(self.random.choice([2, 3, 4, 5, 6, 7, 10])):
            self.add_day(code, self.random.choice(["\\", "\\", code]))
            if self.random.random() < 0.4:
                self.present(1)

    def one_code_often(self) -> None:
        """Half days or whole days of one counted code, to reach 4, 5, 6 or 20, 21, 30, 31 of it."""
        code, sizes = self.random.choice(
            [("R", [1, 2, 3]), ("R", [2, 3]), ("H", [10, 10, 11]), ("I", [14, 15, 16]), ("N", [1, 2])]
        )
        for _ in range(self.random.choice(sizes)):
            self.add_day(code, self.random.choice([code, code, "\\"]))
            if self.random.random() < 0.2:
                self.present(1)

    def blank(self) -> None:
        for _ in range(self.random.choice([1, 2, 3, 6])):
            self.add_day(self.random.choice(["", "-", "/"]), self.random.choice(["", "-", "\\"]))

    def not_required(self) -> None:
        code = self.random.choice(NOT_REQUIRED)
        for _ in range(self.random.choice([1, 2, 5])):
            self.add_day(code, self.random.choice([code, code, "\\"]))

    def odd(self) -> None:
        for _ in range(self.random.choice([1, 3])):
            self.add_day(self.random.choice(ODD), self.random.choice(["\\", self.random.choice(ODD)]))

    def wave(self) -> None:
        """Sink just under a threshold, recover for about twenty school days, and sink again at once."""
        percent = self.random.choice(THRESHOLDS)
        for _ in range(self.random.choice([1, 2, 3])):
            self.sink(percent)
            for _ in range(self.random.choice([0, 0, 1, 1, 2])):
                self.linger(percent)
            self.hold(percent, self.random.choice([18, 19, 19, 20, 20, 21]))
        self.sink(percent)

    def second_chance(self) -> None:
        """Sink under 90, do better for 28 days, and then worse, or fall again on the day of the second review."""
        self.sink(90)
        if self.at == 0:
            return
        first = self.days[self.at - 1] + timedelta(days=28)
        fall = self.random.random() < 0.5
        missed = 0
        while not self.over and self.days[self.at] <= first:
            missed += self.spare_day() if fall else self.day_with(self.random.choice([0.04, 0.06, 0.08]))
        held = self.days[self.at - 1] if self.days[self.at - 1] >= first else first
        second = held + timedelta(days=7 * (missed // 2))
        share = self.random.choice([0.1, 0.2, 0.3, 0.5])
        while not self.over and self.days[self.at] < second:
            missed += self.spare_day() if fall else self.day_with(share)
        if fall:
            self.sink(90)
        else:
            self.day_with(share)

    def spare_day(self, percent: int = 90) -> int:
        """Miss a day if that leaves the pupil at the threshold or over it; return how many sessions were missed."""
        if 100 * self.attended >= percent * (self.possible + 2):
            self.add_day("I", "I")
            return 2
        self.add_day("/", "\\")
        return 0

    def day_with(self, share: float) -> int:
        """Miss each half of a day with this chance; return how many sessions were missed."""
        am = self.random.choice(["I", "O", "M"]) if self.random.random() < share else "/"
        pm = self.random.choice(["I", "O", "M"]) if self.random.random() < share else "\\"
        self.add_day(am, pm)
        return int(am != "/") + int(pm != "\\")

    def sink(self, percent: int) -> None:
        """Be absent until just under a threshold, not before the percentage rules look."""
        while not self.over and self.possible < self.early:
            self.add_day("/", "\\")
        codes = self.random.choice([ILL, TRUANT, ["I"], ["O"]])
        for number in range(30):
            if self.over or (self.below(percent) and self.possible >= 30):
                return
            last = codes if number == 0 else [*codes, "\\"]
            self.add_day(self.random.choice(codes), self.random.choice(last))

    def linger(self, percent: int) -> None:
        """Stay about the threshold for some weeks, so that reviews find it a little better or a little worse."""
        share = (100 - percent) / 100 * self.random.choice([0.3, 0.6, 0.9, 1, 1.1, 1.5, 3])
        for _ in range(self.random.choice([3, 10, 19, 20, 21, 30])):
            self.day_with(share)

    def hold(self, percent: int, days: int) -> None:
        """Be present until at the threshold, and stay there so many days, with every absence it allows."""
        over = self.random.choice([0, 0, 1])
        for _ in range(60):
            if self.over or 100 * self.attended >= percent * self.possible + over:
                break
            self.add_day("/", "\\")
        for _ in range(days - 1):
            if 100 * self.attended >= percent * (self.possible + 2) + over:
                self.add_day("I", "I")
            else:
                self.add_day("/", "\\")

    def long_absence(self) -> None:
        """About twenty days running without a good reason, sometimes with a U that breaks only some rules."""
        length = self.random.choice([19, 20, 20, 21, 25])
        late = self.random.choice([None, None, 0, length - 1, length // 2])
        code = self.random.choice(["no U", "no U", "O", "N"])
        for number in range(length):
            self.add_day(self.of_run(code), "U" if number == late else self.of_run(code))

    def stay_away(self) -> None:
        """Be away for so long that every rolling window ends in it, often with a session or two attended meanwhile."""
        length = self.random.choice([35, 45, 55, 60, 65, 90, 130])
        code = self.random.choice(["mixed", "mixed", "no U", "O", "G", "U"])
        back = self.random.sample(range(length), self.random.choice([0, 0, 0, 1, 1, 2]))
        gaps = self.random.choice([0, 0.05, 0.2])
        for number in range(length):
            am, pm = self.of_run(code), self.of_run(code)
            if self.random.random() < gaps:
                am = self.random.choice(["I", "C", "#", "", "?", "Y"])
                pm = self.random.choice([pm, "I", "#", ""])
            if number in back:
                pm, am = self.random.choice([("\\", am), ("L", am), ("B", am), (pm, "/"), (pm, "L")])
            self.add_day(am, pm)

    def nearly_perfect(self) -> None:
        self.present(self.random.choice([20, 40, 60]))
        blemish = self.random.choice(["none", "blank", "not required", "absent"])
        if blemish == "blank":
            self.blank()
        if blemish == "not required":
            self.not_required()
        if blemish == "absent":
            self.add_day("/", "M")

    def whole(self, kind: str) -> dict[tuple[date, str], str]:
        """Return the pupil's whole story, of one of the `KINDS`."""
        calm = [self.good, self.spell_of_presence]
        anything = [self.run, self.patchy, self.late, self.one_code_often, self.blank, self.not_required]
        anything += [self.odd, self.wave, self.leave_and_stay_away, self.long_absence, *calm]
        phases: dict[str, list[Callable[[], None]]] = {
            "perfect": [lambda: self.present(20)],
            "nearly": [self.nearly_perfect],
            "steady": [*calm, self.spell_of_presence, self.late, self.one_code_often],
            "waves": [self.wave, self.wave, self.second_chance],
            "runs": [
                self.run,
                self.run,
                self.leave_and_stay_away,
                self.leave_and_stay_away,
                self.long_absence,
                *calm,
            ],
            "reviews": [self.second_chance, self.second_chance, *calm],
            "poor": [self.patchy, self.patchy, self.run, self.late, self.linger_somewhere],
            "away": [self.stay_away, self.good],
            "counts": [self.one_code_often, self.late, *calm],
            "anything": anything,
        }
        while not self.over:
            stray = kind not in ("perfect", "nearly") and self.random.random() < 0.1
            self.random.choice(anything if stray else phases[kind])()
        return self.marks

    def linger_somewhere(self) -> None:
        self.linger(self.random.choice(THRESHOLDS))


KINDS = ["perfect", "nearly", "nearly", "steady", "steady", "counts", "counts"]
KINDS += ["waves", "waves", "waves", "reviews", "reviews", "runs", "runs", "poor", "away", "away", "anything"]
