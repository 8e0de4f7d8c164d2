"""Invented people: names put together from parts, cards with the serial 0000 that no office ever gives out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from random import Random
from typing import Any

from app.demo.distributions import draw, weights
from app.demo.file_texts import VILLAGES
from app.models.regions import regions

GIRLS = (
    "Aisyah", "Amelia", "Anggun", "Ani", "Aulia", "Ayu", "Bunga", "Citra", "Dahlia", "Dewi", "Dian", "Dinda", "Eka",
    "Elisabet", "Endah", "Fatimah", "Fitri", "Gita", "Hana", "Indah", "Intan", "Kartika", "Komariah", "Lestari",
    "Lina", "Maria", "Maya", "Mega", "Melati", "Nabila", "Nadia", "Ningsih", "Novi", "Nur", "Nurhayati", "Puspita",
    "Putri", "Rahma", "Ratih", "Rina", "Rosmina", "Salma", "Sari", "Sinta", "Siti", "Sri", "Sulastri", "Tini",
    "Tri", "Umi", "Wahyuni", "Wati", "Yani", "Yohana", "Yuli", "Yuniarti", "Zahra",
)  # fmt: skip
BOYS = (
    "Adi", "Agung", "Agus", "Ahmad", "Aldi", "Andi", "Arif", "Asep", "Bagas", "Bayu", "Budi", "Cecep", "Dadang",
    "Danu", "Darma", "Dedi", "Deni", "Dimas", "Dodi", "Edi", "Eko", "Fajar", "Firman", "Galih", "Gilang", "Hadi",
    "Hendra", "Heri", "Ilham", "Imam", "Indra", "Irfan", "Joko", "Kurnia", "Leo", "Lukman", "Maulana", "Muhammad",
    "Nanang", "Oki", "Petrus", "Rahmat", "Rian", "Rizki", "Robi", "Samsul", "Slamet", "Sugeng", "Taufik", "Tono",
    "Ujang", "Wahyu", "Wawan", "Yanto", "Yosep", "Yusuf", "Zaenal",
)  # fmt: skip
SECOND = (
    "Amanah", "Andriani", "Apriani", "Ardiansyah", "Astuti", "Cahyani", "Damanik", "Fadilah", "Febrianti", "Firdaus",
    "Ginting", "Gunawan", "Handayani", "Haryanto", "Herawati", "Hidayat", "Iskandar", "Kencana", "Kusuma", "Laksana",
    "Lubis", "Mahendra", "Manurung", "Marlina", "Maulida", "Mulyani", "Nainggolan", "Nugraha", "Nurjanah", "Oktavia",
    "Pangestu", "Permana", "Pertiwi", "Prasetya", "Pratama", "Purnama", "Rahayu", "Ramadan", "Rohmah", "Safitri",
    "Sagala", "Saputra", "Setiawan", "Sihombing", "Simbolon", "Suryani", "Susanti", "Syahputra", "Tanjung", "Utami",
    "Wibowo", "Widodo", "Wijayanti", "Wulandari",
)  # fmt: skip
STREETS = ("Melati", "Kenanga", "Cempaka", "Mawar", "Anggrek", "Flamboyan", "Dahlia", "Teratai", "Kamboja", "Bougenvil")
MONONYMS = 0.18
RELIGIONS = {"ISLAM": 87.0, "KRISTEN": 7.5, "KATOLIK": 3.0, "HINDU": 1.7, "BUDDHA": 0.7, "KEPERCAYAAN": 0.1}
Values = dict[str, Any]


def invented_name(random: Random, sex: str) -> str:
    """A name of one to three words; one word is as normal as two."""
    given = GIRLS if sex == "P" else BOYS
    first = random.choice(given)
    if random.random() < MONONYMS:
        return first
    words = [first, random.choice(SECOND)]
    if random.random() < 0.2:
        words.insert(1, random.choice([name for name in given if name != first]))
    return " ".join(words)


def nik(*, district: str, born: date, sex: str) -> str:
    """A card number of the right shape with the serial 0000: recognisably nobody's."""
    return f"{district:0<6}{born.day + 40 * (sex == 'P'):02}{born:%m%y}0000"


class Population:
    """Draws people that do not repeat a name or a card number, from one seed."""

    def __init__(self, random: Random, *, today: date) -> None:
        self._random = random
        self._today = today
        self._names: set[str] = set()
        self._cards: set[str] = set()

    def victim(self, group: str, *, district: str) -> Values:
        """A victim of one of the four groups, e.g. 'child_girl', living in this district (4 digits)."""
        sex = "P" if group in ("child_girl", "woman") else "L"
        child = group.startswith("child")
        years = self._years(child=child)
        person = self._somebody(sex, district=district) | self._life(years, sex=sex)
        born = self._born(years)
        person |= self._age(years, born=born)
        if "?" not in person.get("birth_date", "?") and self._random.random() < 0.7:
            person |= self._card(born, person)
        if self._random.random() < 0.75:
            person |= self._contact()
        return person

    def adult(self, sex: str, *, district: str) -> Values:
        """Somebody else in a case: a parent, a witness, a suspect."""
        person = self._somebody(sex, district=district)
        return person | {"age": self._random.randint(24, 61)}

    def _somebody(self, sex: str, *, district: str) -> Values:
        name = invented_name(self._random, sex)
        while name in self._names:
            name = f"{invented_name(self._random, sex)} {self._random.choice(SECOND)}"
        self._names.add(name)
        return {
            "name": name, "sex": sex, "nationality": "ID", "region": self._random.choice(_wards(district)),
            "village": VILLAGES[sum(map(ord, name)) % len(VILLAGES)],
            "address": f"Jalan {self._random.choice(STREETS)} {self._random.randint(1, 120)}",
        }  # fmt: skip

    def _years(self, *, child: bool) -> int:
        bands = {name: weight for name, weight in weights("age").items() if (_band(name)[1] < 18) == child}
        first, last = _band(draw(self._random, bands))
        return self._random.randint(first, last)

    def _born(self, years: int) -> date:
        latest = self._today - timedelta(days=365 * years + years // 4 + 1)
        return latest - timedelta(days=self._random.randint(0, 363))

    def _age(self, years: int, *, born: date) -> Values:
        kind = self._random.random()
        if kind < 0.74:
            return {"birth_date": born.isoformat()}
        if kind < 0.86:
            return {"birth_date": f"{born:%Y-%m}-??"}
        return {"birth_date": f"{born:%Y}-??-??"} if kind < 0.92 else {"age": years}

    def _card(self, born: date, person: Mapping[str, Any]) -> Values:
        card = nik(district=person["region"], born=born, sex=person["sex"])
        if card in self._cards:
            return {}
        self._cards.add(card)
        return {"nik": card}

    def _contact(self) -> Values:
        safety = self._random.choices(["SAFE", "MESSAGE_ONLY", "TIMES_ONLY", "DO_NOT_CONTACT"], [60, 20, 12, 8])[0]
        notes = {"MESSAGE_ONLY": "Pesan singkat saja, jangan sebut nama lembaga.", "TIMES_ONLY": "Pukul 09.00-11.00."}
        # 0000 after the prefix: numbers that are possible, and given to nobody
        found = {"phone": f"+628{self._random.choice('1257')}10000{self._random.randint(1000, 9999)}"}
        return {**found, "contact_safety": safety} | ({"contact_note": notes[safety]} if safety in notes else {})

    def _life(self, years: int, *, sex: str) -> Values:
        draws = self._random
        schooling = _schooling(draws, years)
        work = "STUDENT" if 6 <= years < 18 and draws.random() < 0.75 else "NOT_WORKING"
        if years >= 18:
            work = draws.choice(("HOUSEWIFE", "FARMER", "LABOURER", "TRADER", "DOMESTIC", "NOT_WORKING", "PMI"))
            work = "FISHER" if work == "HOUSEWIFE" and sex == "L" else work
        married = draws.choice(("SINGLE", "MARRIED", "MARRIED", "DIVORCED")) if years >= 20 else "SINGLE"
        found: Values = {"education": schooling, "occupation": work, "marital_status": married}
        found["religion"] = draw(draws, RELIGIONS)
        if draws.random() < 0.06:
            found["disability"] = [draws.choice(("PHYSICAL", "SENS_HEARING", "INTELLECTUAL"))]
        if draws.random() < 0.15:
            found["health"] = draws.choice(
                ("Anemia, kurang gizi.", "Luka memar lama di lengan.", "Sulit tidur, mudah cemas.")
            )
        return found


@lru_cache
def _wards(district: str) -> tuple[str, ...]:
    return tuple(code for code in regions() if len(code) == 6 and code.startswith(district))


def _band(name: str) -> tuple[int, int]:
    """'13-17' -> (13, 17); '45+' -> (45, 58)."""
    first, dash, last = name.partition("-")
    return (int(first), int(last)) if dash else (int(name.rstrip("+")), 58)


def _schooling(random: Random, years: int) -> str:
    if years < 6:
        return "NONE"
    primary_only = weights("education")["primary_only"] / 100
    if years < 13 or random.random() < primary_only:
        return "SD_NG" if years < 13 else random.choice(("SD", "SD", "SD_NG"))
    return "SLTP" if years < 18 else random.choice(("SLTP", "SLTA", "SLTA", "S1"))
