"""What a worker writes into the file of a sample case besides its report. Contents of records: never translated."""

from __future__ import annotations

STRENGTHS = (
    "Dekat dengan bibinya; percaya kepada pendamping.", "Terampil menjahit, ingin bekerja lagi.",
    "Adik dan kakaknya mendukung, rumahnya aman.",
)  # fmt: skip
OWN_WORDS = (
    "Saya hanya ingin pulang dan tidak ditanya lagi.", "Saya takut dia datang ke rumah.",
    "Saya tidak tahu kalau gajinya dipotong semua.",
)  # fmt: skip
WISHES = ("Bersekolah lagi.", "Bekerja dekat rumah.", "Gajinya dibayar.", "Pelaku tidak mengganggu keluarganya.")
FOUND = (
    "Kebutuhan dibahas bersama korban; yang mendesak dikerjakan minggu ini.",
    "Keadaan mulai tenang. Keluarga siap menerima setelah pemeriksaan selesai.",
)
SAFETY = {
    "dangers": "Perekrut mengetahui alamat rumah dan nomor ponsel keluarga.",
    "signs": "Telepon dari nomor tidak dikenal; orang menunggu di depan gang.",
    "steps": "Pindah ke rumah bibi, ganti nomor, hubungi pendamping sebelum bepergian.",
    "safe_places": "Rumah bibi; kantor kelurahan.",
    "contacts": "Pendamping di kantor; kepala lingkungan.",
    "code_word": "minta resep",
    "take_along": "Kartu identitas, obat, ponsel cadangan.",
}
CONFERENCE = {
    "place": "Ruang rapat kantor",
    "participants": "Pendamping, penyelia, penyidik, pekerja sosial Dinas Sosial.",
    "agenda": "Perkembangan penyidikan dan rencana pemulihan.",
    "decisions": "Korban didampingi pada setiap pemeriksaan; permohonan restitusi disiapkan bersama LBH.",
}
TASKS = (
    "Kirim salinan visum kepada penyidik", "Siapkan berkas restitusi", "Hubungi keluarga tentang jadwal kunjungan",
    "Minta SP2HP kepada penyidik", "Antar korban ke psikolog",
)  # fmt: skip
FLAGS = {
    "DANGER": "Perekrut masih mencari korban.", "CHILD": "Anak jangan ditinggal tanpa pendamping.",
    "NO_CONTACT": "Jangan menelepon ke rumah.", "MEDIA": "Wartawan pernah datang ke rumah keluarga.",
}  # fmt: skip
RIGHTS = ("CONFIDENTIAL", "COMPANION", "INFO_PROGRESS", "RESTITUTION", "LEGAL_AID", "HEALTH", "DEBT_VOID", "LPSK")
DENIED = "Belum ada tanggapan tertulis dari penyidik."
EMPOWERMENT = (
    ("TRAINING", "Menjahit", "Kursus menjahit tiga bulan", ("EMPLOYED", "SEARCHING")),
    ("CAPITAL", "Memasak", "Modal usaha warung makanan", ("BUSINESS", "STOPPED")),
    ("EDU", "Belajar", "Kejar paket bersama biaya perlengkapan", ("STUDYING",)),
)
VILLAGES = (
    "Mekarwangi", "Sukamaju", "Cikahuripan", "Margahayu Tengah", "Pasirjaya", "Sindangsari", "Karanganyar", "Cibodas",
)  # fmt: skip
