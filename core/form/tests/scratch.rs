#![allow(missing_docs)]
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use ketuk_form::*;

fn fill(s: &mut Session, members: usize) -> usize {
    let mut n = 0;
    let mut put = |s: &mut Session, p: String, v: &str| {
        n += 1;
        s.answer(&p, Answer::Text(v.into())).unwrap_or_else(|e| panic!("{e}"));
    };
    put(s, "kunjungan/hasil".into(), "9");
    put(s, "kunjungan/responden".into(), "1");
    put(s, "keluarga/no_keluarga".into(), "12");
    put(s, "keluarga/alamat".into(), "Jl. Merdeka");
    while s.instances("anggota").len() < members { s.add("anggota").unwrap(); }
    for (i, m) in s.instances("anggota").into_iter().enumerate() {
        let (year, sex, rel, kawin) = match i { 0 => (1980, 1, 1, 2), 1 => (1985, 2, 2, 2), _ => (2005 + i, 1 + i % 2, 3, 1) };
        put(s, format!("{m}/siapa/nama"), "Siti Aminah");
        let day = if sex == 2 { 52 } else { 12 };
        put(s, format!("{m}/identitas/nik"), &format!("757101{day}03{:02}00{:02}", year % 100, i + 1));
        put(s, format!("{m}/identitas/jk"), &sex.to_string());
        put(s, format!("{m}/identitas/tgl_lahir"), &format!("{year}-03-12"));
        put(s, format!("{m}/identitas/akta_lahir"), "1");
        put(s, format!("{m}/perkawinan/hubungan"), &rel.to_string());
        put(s, format!("{m}/perkawinan/kawin"), &kawin.to_string());
        if kawin == 2 { put(s, format!("{m}/perkawinan/usia_kawin"), "22"); }
        if rel == 3 { put(s, format!("{m}/perkawinan/kode_ibu"), "2"); }
        for (q, v) in [("agama", "1"), ("pekerjaan", "1"), ("pendidikan", "1"), ("jaminan", "1"), ("keberadaan", "1")] {
            put(s, format!("{m}/sosial/{q}"), v);
        }
    }
    // the rest by what is asked
    for _ in 0..6 {
        for p in s.problems() {
            let v = if p.path.ends_with("_mulai") || p.path.ends_with("_berhenti") { "2023-01-01" } else if p.path.ends_with("orang_menetap") { "5" } else { "1" };
            if p.kind == ProblemKind::Required {
                n += 1;
                s.answer(&p.path, Answer::Text(v.into())).unwrap();
            }
        }
    }
    n
}

#[test]
fn pk() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../forms/pk");
    let book = Workbook::from_folder(&folder).unwrap();
    let start = Instant::now();
    let form = match Form::compile(&book) { Ok(form) => form, Err(faults) => panic!("{faults}") };
    println!("compile {:?}", start.elapsed());
    for w in form.warnings() { println!("{w}"); }
    let form = Arc::new(form);
    let mut ctx = Context::on(jiff::civil::date(2023, 7, 20));
    ctx.values.insert("ctx_baru".into(), "1".into());
    ctx.seed = 7;
    let mut s = Session::new(form.clone(), ctx.clone());
    for _ in 0..5 {
        let start = Instant::now();
        s = Session::new(form.clone(), ctx.clone());
        let new = start.elapsed();
        let n = fill(&mut s, 6);
        let filled = start.elapsed();
        let draft = s.draft();
        let drafted = start.elapsed() - filled;
        let doc = s.finish();
        println!("new {new:?} fill {n} {filled:?} per {:?} draft {drafted:?} total {:?}", (filled-new)/n as u32, start.elapsed());
        let t = Instant::now();
        let r = Session::resume(form.clone(), &draft, ctx.clone()).unwrap();
        println!("resume {:?}", t.elapsed());
        assert_eq!(r.draft(), draft);
        match doc { Ok(d) => {
            let v: serde_json::Value = serde_json::from_str(d.as_str()).unwrap();
            let t = Instant::now();
            let p = form.check(&v, &ctx);
            println!("check {:?} {} bytes {p:?}", t.elapsed(), d.as_str().len());
            let t = Instant::now();
            let u = Session::update_of(form.clone(), &v, ctx.clone());
            println!("update_of {:?} {:?} {:?}", t.elapsed(), u.dropped(), u.progress());
        }, Err(p) => println!("{p:#?}") }
    }
    println!("{}", s.preview().as_str());
}
