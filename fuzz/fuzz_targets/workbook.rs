#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ketuk_fuzz::workbook(data));
