//! The key of a phone's database: sealed to the server, opened for who has a new code.

use age::x25519::Recipient;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ketuk_wire::{
    PhoneKey, PhoneLock, RecoverRequest, RecoverResponse, RefusalCode, SealedKey, encode,
};
use reqwest::StatusCode;

use super::start::program;
use super::world::{Phone, World, cadres, on_each_database};

const KEY: [u8; 32] = [5; 32];

fn seal(recipient: &str, phone: &Phone<'_>) -> Vec<u8> {
    let recipient: Recipient = recipient.parse().unwrap();
    let sealed = SealedKey {
        device: phone.device,
        cadre: phone.welcome.cadre.id,
        key: PhoneKey(KEY),
    };
    age::encrypt(&recipient, &encode(&sealed).unwrap()).unwrap()
}

fn recover(
    world: &World,
    code: &str,
    sealed: &[u8],
) -> Result<RecoverResponse, (StatusCode, RefusalCode)> {
    let request = RecoverRequest {
        code: code.parse().unwrap(),
        sealed: BASE64.encode(sealed),
        model: "Uji".into(),
        app: "0.1.0".into(),
    };
    let answer = world.post("/v1/recover", None, encode(&request).unwrap());
    answer.map_err(|(status, refusal)| (status, refusal.code))
}

#[test]
fn a_new_code_of_the_same_cadre_opens_the_key_and_signs_the_phone_in_anew() {
    on_each_database(|world| {
        let mut ana = world.phone(0);
        let ops = [ana.visit(1, 1)];
        let sealed = seal(&ana.welcome.recipient, &ana);
        let (cadre, village) = &cadres()[0];
        let code = world.code_for(cadre, village);
        let recovered = recover(world, code.as_str(), &sealed).unwrap();
        assert_eq!(recovered.key, PhoneKey(KEY));
        assert_eq!(recovered.welcome.cadre, *cadre);
        ana.token = recovered.welcome.token;
        assert_eq!(ana.send(&ops).acks.len(), 1);
        // The answer may have been lost on the way.
        assert!(recover(world, code.as_str(), &sealed).is_ok());
    });
}

#[test]
fn the_code_that_a_phone_was_enrolled_with_opens_nothing() {
    on_each_database(|world| {
        let (cadre, village) = &cadres()[0];
        let code = world.code_for(cadre, village);
        let mut ana = world.phone(0);
        ana.welcome = world.enrol(&code, ana.device).unwrap();
        let sealed = seal(&ana.welcome.recipient, &ana);
        let spent = Err((StatusCode::GONE, RefusalCode::CodeSpent));
        assert_eq!(recover(world, code.as_str(), &sealed), spent);
    });
}

#[test]
fn neither_anothers_code_nor_anothers_seal_opens_it() {
    on_each_database(|world| {
        let ana = world.phone(0);
        let sealed = seal(&ana.welcome.recipient, &ana);
        let (budi, village) = &cadres()[1];
        let his = world.code_for(budi, village);
        assert_eq!(
            recover(world, his.as_str(), &sealed),
            Err((StatusCode::CONFLICT, RefusalCode::OtherCadre))
        );
        assert_eq!(
            recover(world, "0000-0000", &sealed),
            Err((StatusCode::NOT_FOUND, RefusalCode::NotFound))
        );
        let (cadre, village) = &cadres()[0];
        let hers = world.code_for(cadre, village);
        let elsewhere = age::x25519::Identity::generate().to_public().to_string();
        for strange in [seal(&elsewhere, &ana), b"a letter".to_vec()] {
            assert_eq!(
                recover(world, hers.as_str(), &strange),
                Err((StatusCode::UNPROCESSABLE_ENTITY, RefusalCode::Parcel))
            );
        }
        assert!(recover(world, hers.as_str(), &sealed).is_ok(), "not spent");
    });
}

fn told(world: &World, arguments: &[&str]) -> String {
    let mut command = program();
    command.args(arguments);
    world.point(&mut command);
    let output = command.output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{complaint}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn the_operator_says_beside_a_running_server_how_phones_are_locked() {
    on_each_database(|world| {
        assert_eq!(world.phone(0).welcome.campaign.lock, PhoneLock::default());
        told(world, &["lock-phones", "--pin", "true", "--after", "2"]);
        let lock = PhoneLock {
            pin: true,
            after_minutes: 2,
        };
        assert_eq!(world.phone(1).welcome.campaign.lock, lock);
    });
}

#[test]
fn the_operator_gives_a_code_and_takes_phones_out_beside_a_running_server() {
    on_each_database(|world| {
        let (mut ana, budi) = (world.phone(0), world.phone(1));
        let number = ana.welcome.cadre.id.to_string();
        assert_eq!(told(world, &["revoke", &number]), "1 phones were taken out");
        let refused = ana.ask(&ana.request(&[], None)).unwrap_err();
        assert_eq!(refused.0, StatusCode::FORBIDDEN);
        assert!(budi.ask(&budi.request(&[], None)).is_ok());
        let code = told(world, &["invite", &number]).parse().unwrap();
        ana.token = world.enrol(&code, ana.device).unwrap().token;
        assert!(ana.ask(&ana.request(&[], None)).is_ok());
    });
}
