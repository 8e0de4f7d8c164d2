"""What happened in the sample cases: one pattern per mode, coded as a worker would code it, told as a worker would.

The texts are contents of records, in the language an office in Bandung writes in; they are never translated.
"""

from __future__ import annotations

from dataclasses import dataclass

Codes = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """One mode of trafficking: the codes that go with it and the sentences that tell it."""

    exploitation: Codes
    acts: Codes
    means: Codes
    purpose: Codes
    indicators: Codes
    control: Codes
    abroad: bool
    places: Codes  # where victims were taken, if not abroad
    transport: Codes
    told: Codes


STORIES: dict[str, Story] = {
    "PMI": Story(
        ("LAB.MIGRANT", "LAB.DOMESTIC"), ("ACT.RECRUIT", "ACT.SEND", "ACT.TAKE_OUT"),
        ("MEANS.DECEIVE", "MEANS.DEBT"), ("PURP.FORCED_LABOUR",),
        ("ILO.DECEPT_RECR.2", "ILO.COERC_DEST.3", "ILO.EXPLOIT.3", "ILO.EXPLOIT.1"),
        ("DOCS", "HOURS", "MOVEMENT"), True, (), ("AIR", "SEA_FERRY", "MULTI"),
        (
            "Dijanjikan bekerja sebagai pekerja rumah tangga dengan gaji empat juta rupiah. Paspor ditahan majikan "
            "sejak hari pertama, bekerja dari pukul lima pagi sampai tengah malam, gaji tidak pernah diterima.",
            "Berangkat dengan visa kunjungan melalui penyalur yang tidak berizin. Sesampainya di tujuan dipindahkan ke "
            "tiga rumah berbeda dan diberi tahu masih berutang biaya keberangkatan.",
            "Dijemput calo di rumah, dibuatkan KTP dengan umur lebih tua, lalu diberangkatkan lewat pelabuhan. "
            "Pulang melalui shelter perwakilan setelah melarikan diri dari rumah majikan.",
        ),
    ),
    "SEX": Story(
        ("SEX.PROST", "SEX.ONLINE"), ("ACT.RECRUIT", "ACT.HARBOUR", "ACT.TRANSFER"),
        ("MEANS.DECEIVE", "MEANS.ABUSE_VULN"), ("PURP.PROSTITUTION", "PURP.SEXUAL"),
        ("ILO.DECEPT_RECR.1", "ILO.COERC_RECR.3", "ILO.COERC_DEST.4"),
        ("DEBT", "THREATS", "EARNINGS"), False,
        ("Kota Batam", "Jakarta Utara", "Kota Bandung", "Kabupaten Karawang", "Denpasar"),
        ("LAND_CAR", "LAND_BUS", "AIR"),
        (
            "Ditawari menjadi pelayan kafe, ternyata harus menemani tamu. Tidak boleh keluar dari mes sebelum "
            "utang baju dan ongkos lunas.",
            "Berkenalan lewat media sosial dengan seorang laki-laki yang mengaku pacarnya, lalu ditawarkan kepada "
            "tamu melalui aplikasi pesan di sebuah hotel.",
            "Diajak teman bekerja di tempat karaoke. Penghasilan diambil pengelola, ponsel diperiksa setiap malam.",
        ),
    ),
    "CHILD": Story(
        ("SEX.CHILD",), ("ACT.RECRUIT", "ACT.HARBOUR", "ACT.SEND_CHILD"),
        ("MEANS.ABUSE_VULN", "MEANS.DECEIVE"), ("PURP.SEXUAL", "PURP.PROSTITUTION"),
        ("ILO.ABUSE_RECR.3", "ILO.ABUSE_RECR.1", "ILO.DECEPT_RECR.1"),
        ("FALSE_PROMISE", "PSYCH", "EARNINGS"), False,
        ("Kota Bandung", "Kabupaten Indramayu", "Jakarta Barat", "Kota Bekasi"), ("LAND_MOTOR", "LAND_CAR", "LAND_BUS"),
        (
            "Anak putus sekolah diajak kenalan daring untuk bekerja sebagai penjaga toko, kemudian ditempatkan di "
            "sebuah apartemen bersama dua anak lain.",
            "Keluarga melaporkan anak tidak pulang lima hari. Ditemukan bersama seorang perempuan dewasa yang "
            "mengatur pertemuan dengan pelanggan.",
            "Anak dijanjikan ponsel dan uang jajan. Percakapan di ponsel menunjukkan tarif dan pembagian hasil.",
        ),
    ),
    "SCAM": Story(
        ("CRIME.SCAM",), ("ACT.RECRUIT", "ACT.TAKE_OUT", "ACT.RECEIVE"),
        ("MEANS.DECEIVE", "MEANS.CONFINE", "MEANS.THREAT"),
        ("PURP.FORCED_LABOUR", "PURP.LABOUR_PROFIT"),
        ("ILO.DECEPT_RECR.1", "ILO.COERC_DEST.1", "ILO.COERC_DEST.4"), ("MOVEMENT", "PHYS", "DOCS"),
        True, (), ("AIR", "MULTI"),
        (
            "Melamar sebagai petugas layanan pelanggan berbahasa Indonesia. Ternyata ditempatkan di gedung "
            "berpagar dan diwajibkan menipu orang lewat percakapan daring; yang tidak mencapai target dipukul.",
            "Tiket dan hotel dibayari perekrut. Setelah tiba, dibawa melintasi perbatasan malam hari dan dijual ke "
            "perusahaan lain ketika meminta pulang.",
        ),
    ),
    "ABK": Story(
        ("LAB.SEA",), ("ACT.RECRUIT", "ACT.SEND", "ACT.TAKE_OUT"), ("MEANS.DECEIVE", "MEANS.DEBT", "MEANS.FORGE"),
        ("PURP.FORCED_LABOUR",), ("ILO.DECEPT_RECR.2", "ILO.EXPLOIT.1", "ILO.EXPLOIT.4"),
        ("DOCS", "HOURS", "NECESSITIES"), True, (), ("AIR", "SEA_FISHING"),
        (
            "Direkrut sebagai anak buah kapal ikan dengan buku pelaut palsu. Bekerja delapan belas jam sehari, makanan "
            "kurang, kontrak ditandatangani tanpa boleh dibaca.",
        ),
    ),
    "OTHER": Story(
        ("BEG", "MARR"), ("ACT.RECRUIT", "ACT.HARBOUR"), ("MEANS.ABUSE_VULN", "MEANS.PAYMENT"), ("PURP.EXTORTION",),
        ("ILO.ABUSE_RECR.1", "ILO.ABUSE_DEST.1"), ("EARNINGS", "PSYCH"), False,
        ("Kota Bandung", "Kota Cimahi", "Kota Cirebon"), ("LAND_CAR", "LAND_BUS"),
        (
            "Disuruh mengemis di perempatan sejak pagi dan menyetor penghasilan kepada seorang pengelola.",
            "Dijodohkan dengan laki-laki warga negara asing melalui perantara yang menerima bayaran; dokumen disiapkan "
            "tanpa sepengetahuan keluarga.",
        ),
    ),
}  # fmt: skip

# Recruitment by channel of the distribution: modes, place, what the suspect was to the victim.
CHANNELS: dict[str, tuple[dict[str, Codes], Codes, Codes]] = {
    "socmed": (
        {"": ("JOB_SOCMED",), "SCAM": ("ONLINE_SCAM_RECRUIT",), "CHILD": ("LOVER", "JOB_SOCMED"),
         "SEX": ("LOVER", "PROST_APP")},
        ("SOCNET",), ("ONLINE_STRANGER", "PARTNER"),
    ),
    "broker": (
        {"": ("SPONSOR_CALO", "JOB_AGENCY_ILLEGAL"), "ABK": ("SEAFARER",), "SEX": ("ENTERTAIN",),
         "CHILD": ("ENTERTAIN",), "OTHER": ("BEGGING_RING",)},
        ("VILLAGE",), ("BROKER",),
    ),
    "friend_family": (
        {"": ("FAMILY_SALE", "DEBT"), "SCAM": ("ONLINE_SCAM_RECRUIT",), "SEX": ("ENTERTAIN",)},
        ("FRIENDS", "FAMILY"), ("FRIEND", "RELATIVE", "NEIGHBOUR"),
    ),
    "other": (
        {"": ("JOB_AD_ONLINE", "INTERNSHIP"), "OTHER": ("BRIDE_ORDER", "BEGGING_RING"), "CHILD": ("DOC_FORGERY",)},
        ("ONLINE_AD", "WORK", "SCHOOL"), ("EMPLOYER", "STRANGER"),
    ),
}  # fmt: skip
PLATFORMS = ("FACEBOOK", "WHATSAPP", "TIKTOK", "INSTAGRAM", "MICHAT", "TELEGRAM")
ABROAD = {
    "MY": ("MY",),
    "KH_MM_LA_TH_PH": ("KH", "KH", "KH", "MM", "LA", "TH", "PH"),
    "other": ("SA", "AE", "TW", "HK"),
}
SUSPECT_ROLES = ("RECRUITER", "TRANSPORTER", "HARBOURER", "CONTROLLER", "EXPLOITER")
CHANNELS_IN = ("WALKIN", "PHONE", "WHATSAPP", "SAPA129", "REFERRAL", "OUTREACH", "POLICE", "REPATRIATION", "HEALTH")
REPORTERS = ("VICTIM", "FAMILY", "FAMILY", "NEIGHBOUR", "POLICE", "VOLUNTEER", "VILLAGE", "AGENCY", "FRIEND")


@dataclass(frozen=True, slots=True)
class Care:
    """A service: its need, the kind of agency that gives it, what it is for and what came of it."""

    service: str
    need: str
    provider: str  # agency_type, '' = this office
    goal: str
    result: str


CARE = (
    Care("P.PFA", "PSYCHOSOCIAL", "", "Korban merasa aman untuk bercerita.", "Korban lebih tenang, mau melanjutkan."),
    Care("H.MEDICAL", "MEDICAL", "RSUD", "Pemeriksaan kesehatan umum.", "Diperiksa, diberi obat, kontrol dua minggu."),
    Care(
        "H.VISUM", "MEDICAL", "RSUD", "Bukti medis untuk proses hukum.", "Visum dilakukan, hasil dikirim ke penyidik."
    ),
    Care("P.COUNSEL", "MENTAL", "", "Mengurangi gejala trauma.", "Empat pertemuan selesai, tidur membaik."),
    Care(
        "S.SHELTER",
        "SHELTER",
        "SHELTER_NGO",
        "Tempat tinggal yang aman.",
        "Tinggal tiga minggu, lalu kembali ke keluarga.",
    ),
    Care("S.BASIC", "PHYSICAL", "DINSOS", "Kebutuhan dasar terpenuhi.", "Paket kebutuhan dasar diterima."),
    Care("S.FAMTRACE", "FAMILY", "", "Keluarga ditemukan dan siap menerima.", "Bibi korban bersedia mengasuh."),
    Care("L.CONSULT", "LEGAL", "LBH", "Korban memahami haknya.", "Korban memahami hak restitusi dan memberi kuasa."),
    Care("L.REPORT", "LEGAL", "", "Laporan polisi dibuat dengan pendampingan.", "Laporan diterima, korban didampingi."),
    Care("L.LPSK", "SAFETY", "LPSK", "Perlindungan saksi dan korban.", "Permohonan diterima, ditelaah LPSK."),
    Care("A.CIVREG", "DOCUMENT", "DUKCAPIL", "Identitas yang benar.", "KTP dan KK baru diterbitkan."),
    Care(
        "E.SKILL",
        "EMPOWERMENT",
        "DINSOS",
        "Keterampilan untuk bekerja.",
        "Mengikuti pelatihan menjahit sampai selesai.",
    ),
    Care("E.EDU", "EDUCATION", "", "Kembali bersekolah.", "Terdaftar di kejar paket B."),
    Care("TPPO.5", "RETURN", "BP3MI", "Pulang dengan aman ke daerah asal.", "Dijemput keluarga di bandara."),
    Care("M.FOLLOWUP", "REINTEGRATION", "", "Pemantauan enam bulan.", "Keadaan stabil, tidak ada ancaman baru."),
)
NOTES = (
    ("VISIT", "Kunjungan rumah bersama kader. Keluarga menerima dengan baik, korban mulai membantu usaha ibunya."),
    ("CALL", "Menghubungi keluarga pada jam yang disepakati. Belum ada orang asing yang datang lagi ke rumah."),
    ("MEETING", "Rapat kasus dengan pendamping hukum dan psikolog; rencana layanan disepakati bersama korban."),
    ("OBSERVATION", "Korban tampak tegang bila nama perekrut disebut. Pertanyaan tentang perjalanan ditunda."),
    ("CALL", "Penyidik meminta jadwal pemeriksaan tambahan; disampaikan kepada korban dan pendampingnya."),
    ("VISIT", "Mengantar korban ke puskesmas. Hasil pemeriksaan dijelaskan dengan bahasa sederhana."),
    (
        "OBSERVATION",
        "Korban menyampaikan ingin melanjutkan sekolah. Perlu dibicarakan dengan wali dan dinas pendidikan.",
    ),
)
FEEDBACK = (
    "Layanan selesai diberikan. Mohon pemantauan lanjutan oleh lembaga perujuk.",
    "Korban telah didampingi; berkas disampaikan kepada pihak yang berwenang.",
)
