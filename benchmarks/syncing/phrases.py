"""What the invented reports are put together from: sentences with gaps, and the names and things that fill them.

W a word, N a name, P a place, D a day, M an amount, T a number, H an hour; the rest stands as it is.
"""

from __future__ import annotations

GIVEN = (
    "Siti", "Nur", "Dewi", "Sri", "Ayu", "Rina", "Lestari", "Wulan", "Aminah", "Ratna", "Yuni", "Maria", "Fatimah",
    "Kartini", "Indah", "Puji", "Lilis", "Eni", "Murni", "Tuti", "Rosa", "Yanti", "Halimah", "Sulis", "Weni", "Agus",
    "Budi", "Slamet", "Joko", "Asep", "Dedi", "Hendra", "Rudi", "Yusuf", "Ahmad", "Iwan", "Eko", "Bambang", "Tono",
    "Samsul", "Petrus", "Yohanes", "Ketut", "Wayan", "Made", "Nyoman", "Daud", "Markus", "Rahmat", "Ujang", "Cecep",
    "Hasan", "Ridwan", "Gunawan", "Hari", "Irfan", "Arif", "Firman", "Dian", "Tri", "Endang", "Wati", "Ningsih",
    "Rukmini", "Salmah", "Jumiati", "Kasih", "Melati", "Suryati", "Partini", "Ester", "Yuliana", "Debora", "Novita",
)  # fmt: skip
FAMILY = (
    "Rahmawati", "Lestari", "Susanti", "Wahyuni", "Handayani", "Setiawan", "Hidayat", "Saputra", "Nugroho", "Kurniawan",
    "Simanjuntak", "Siregar", "Nasution", "Lubis", "Harahap", "Sinaga", "Tampubolon", "Manurung", "Ginting", "Tarigan",
    "Wibowo", "Santoso", "Suharto", "Prasetyo", "Utomo", "Purnomo", "Permana", "Sutrisno", "Mulyadi", "Suryadi",
    "Tobing", "Pangaribuan", "Lumbantoruan", "Mandagi", "Rumengan", "Tambunan", "Lase", "Zebua", "Gulo", "Halawa",
    "Bere", "Taek", "Nahak", "Seran", "Klau", "Tefa", "Benu", "Selan", "Manu", "Neno", "Asmara", "Anggraini", "Puspita",
    "Kusuma", "Maharani", "Pratiwi", "Safitri", "Oktaviani", "Febriani", "Maulana", "Firdaus", "Ramadhan", "Syahrial",
)  # fmt: skip
SENTENCES = (
    "Pelapor N datang ke kantor pada D pukul H dan menyampaikan bahwa W W W di P belum kembali sejak D.",
    "Korban dijanjikan pekerjaan sebagai W di P dengan upah M setiap bulan oleh seorang agen bernama N.",
    "Menurut N, agen meminta biaya sebesar M untuk W dan W, dibayar melalui W di P.",
    "Setelah tiba di P dokumen korban diambil oleh N dan disimpan di W bersama W milik T orang lain.",
    "Korban bekerja T jam sehari tanpa W, dan hanya menerima M selama T bulan.",
    "Keluarga menerima pesan terakhir pada D pukul H: ia takut kepada N karena W W.",
    "N mengaku pernah melihat W dan W di rumah penampungan di P, dijaga oleh T orang.",
    "Perjalanan dimulai dari P melalui P dengan W, lalu dilanjutkan pada malam hari dengan W ke P.",
    "Utang korban kepada N tercatat sebesar M dan bertambah M setiap W.",
    "Saksi N, tetangga korban di P, bersedia memberi keterangan tentang W W pada D.",
    "Anak korban yang berumur T tahun tinggal bersama N di P dan memerlukan W W.",
    "Nomor telepon yang dipakai agen berakhir T T T dan terakhir aktif di sekitar P pada D.",
    "Korban mengalami W pada W, sudah diperiksa di puskesmas P pada D, dan diberi W.",
    "Petugas telah menghubungi kepolisian P pada D dan diterima oleh N dengan W W.",
    "Rencana berikutnya: W W W bersama N, paling lambat D, di P.",
    "Korban meminta agar W W tidak diberitahukan kepada N maupun keluarga di P.",
    "Pemilik usaha W di P, dikenal sebagai N, mengancam akan W bila korban W.",
    "Uang sebesar M dikirim pada D dari P atas nama N untuk keperluan W W.",
    "Ia berangkat bersama T orang lain dari P; N dan N sudah pulang pada D, yang lain masih W.",
    "Bukti yang diserahkan: W, W, dan T lembar W yang ditandatangani oleh N di P.",
    "Komunikasi dengan korban hanya dapat dilakukan pukul H lewat W milik N, sehingga W W W.",
    "Kepala desa P, N, membenarkan bahwa surat jalan dibuat pada D tanpa W W.",
    "Korban diturunkan di P tanpa W, lalu ditolong oleh N yang bekerja sebagai W W.",
    "Pihak W di P menyatakan W W W, tetapi N tidak dapat menunjukkan W sampai D.",
)  # fmt: skip
SHORT = ("P", "P, P", "W W, P", "rumah N, P", "pelabuhan P", "terminal W, P", "kapal W W", "pabrik W, P", "T W di P")
