"""Writes old.xls, which tests/spreadsheets.rs reads: python make_xls.py, with the package xlwt."""

import datetime

import xlwt

book = xlwt.Workbook()
date = xlwt.easyxf(num_format_str="YYYY-MM-DD")

survey = book.add_sheet("Survey")
for column, header in enumerate(
    ["type", "name", "label::Bahasa Indonesia (id)", "required", "default", "relevant"]
):
    survey.write(0, column, header)
rows = [
    ["begin_group", "rumah", "Rumah \u2265 1"],
    ["select_one\u00a0 jawab", "milik", "Milik sendiri?", True],
    ["integer", "luas", "Luas rumah", True, 36.0],
    ["date", "tgl", "Tanggal", False, datetime.date(2023, 7, 1)],
    ["decimal", "harga", "Harga", "", 75.71],
    ["text", "nama", "Nama", "", "Siti", "${luas} > 0"],
    ["end_group"],
]
for row, cells in enumerate(rows, 1):
    for column, cell in enumerate(cells):
        if isinstance(cell, datetime.date):
            survey.write(row, column, cell, date)
        else:
            survey.write(row, column, cell)

choices = book.add_sheet("choices")
for row, cells in enumerate(
    [
        ["list_name", "name", "label"],
        ["jawab", 1, "Ya"],
        ["jawab", 2.0, "Tidak"],
        ["jawab", datetime.date(2023, 4, 15), "4-15"],
    ]
    # Many texts, so that those that cells share go on in a second record.
    + [["jawab", number, "Jawaban nomor %04d" % number] for number in range(10, 600)]
):
    for column, cell in enumerate(cells):
        if isinstance(cell, datetime.date):
            choices.write(row, column, cell, date)
        else:
            choices.write(row, column, cell)

settings = book.add_sheet("settings")
for column, (header, value) in enumerate([("form_id", "rumah"), ("version", 20230701)]):
    settings.write(0, column, header)
    settings.write(1, column, value)

book.add_sheet("Catatan").write(0, 0, "Not of the form")
book.save("old.xls")
