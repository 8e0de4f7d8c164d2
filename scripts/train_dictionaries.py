"""Trains the prefix dictionary of the columnar codec from synthetic text alone: a dictionary contains what it saw.

    python scripts/train_dictionaries.py [--check]

Every record is drawn, with a fixed seed, from the declared fields, the code lists and the words below; nothing is read
from a workspace or a centre. The result goes to resources/wire/<name>.dict; the name belongs into
app/wire/dictionaries.py, at the front: one that was ever shipped stays beside it.
"""

from __future__ import annotations

import random
import re
import sys
from pathlib import Path
from typing import Any

import zstandard

import app.models.all  # noqa: F401  every kind of record
from app.models.base import KINDS
from app.models.codelist import codelist
from app.models.field import Field, Kind, fields_of
from app.models.regions import regions
from app.paths import resource
from app.wire import MAX_PLAIN
from app.wire.columns import write_changes, write_rows
from app.wire.dictionaries import Dictionary, name_of
from app.wire.frames import Packer
from app.wire.messages import Change, FeedRow, RowKind
from app.wire.streams import Writer

SEED = 20261124
SIZE = 104 * 1024
OUT = Path(__file__).resolve().parent.parent / "resources" / "wire"
BATCHES = 260

WHO = [
    "korban",
    "terlapor",
    "pelapor",
    "saksi",
    "ibu",
    "korban",
    "ayah",
    "korban",
    "suami",
    "istri",
    "kakak",
    "adik",
    "paman",
    "bibi",
    "tetangga",
    "teman",
    "sekampung",
    "perekrut",
    "calo",
    "agen",
    "penyalur",
    "majikan",
    "mucikari",
    "sopir",
    "mandor",
    "pemilik",
    "kafe",
    "pengelola",
    "mes",
    "petugas",
    "penyelia",
    "pendamping",
    "pekerja",
    "sosial",
    "psikolog",
    "dokter",
    "perawat",
    "penyidik",
    "polisi",
    "jaksa",
    "hakim",
    "penasihat",
    "hukum",
    "kepala",
    "desa",
    "ketua",
    "RT",
    "ketua",
    "RW",
    "bidan",
    "desa",
    "guru",
    "wali",
    "kelas",
    "anak",
    "seorang",
    "perempuan",
    "seorang",
    "laki-laki",
    "keluarga",
    "kerabat",
    "petugas",
    "imigrasi",
]
DID = """dijanjikan bekerja sebagai|ditawari pekerjaan|dijemput dari rumah|diberangkatkan melalui pelabuhan|dibawa ke
mes|ditahan paspornya|disita dokumennya|dipaksa bekerja|tidak menerima gaji|tidak boleh keluar|melarikan diri dari
tempat kerja|melapor ke kantor polisi|dirujuk ke rumah aman|dijemput oleh petugas|mendapat pendampingan psikologis|
menjalani visum di rumah sakit|mengikuti pemeriksaan kesehatan|dipulangkan ke daerah asal|menandatangani surat kuasa|
memberikan persetujuan|menolak dirujuk|meminta penerjemah|menunggu hasil pemeriksaan|membutuhkan tempat tinggal
sementara|bertemu dengan keluarga|kembali bersekolah|mengikuti pelatihan keterampilan|menerima bantuan usaha|
diancam akan dilaporkan|dipukul oleh majikan|berutang biaya keberangkatan|dipindahkan ke kota lain|ditelepon setiap
minggu|dikunjungi di rumah|belum bersedia bercerita|sudah lebih tenang|mengeluh sulit tidur|meminta kasusnya
dirahasiakan|menyerahkan fotokopi KTP|mengurus surat kehilangan|mengajukan restitusi|hadir di persidangan|tidak hadir
pada pertemuan|akan dihubungi kembali|sudah dihubungi tetapi tidak menjawab|diantar ke bandara|naik kapal ke seberang|
bekerja dari pagi sampai malam|tidur di lantai bersama pekerja lain|hanya diberi makan dua kali sehari|tidak digaji
selama beberapa bulan|dipekerjakan di kapal ikan|dipekerjakan di kebun sawit|bekerja sebagai pekerja rumah tangga|
bekerja di tempat karaoke|ditempatkan di sebuah apartemen|berkenalan lewat media sosial""".replace("\n", " ").split("|")
WHEN = """sejak bulan lalu|pada tanggal tersebut|minggu depan|hari ini|kemarin sore|tadi pagi|setelah tiga bulan|selama
satu tahun|sebelum berangkat|sesampainya di tujuan|setiap hari|pada malam hari|sampai sekarang|mulai hari Senin|awal
tahun ini|akhir bulan|dua minggu kemudian|keesokan harinya|beberapa hari setelah itu""".replace("\n", " ").split("|")
WHERE = """di Kota Bandung|di Jakarta Utara|di Kabupaten Indramayu|di Kota Batam|di Surabaya|di Medan|di Pontianak|di
Entikong|di Nunukan|di Kupang|di Lombok Timur|di Cirebon|di Sukabumi|di Malaysia|di Kuala Lumpur|di Johor|di Arab Saudi|
di Hong Kong|di Taiwan|di Kamboja|di Myanmar|di rumah sakit daerah|di kantor polisi|di rumah aman|di kantor dinas
sosial|di UPTD PPA|di puskesmas|di pengadilan negeri|di kejaksaan|di bandara|di pelabuhan|di terminal bus|di rumah
majikan|di tempat penampungan|di balai desa""".replace("\n", " ").split("|")
LINKS = """dan kemudian|karena|sehingga|namun|tetapi|lalu|untuk|agar|dengan|tanpa|oleh|kepada|dari|serta|yang|ketika|
setelah itu|menurut keterangan|diketahui bahwa|selanjutnya|perlu|akan|telah|belum|sudah|masih|juga|atau""".replace(
    "\n", ""
).split("|")
NAMES = [
    "Siti",
    "Aminah",
    "Rukmini",
    "Dewi",
    "Lestari",
    "Ayu",
    "Wulan",
    "Sari",
    "Ningsih",
    "Ratna",
    "Budi",
    "Santoso",
    "Agus",
    "Setiawan",
    "Slamet",
    "Riyadi",
    "Joko",
    "Susilo",
    "Hendra",
    "Gunawan",
    "Rini",
    "Wahyuni",
    "Yanti",
    "Nurul",
    "Hidayah",
    "Fitri",
    "Handayani",
    "Maria",
    "Yosefina",
    "Kristina",
    "Made",
    "Wayan",
    "Ketut",
    "Putu",
    "Ahmad",
    "Muhammad",
    "Abdul",
    "Rahman",
    "Hasan",
    "Husein",
    "Yusuf",
    "Ibrahim",
    "Fatimah",
    "Khadijah",
    "Sumarni",
    "Suparti",
    "Suryani",
    "Tuti",
    "Wati",
]
STREETS = """Jl. Merdeka No. |Jl. Diponegoro No. |Jl. Sudirman Km |Gg. Mawar II No. |Kp. Cikaret RT 03 RW 05 No. |Dusun
Krajan RT 01 RW 02 No. |Perum Griya Indah Blok C No. |Jl. Raya Pantura No. """.replace("\n", " ").split("|")


# Beside the lists that ship: what no sentence does without.
COMMON = """
yang dan di ke dari untuk dengan pada ini itu tidak akan telah sudah belum masih juga atau karena oleh sebagai
dalam adalah ada bisa dapat harus saya kami kita mereka dia ia anak ibu bapak saudara atas bagi agar supaya jika bila
ketika saat setelah sebelum selama sejak hingga sampai antara tanpa namun tetapi sehingga serta maupun bahwa seperti
lebih kurang sangat sekali hanya lagi pernah sering selalu kadang hari minggu bulan tahun tanggal jam pukul pagi siang
sore malam januari februari maret april mei juni juli agustus september oktober november desember senin selasa rabu
kamis jumat sabtu minggu rupiah ribu juta satu dua tiga empat lima enam tujuh delapan sembilan sepuluh belas puluh ratus
bekerja dijanjikan gaji majikan paspor dokumen agen kapal korban keluarga rumah kantor polisi laporan kasus pendamping
pendampingan rujukan layanan psikolog dokter visum pemeriksaan kesehatan hukum restitusi persidangan aman tinggal pulang
kembali sekolah kerja uang utang bayar dibayar ditahan dipaksa diancam dipukul dijemput diantar dibawa dikirim diterima
dihubungi menghubungi melapor melaporkan meminta memberi memberikan membuat mencari menunggu mengikuti mendapat menjadi
menyatakan menjelaskan menyampaikan mengatakan menolak menyetujui menandatangani menelepon bertemu berangkat berjanji
bersedia berbicara bercerita tenang takut sakit luka tidur makan hamil bayi suami istri kakak adik paman bibi tetangga
teman kota kabupaten kecamatan desa kelurahan provinsi jalan nomor telepon ponsel pesan aplikasi media sosial foto surat
kuasa kartu identitas akta kelahiran ijazah bandara pelabuhan terminal bus mobil motor pesawat hotel kafe mes gudang
kebun pabrik toko restoran apartemen penampungan perekrut calo sponsor penyalur terlapor pelaku tersangka saksi
"""
PLACES = ("regions", "provinces", "nationality", "destination_country", "language")


class Listener(Packer):
    """Packs nothing: keeps what it was asked to pack."""

    def __init__(self) -> None:
        super().__init__(level=1, prefix=b"")
        self.heard: list[bytes] = []

    def pack(self, plain: bytes) -> bytes:
        """Remember it."""
        self.heard.append(plain)
        return plain


class Drawing:
    """Records drawn by chance."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.now = 1_790_000_000_000
        self.office = self.id()
        self.people = [(self.id(), " ".join(self.chance.sample(NAMES, 2))) for _ in range(6)]

    def id(self) -> bytes:
        """A UUIDv7 of about now."""
        bits = self.chance.getrandbits(74)
        value = self.now << 80 | 7 << 76 | (bits >> 62) << 64 | 2 << 62 | bits & (1 << 62) - 1
        return value.to_bytes(16, "big")

    def sentence(self, words: int) -> str:
        """About so many words a worker may write."""
        said: list[str] = []
        while len(said) < words:
            part = self.chance.choice((WHO, DID, DID, WHEN, WHERE, LINKS, LINKS))
            said += self.chance.choice(part).split()
        text = " ".join(said[: max(words, 1)])
        return text[:1].upper() + text[1:] + self.chance.choice((".", ".", "", ","))

    def value(self, declared: Field, *, moment: int) -> Any:
        """A wire value of this field."""
        pick = self.chance
        if declared.kind is Kind.CODE or declared.kind is Kind.CODES:
            codes = [entry.code for entry in codelist(declared.codelist).choices()] if declared.codelist else ["A", "B"]
            return (
                sorted(set(pick.choices(codes, k=pick.randint(1, 4))))
                if declared.kind is Kind.CODES
                else pick.choice(codes)
            )
        if declared.kind is Kind.DATE:
            return f"{pick.randint(1960, 2026)}-{pick.randint(1, 12):02}-{pick.randint(1, 28):02}"
        if declared.kind is Kind.DATETIME:
            return moment - pick.choice((0, 0, pick.randrange(10**8)))
        if declared.kind is Kind.INT:
            return pick.randint(0, 40)
        if declared.kind is Kind.BOOL:
            return pick.random() < 0.5
        if declared.kind is Kind.PHONE:
            return f"+628{pick.randrange(10**9):09}"
        if declared.kind is Kind.NIK:
            return f"32{pick.randrange(10**14):014}"
        if declared.kind is Kind.REGION:
            return f"{pick.choice((32, 33, 35, 12, 61))}.{pick.randint(1, 20):02}.{pick.randint(1, 20):02}"
        if declared.kind is Kind.REF:
            return self.id().hex()
        return self.text(declared)

    def text(self, declared: Field) -> str:
        """A text as this field may hold it."""
        if "name" in declared.key:
            return " ".join(self.chance.sample(NAMES, 2))
        if "address" in declared.key:
            return self.chance.choice(STREETS) + str(self.chance.randint(1, 90))
        return self.sentence(self.chance.randint(15, 60) if declared.kind is Kind.LONG else self.chance.randint(1, 6))

    def content(self, kind: str, *, moment: int, share: float) -> dict[str, Any]:
        """Some fields of a record; what would be sealed is left out: it looks like chance."""
        fields = [
            f
            for f in fields_of(KINDS[kind])
            if not f.sealed and (f.group in ("entry", "link") or self.chance.random() < share)
        ]
        content = {f.key: self.value(f, moment=moment) for f in fields}
        content |= {"made_at": moment, "made_by": self.people[0][0].hex(), "made_office": self.office.hex()}
        return content

    def change(self, kind: str) -> Change:
        """One operation: a new record, or an edit of a few fields."""
        self.now += self.chance.randrange(900_000)
        record, case = self.id(), self.id()
        new = self.chance.random() < 0.6
        content = self.content(kind, moment=self.now, share=0.6)
        if not new:
            content = {key: content[key] for key in self.chance.sample(sorted(content), k=min(2, len(content)))}
        changes = {key: {"add": v, "remove": []} if isinstance(v, list) else v for key, v in content.items()}
        who = self.chance.choice(self.people)
        return Change(kind, record, case, 0 if new else self.chance.randrange(9000), new, changes, *who, self.now)

    def row(self, kind: str, seq: int) -> FeedRow:
        """One line of a feed."""
        self.now += self.chance.randrange(900_000)
        return FeedRow(seq, RowKind.FULL, kind, self.id(), seq, self.content(kind, moment=self.now, share=0.6))


def words() -> tuple[str, ...]:
    """Words that workers write: those no sentence does without first, then the lists that ship, then places.

    Words of one part stand together: which 256 a word is in tells little then, and packs well.
    """
    common = _words_of([*WHO, *DID, *WHEN, *WHERE, *LINKS, *COMMON.split()])
    texts = [resource("wordlist.txt").read_text(encoding="ascii")]
    for path in sorted(resource("codelists").glob("*.csv")):
        if path.stem not in PLACES:
            texts += [code.label_id for code in codelist(path.stem).choices()]
    places = _words_of([region.name for region in regions().values()])
    return tuple(dict.fromkeys([*common, *_words_of(texts), *places]))


def _words_of(texts: list[str]) -> list[str]:
    return sorted({word.lower() for text in texts for word in re.findall("[A-Za-z]{2,}", text)})


def trained() -> bytes:
    """The dictionary: the same bytes with every run of the same versions of the libraries."""
    drawing, listener = Drawing(SEED), Listener()
    shared, kinds = Dictionary(words()), sorted(KINDS)
    for turn in range(BATCHES):
        writer = Writer(listener, limit=MAX_PLAIN, words=shared.index)
        some = [*drawing.chance.sample(kinds, 3), "case", "note"]
        size = drawing.chance.choice((3, 6, 15, 60))
        if turn % 3:
            changes = [drawing.change(drawing.chance.choice(some)) for _ in range(size)]
            write_changes(changes, writer=writer, names={})
        else:
            write_rows([drawing.row(drawing.chance.choice(some), seq) for seq in range(size)], writer=writer)
    samples = [heard for heard in listener.heard if len(heard) > 8]
    heard: list[bytes | bytearray | memoryview[int]] = list(samples)
    prefix = zstandard.train_dictionary(SIZE - len(Dictionary(shared.words).packed()), heard, k=200, d=8, level=19)
    return Dictionary(shared.words, prefix.as_bytes()).packed()


def main() -> int:
    """Write the dictionary, or say whether the one that is there is the one these words give."""
    data = trained()
    path = OUT / f"{name_of(data)}.dict"
    if "--check" in sys.argv:
        same = path.exists() and path.read_bytes() == data
        print(path.name, "is there" if same else "is not there")
        return 0 if same else 1
    OUT.mkdir(exist_ok=True)
    path.write_bytes(data)
    print(path.name, len(data), "bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
