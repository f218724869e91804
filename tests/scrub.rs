//! Payloads made fit to share: nothing of the original is left, and they deviate where they did.
#![cfg(feature = "serde")]

mod harness;

#[allow(dead_code, reason = "an example's module, of which tests use a part")]
#[path = "../examples/scrub/main.rs"]
mod scrub;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use encoding_rs::EUC_KR;
use proptest::prelude::*;
use scrub::{Reading, layers};
use serde_json::Value;
use tongsa::{Config, Entity, Limits, Tolerance};

/// The errors of all files, shared out among the cores.
fn shared_out(files: &[PathBuf], check: &(dyn Fn(&[u8]) -> Result<(), String> + Sync)) {
    let one = |path: &PathBuf| {
        let file = fs::read(path).expect("a readable file");
        check(&file).err().map(|error| format!("{}: {error}", path.display()))
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let wrong: Vec<String> = thread::scope(|scope| {
        let one = &one;
        let share = |first: usize| move || files.iter().skip(first).step_by(threads).filter_map(one).collect();
        let workers: Vec<_> = (0..threads).map(|first| scope.spawn(share(first))).collect();
        let found = |worker: thread::ScopedJoinHandle<'_, Vec<String>>| worker.join().expect("no panic");
        workers.into_iter().flat_map(found).collect()
    });
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

/// Runs of digits that are neither codes, nor dates, nor lengths.
fn numbers(file: &[u8]) -> BTreeSet<&[u8]> {
    let runs = file.split(|byte| !byte.is_ascii_digit());
    runs.filter(|run| run.len() >= 9 && run.len() != 14).collect()
}

/// The message that a file holds, if one.
fn message(file: &[u8]) -> Option<Value> {
    let entity = Entity::parse_http(file.to_vec().into(), &Limits::default()).ok()?.entity;
    let decoded = tongsa::decode(&entity, &Config { tolerance: Tolerance::Lenient, ..Config::default() }).ok()?;
    Some(serde_json::to_value(decoded.message).unwrap())
}

/// What must differ where it says anything, by its place in the canonical JSON.
const SECRETS: &[&str] = &[
    "/transaction_id",
    "/message_id",
    "/linked_id",
    "/sender/vasp_id",
    "/sender/vas_id",
    "/sender/cp_id",
    "/sender/callback",
    "/sender/billing",
    "/sender/alias",
    "/sender/origin_code",
    "/recipients/to/0/number",
    "/recipients/to/0/email",
    "/recipient/number",
    "/from/number",
    "/subject",
    "/content/text",
    "/content/media/0/name",
    "/content/media/0/content_id",
    "/status/text",
    "/fault_string",
];

fn is_said(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

/// Everything that is promised of every file.
fn holds(file: &[u8]) -> Result<(), String> {
    let check = |holds: bool, what: &str| if holds { Ok(()) } else { Err(what.to_owned()) };
    let scrubbed = scrub::scrub(file, "a key")?;
    check(scrubbed.len() == file.len(), "another length")?;
    check(scrub::scrub(file, "a key")? == scrubbed, "another time, another file")?;
    let (before, after) = (numbers(file), numbers(&scrubbed));
    check(before.is_disjoint(&after), "a number is left")?;
    check(before.len() == after.len(), "two numbers have become one")?;
    let mobile = |number: &[u8]| number.len() != 11 || !number.starts_with(b"010") || number.starts_with(b"0100000");
    check(after.iter().all(|number| mobile(number)), "a number that somebody may have")?;
    let lines = |file: &[u8]| {
        file.iter().enumerate().filter(|(_, byte)| b"\r\n<>".contains(byte)).map(|(at, _)| at).collect::<Vec<_>>()
    };
    check(lines(file) == lines(&scrubbed), "lines or tags have moved")?;
    // In the decoder's own words, not those of the command.
    let facts = |file: &[u8]| {
        let file = Entity::parse_http(file.to_vec().into(), &Limits::default()).ok()?;
        let decoded = tongsa::decode(&file.entity, &Config { tolerance: Tolerance::Lenient, ..Config::default() });
        Some(match decoded {
            Ok(decoded) => {
                let found = decoded
                    .deviations
                    .iter()
                    .map(|found| (found.kind.code(), found.at.space, found.at.offset, found.expected));
                (Some(decoded.candidates.clone()), found.collect::<Vec<_>>(), 0)
            }
            Err(error) => (None, Vec::new(), error.at().offset),
        })
    };
    check(facts(file) == facts(&scrubbed), "another dialect, or other deviations")?;
    let (Some(before), Some(after)) = (message(file), message(&scrubbed)) else { return Ok(()) };
    for path in SECRETS {
        let text = |message: &Value| message.pointer(path).and_then(Value::as_str).map(str::to_owned);
        // What only says something in bytes that are no characters stays.
        if text(&before).is_some_and(|before| is_said(&before)) && text(&before) == text(&after) {
            return Err(format!("{path} is left: {:?}", text(&before)));
        }
    }
    Ok(())
}

#[test]
fn scrubs_every_vector() {
    shared_out(&harness::vectors(), &holds);
}

#[test]
fn scrubs_real_payloads() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/captures");
    let Ok(entries) = fs::read_dir(&folder) else {
        eprintln!("skipped: {} is absent", folder.display());
        return;
    };
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    let files: Vec<_> = paths.filter(|path| !path.ends_with("README.md")).collect();
    shared_out(&files, &holds);
}

#[test]
fn scrubs_every_cut_of_a_payload() {
    let file =
        fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/payloads/s-submit-malformed.http")).unwrap();
    for len in (0..file.len()).step_by(97) {
        if let Ok(scrubbed) = scrub::scrub(&file[..len], "key") {
            assert_eq!(scrubbed.len(), len);
            assert!(numbers(&file[..len]).is_disjoint(&numbers(&scrubbed)), "{len}");
        }
    }
}

fn vector(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name)).expect("a vector")
}

#[test]
fn depends_on_the_key() {
    let file = vector("s/submit_req/text-and-one-image.http");
    let [one, other] = ["one", "other"].map(|key| scrub::scrub(&file, key).unwrap());
    assert_ne!(one, other);
    assert_eq!(Reading::of(&one).facts, Reading::of(&other).facts);
}

fn scrubbed(text: &str) -> String {
    String::from_utf8(scrub::scrub(text.as_bytes(), "key").unwrap()).unwrap()
}

/// What stands between two others, each time.
fn between<'t>(text: &'t str, start: &str, end: &str) -> Vec<&'t str> {
    text.split(start).skip(1).filter_map(|rest| rest.split(end).next()).collect()
}

#[test]
fn gives_the_same_the_same_and_others_others() {
    let text = scrubbed(
        "POST /relay1/01000012345 HTTP/1.1\r\nX-To: 01000012345\r\nAuthorization: Basic aGVsbG86d29ybGQ=\r\n\r\n\
         <a href=\"cid:part7@host\"><n>01000012345</n><n>01000054321</n>&#50504;&#45397; 안녕<c src='part7@host'/></a>",
    );
    let number = between(&text, "<n>", "</n>");
    assert!(number.iter().all(|number| number.starts_with("0100000") && number.len() == 11), "{text}");
    assert_ne!(number[0], number[1]);
    assert_eq!(text.matches(number[0]).count(), 3, "{text}");
    assert_eq!(between(&text, "cid:", "\""), between(&text, "src='", "'"));
    assert!(!text.contains("aGVsbG86d29ybGQ") && !text.contains("relay1") && !text.contains("part7"), "{text}");
    let references: Vec<u32> = between(&text, "&#", ";").iter().map(|digits| digits.parse().unwrap()).collect();
    let meant: String = references.into_iter().filter_map(char::from_u32).collect();
    assert!(meant != "안녕" && text.contains(&format!("; {meant}<")), "{text}");
}

#[test]
fn makes_no_two_words_one() {
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<BTreeSet<_>>();
    let text = (10..80).map(|number| number.to_string()).collect::<Vec<_>>().join(" ");
    let after = scrubbed(&format!("A: b\r\n\r\n{text}"));
    assert_eq!(words(after.rsplit('\n').next().unwrap()).len(), 70, "{after}");
}

#[test]
fn keeps_what_says_nothing() {
    let file = "HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=\"euc-kr\"\r\nDate: Thu, 01 Aug 2024 00:30:00 GMT\r\n\r\n\
        <?xml version=\"1.0\" encoding=\"euc-kr\"?><e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body>\
        <MM7Version>5.3.0</MM7Version><TimeStamp>2024-08-01T09:30:00+09:00</TimeStamp><MessageClass>Personal</MessageClass>\
        <ExpiryDate>20240808093000</ExpiryDate><Priority>Normal</Priority><ReadReply>True</ReadReply>\
        <StatusCode>1000</StatusCode><MMStatus>Retrieved</MMStatus></e:Body></e:Envelope>";
    assert_eq!(scrubbed(file), file);
    // But not in other words, nor in text.
    let other = scrubbed(
        "<a><MessageClass>Haengbok</MessageClass><Subject>Normal 1000</Subject><TimeStamp>01000012345</TimeStamp></a>",
    );
    for word in ["Haengbok", "Normal", "1000<", "01000012345"] {
        assert!(!other.contains(word), "{other}");
    }
}

#[test]
fn keeps_the_class_of_every_character() {
    let text = "Abc 012 가힣 똠방 뷁 漢字 かな ＡＢ é ★— 😀";
    let after = scrubbed(&format!("<a>{text}</a>"));
    let class = |c: char| {
        let mut utf8 = [0; 4];
        let bytes = EUC_KR.encode(c.encode_utf8(&mut utf8)).0.into_owned();
        let extension = bytes.len() == 2 && bytes.iter().any(|&byte| byte < 0xA1);
        (c.is_ascii_digit(), c.is_lowercase(), c.is_uppercase(), c.len_utf8(), bytes.len(), extension)
    };
    let classes = |text: &str| text.chars().map(class).collect::<Vec<_>>();
    assert_eq!(classes(&format!("<a>{text}</a>")), classes(&after), "{after}");
    for c in text.chars().filter(|c| c.is_alphanumeric() || *c == '😀') {
        assert!(!after.chars().skip(3).zip(text.chars()).any(|(new, old)| old == c && new == c), "{c} in {after}");
    }
    assert!(after.contains('★') && after.contains('—'));
}

#[test]
fn opens_what_is_encoded() {
    let file = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\
        Content-Transfer-Encoding: base64\r\n\r\nMDEwMDAw\r\nMTIzNDUgaQ==\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\
        Content-Transfer-Encoding: quoted-printable\r\n\r\n01000012345=\r\n =EA=B0=80=3D\r\n--b--";
    let text = scrubbed(file);
    let base64 = between(&text, "base64\r\n\r\n", "\r\n--")[0];
    let mut lines = base64.as_bytes().to_vec();
    let mut opened = Vec::new();
    layers::base64(&mut lines, |content| opened = content.to_vec());
    let number = between(&text, "printable\r\n\r\n", "=")[0];
    assert!(opened.starts_with(number.as_bytes()) && opened.len() == 13, "{text}");
    assert!(base64.contains("\r\n") && base64.ends_with("=="), "{text}");
    assert!(text.contains("=\r\n =E") && text.contains("=3D\r\n") && !text.contains("=EA=B0=80"), "{text}");
}

#[test]
fn scrambles_media_and_makes_no_delimiter() {
    let mut file = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: image/jpeg\r\n\r\n".to_vec();
    let start = file.len();
    file.extend(b"\xFF\xD8\xFF\xE0");
    file.extend((0..4000_u32).map(|at| u8::try_from(at * at % 251).unwrap()).filter(|byte| !b"\r\n-".contains(byte)));
    let end = file.len();
    file.extend(b"\r\n--b--");
    let scrubbed = scrub::scrub(&file, "key").unwrap();
    assert_eq!(scrubbed[start..start + 3], file[start..start + 3]);
    let media = &scrubbed[start + 3..end];
    assert!(media.iter().zip(&file[start + 3..]).filter(|(new, old)| new == old).count() < media.len() / 4);
    assert!(!media.iter().any(|byte| b"\r\n-".contains(byte)));
}

fn command(arguments: &[&str]) -> Result<Vec<u8>, (String, u8)> {
    let arguments = arguments.iter().map(ToString::to_string).collect();
    scrub::command(arguments).map_err(|failure| (failure.message, failure.code))
}

#[test]
fn refuses_wrong_arguments_and_input() {
    let usage = |message: &str| Err((message.to_owned(), 2));
    assert_eq!(command(&["a"]), usage("--key is missing"));
    assert_eq!(command(&["--key", "", "a"]), usage("--key is missing"));
    assert_eq!(command(&["a", "--key"]), usage("--key wants a value"));
    assert_eq!(command(&["--key", "k"]), usage("no file given"));
    assert_eq!(command(&["--key", "k", "a", "b"]), usage("one file at a time: b"));
    assert_eq!(command(&["--keys", "k", "a"]), usage("unknown option --keys"));
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("scrub");
    fs::create_dir_all(&folder).unwrap();
    assert_eq!(command(&["--key", "k", folder.join("absent").to_str().unwrap()]).unwrap_err().1, 1);

    let file = folder.join("file.http");
    let run = |bytes: &[u8]| {
        fs::write(&file, bytes).unwrap();
        command(&["--key", "k", file.to_str().unwrap()])
    };
    assert_eq!(run(b"<a>hi</a>").map(|bytes| bytes.len()), Ok(9));
    let path = file.display();
    let numbers = (0..5001).map(|number| format!("0101234{number:04}")).collect::<Vec<_>>().join(" ");
    assert_eq!(run(numbers.as_bytes()), Err((format!("{path}: more than 5000 telephone numbers"), 1)));
}

#[test]
fn refuses_what_it_would_alter() {
    // Shift_JIS, whose characters are no pairs of CP949.
    let entity = vector("s/submit_req/plain-text-part.http");
    let text =
        encoding_rs::SHIFT_JIS.encode("日本語の文章がここに長く続いています。電話番号もあります。").0.into_owned();
    let at = memchr::memmem::find(&entity, b"text/plain").unwrap();
    let (head, rest) = entity.split_at(at);
    let blank = memchr::memmem::find(rest, b"\r\n\r\n").unwrap() + 4;
    let end = memchr::memmem::find(&rest[blank..], b"\r\n--").unwrap() + blank;
    let file = [head, b"text/plain; charset=shift_jis\r\n\r\n", &text, &rest[end..]].concat();
    let error = scrub::scrub(&file, "key").unwrap_err();
    assert!(error.starts_with("not scrubbed, it would read otherwise: "), "{error}");
    assert!(!error.contains('\n'));
}

#[test]
fn refuses_to_leave_what_the_decoder_reads_as_text() {
    let text = |text: &str| {
        let file =
            String::from_utf8(vector("s/submit_req/plain-text-part.http").into_iter().filter(u8::is_ascii).collect())
                .unwrap();
        let at = file.find("text/plain").unwrap();
        let start = at + file[at..].find("\r\n\r\n").unwrap() + 4;
        let end = start + file[start..].find("\r\n--").unwrap();
        scrub::scrub([&file[..start], text, &file[end..]].concat().as_bytes(), "key")
            .map(|bytes| String::from_utf8(bytes).unwrap())
    };
    assert!(!text("<Honggildong> 1").unwrap().contains("Honggildong"), "plain text has no tags");
    // What looks like an envelope has.
    assert_eq!(text("<Honggildong> Envelope").unwrap_err(), "not scrubbed, something would be left: content.text");
}

proptest! {
    /// Opening and closing a layer without a change changes nothing, and a change stays in its place.
    #[test]
    fn writes_layers_back(
        text in prop::collection::vec(prop::sample::select(b"Ab9+/=\r\n =C3=B0\xB0".to_vec()), 0..60),
    ) {
        for layer in [layers::base64 as fn(&mut [u8], Box<dyn FnOnce(&mut [u8])>), layers::quoted_printable] {
            let mut same = text.clone();
            layer(&mut same, Box::new(|_| {}));
            prop_assert_eq!(&same, &text);
        }
        let mut changed = text.clone();
        layers::base64(&mut changed, |content| content.iter_mut().for_each(|byte| *byte ^= 0x55));
        layers::base64(&mut changed, |content| content.iter_mut().for_each(|byte| *byte ^= 0x55));
        prop_assert_eq!(&changed, &text);
    }

    /// Whatever stands in a file, it is scrubbed or refused, and no mobile number comes through.
    #[test]
    fn survives_any_bytes(pieces in prop::collection::vec(prop_oneof![
        prop::sample::select(vec![
            &b"<a b='"[..], b"'>", b"</a>", b"<", b">", b"=", b"\"", b"--b", b"\r\n", b"\r\n\r\n", b"Content-Type: ", b"boundary=b;",
            b"&#x", b"41;", b"&amp;", b"cid", b"01000012345", b"base64", b"<![CDATA[", b"]]>", b"<!--", b"-->", b"\xB0\xA1", b"<?",
            b"Content-Transfer-Encoding: ", b"POST / HTTP/1.1\r\n",
        ]).prop_map(<[u8]>::to_vec),
        prop::collection::vec(any::<u8>(), 0..4),
    ], 0..24)) {
        let file = pieces.concat();
        if let Ok(scrubbed) = scrub::scrub(&file, "key") {
            prop_assert_eq!(scrubbed.len(), file.len());
            prop_assert!(memchr::memmem::find(&scrubbed, b"01000012345").is_none());
        }
    }
}
