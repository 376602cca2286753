//! The sentences that the form itself says to who fills it, in Indonesian and English. They begin
//! with what is wrong and end with what to do.

/// The tongue for the engine's own sentences; chosen by the code of the form's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tongue {
    Indonesian,
    English,
}

impl Tongue {
    /// Indonesian for `id` and for no code at all, English for every other.
    pub(crate) fn of(code: Option<&str>) -> Tongue {
        match code {
            None | Some("id") => Tongue::Indonesian,
            Some(_) => Tongue::English,
        }
    }

    pub(crate) fn pick<T>(self, indonesian: T, english: T) -> T {
        match self {
            Tongue::Indonesian => indonesian,
            Tongue::English => english,
        }
    }

    pub(crate) fn month(self, month: i8) -> &'static str {
        let names = self.pick(
            "Jan Feb Mar Apr Mei Jun Jul Agu Sep Okt Nov Des",
            "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
        );
        let index = usize::try_from(month - 1).unwrap_or_default();
        names.split(' ').nth(index).unwrap_or_default()
    }

    pub(crate) fn weekday(self, from_monday: i8) -> &'static str {
        let names = self.pick("Sen Sel Rab Kam Jum Sab Min", "Mon Tue Wed Thu Fri Sat Sun");
        let index = usize::try_from(from_monday).unwrap_or_default();
        names.split(' ').nth(index).unwrap_or_default()
    }

    pub(crate) fn required(self) -> &'static str {
        self.pick(
            "Pertanyaan ini wajib diisi. Isi jawabannya.",
            "This question is required. Give an answer.",
        )
    }

    pub(crate) fn not_an_integer(self) -> &'static str {
        self.pick(
            "Jawaban ini bukan bilangan bulat. Tulis angka saja, misalnya 12.",
            "This is no whole number. Write digits only, for example 12.",
        )
    }

    pub(crate) fn not_a_number(self) -> &'static str {
        self.pick(
            "Jawaban ini bukan bilangan. Tulis angka, misalnya 12,5.",
            "This is no number. Write one, for example 12.5.",
        )
    }

    pub(crate) fn not_a_date(self) -> &'static str {
        self.pick(
            "Tanggal ini tidak ada. Tulis hari-bulan-tahun, misalnya 31-12-1990.",
            "There is no such date. Write day-month-year, for example 31-12-1990.",
        )
    }

    pub(crate) fn not_a_time(self) -> &'static str {
        self.pick(
            "Jam ini tidak ada. Tulis jam:menit, misalnya 07:30.",
            "There is no such time. Write hours:minutes, for example 07:30.",
        )
    }

    pub(crate) fn not_a_date_time(self) -> &'static str {
        self.pick(
            "Tanggal dan jam ini tidak ada. Pilih lagi tanggal dan jamnya.",
            "There is no such date and time. Choose both again.",
        )
    }

    pub(crate) fn not_a_place(self) -> &'static str {
        self.pick(
            "Lokasi ini tidak lengkap. Ambil lagi lokasinya.",
            "This location is not complete. Take it again.",
        )
    }

    pub(crate) fn not_a_file(self) -> &'static str {
        self.pick(
            "Berkas ini tidak bisa dipakai. Ambil atau pilih lagi.",
            "This file can't be used. Take or choose it again.",
        )
    }

    pub(crate) fn out_of_range(self) -> &'static str {
        self.pick(
            "Nilai ini di luar batas. Pilih nilai di antara batasnya.",
            "This value is out of range. Choose one within it.",
        )
    }

    pub(crate) fn not_a_choice(self) -> &'static str {
        self.pick(
            "Jawaban ini tidak ada dalam pilihan. Pilih jawaban yang sesuai.",
            "This answer is not among the choices. Choose one that fits.",
        )
    }

    pub(crate) fn constraint(self) -> &'static str {
        self.pick(
            "Jawaban ini tidak memenuhi syarat. Periksa dan perbaiki.",
            "This answer is not allowed. Check and correct it.",
        )
    }

    pub(crate) fn warning(self) -> &'static str {
        self.pick(
            "Jawaban ini tidak biasa. Perbaiki, atau tulis catatan bila memang benar.",
            "This answer is unusual. Correct it, or write a note if it is right.",
        )
    }

    pub(crate) fn unknown_question(self) -> &'static str {
        self.pick(
            "Formulir ini tidak memuat pertanyaan tersebut. Perbarui formulir di HP.",
            "This form holds no such question. Update the form on the phone.",
        )
    }

    pub(crate) fn wrong_shape(self) -> &'static str {
        self.pick(
            "Bentuk jawaban tidak sesuai jenis pertanyaan. Isi ulang jawabannya.",
            "The answer's form does not fit the question. Answer it again.",
        )
    }

    pub(crate) fn not_asked(self) -> &'static str {
        self.pick(
            "Pertanyaan ini tidak berlaku, tetapi ada jawabannya. Hapus jawabannya.",
            "This question does not apply, yet it is answered. Remove the answer.",
        )
    }

    pub(crate) fn calculated_otherwise(self) -> &'static str {
        self.pick(
            "Nilai hitungan tidak sama dengan hasil formulir. Simpan ulang pendataan ini.",
            "The calculated value is not what the form gives. Save this visit again.",
        )
    }

    pub(crate) fn bad_instance_id(self) -> &'static str {
        self.pick(
            "Tanda pengenal baris kosong atau dipakai dua kali. Simpan ulang pendataan ini.",
            "A row's identity is missing or used twice. Save this visit again.",
        )
    }

    pub(crate) fn other_choice(self) -> &'static str {
        self.pick("Lainnya", "Other")
    }

    pub(crate) fn other_question(self) -> &'static str {
        self.pick("Sebutkan lainnya.", "Specify other.")
    }

    pub(crate) fn add(self) -> &'static str {
        self.pick("Tambah", "Add")
    }
}
