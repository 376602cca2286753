use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use ketuk_form::*;

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
    let start = Instant::now();
    let mut s = Session::new(form.clone(), ctx.clone());
    println!("new {:?}", start.elapsed());
    println!("{:#?}", s.screen());
    let c = s.answer("kunjungan/hasil", Answer::Choice("9".into())).unwrap();
    println!("{c:#?}");
    for r in s.contents() { println!("{:?}", r); }
    for p in s.problems() { println!("{} {}", p.path, p.message); }
    println!("{}", s.preview().as_str());
    println!("draft {}", serde_json::to_string(&s.draft()).unwrap());
}
