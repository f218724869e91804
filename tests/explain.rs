//! The picture of a payload: complete, in step with the decoder, and as it is on record in `tests/explain/`.
//!
//! `TONGSA_WRITE_EXPLAIN=1 cargo test --test explain` writes the record anew, and `docs/explain.svg` with it; then `git diff`
//! says what a person will see.
#![cfg(feature = "serde")]

mod harness;

#[allow(dead_code, reason = "an example's module, of which tests use a part")]
#[path = "../examples/explain/main.rs"]
mod explain;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use explain::picture::{self, Line, Role};
use explain::{Explained, page};
use proptest::prelude::*;
use tongsa::{Config, Decoded, DialectId, Entity, HttpFile, Limits, Message, QuirkSet};

fn command(arguments: &[&str]) -> Result<Explained, (String, u8)> {
    let arguments = arguments.iter().map(ToString::to_string).collect();
    explain::command(arguments).map_err(|failure| (failure.message, failure.code))
}

fn shown(arguments: &[&str]) -> Explained {
    command(arguments).unwrap_or_else(|(message, _)| panic!("{arguments:?}: {message}"))
}

/// The record: what is asked for each file of `tests/explain/`.
const RECORD: &[(&str, &[&str])] = &[
    ("s-malformed", &["examples/payloads/s-submit-malformed.http"]),
    ("s-live", &["examples/payloads/s-submit.http"]),
    ("l-broken", &["examples/payloads/l-submit-broken.http"]),
    ("l-broken-strict", &["--tolerance", "strict", "--width", "80", "examples/payloads/l-submit-broken.http"]),
    ("l-error", &["examples/payloads/l-error.http"]),
    ("l-report", &["examples/payloads/l-report.xml"]),
    ("k-html-in-base64", &["tests/vectors/k/submit_req/html-in-base64.http"]),
    ("k-damaged", &["--carrier", "k", "tests/vectors/k/submit_req/text-undecodable.http"]),
    ("undecodable", &["--carrier", "s", "tests/vectors/s/broken/document-type.http"]),
    ("cut-in-the-header", &["tests/vectors/k/broken/cut-in-the-header.http"]),
    ("against-s-live", &["--against", "s-test", "examples/payloads/s-submit.http"]),
    ("against-s-malformed", &["--against", "s-test", "examples/payloads/s-submit-malformed.http"]),
    ("against-other-carrier", &["--against", "k", "examples/payloads/l-submit.http"]),
    ("against-itself", &["--against", "l", "examples/payloads/l-submit.http"]),
];

/// What `docs/explain.svg` shows.
const DRAWING: &[&str] = &["--width", "100", "examples/payloads/s-submit-short.http"];

fn on_record(path: &Path, text: &str) -> Option<String> {
    if std::env::var_os("TONGSA_WRITE_EXPLAIN").is_some() {
        fs::write(path, text).expect("a writable record");
    }
    let known = fs::read_to_string(path).unwrap_or_default();
    (known != text).then(|| path.display().to_string())
}

#[test]
fn shows_what_is_on_record() {
    let folder = Path::new("tests/explain");
    let mut names = BTreeSet::new();
    let differs = |(name, arguments): &(&str, &[&str])| {
        let explained = shown(arguments);
        let exit = explained.failure.map_or(String::new(), |failure| format!("error: {}\n", failure.message));
        let text = picture::text(&explained.lines, false);
        on_record(&folder.join(format!("{name}.txt")), &format!("$ explain {}\n{text}{exit}", arguments.join(" ")))
    };
    let wrong: Vec<String> = RECORD.iter().filter_map(differs).collect();
    assert!(wrong.is_empty(), "not as on record: {wrong:?}");
    names.extend(RECORD.iter().map(|(name, _)| format!("{name}.txt")));
    let files = fs::read_dir(folder).expect("the record").map(|entry| entry.expect("a file").file_name());
    assert_eq!(files.map(|name| name.to_string_lossy().into_owned()).collect::<BTreeSet<_>>(), names, "no other file");
}

#[test]
fn is_quoted_in_the_docs_as_it_is() {
    let docs = fs::read_to_string("docs/explain.md").unwrap();
    let against = shown(&["--against", "s-test", "examples/payloads/s-submit.http"]).lines;
    let told = [shown(&["examples/payloads/s-submit-short.http"]).lines, against].concat();
    let told = picture::text(&told, false);
    let quoted: Vec<&str> = docs.split("```text\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert_eq!(quoted.len(), 2);
    for block in quoted.iter().flat_map(|block| block.split("…\n")) {
        assert!(told.contains(block), "{block}");
    }
}

#[test]
fn draws_what_is_on_record() {
    let lines = shown(DRAWING).lines;
    let drawing = page::svg(DRAWING.last().expect("a file"), &lines);
    assert_eq!(on_record(Path::new("docs/explain.svg"), &drawing), None);
    let drawn = roxmltree::Document::parse(&drawing).expect("XML");
    assert_eq!(drawn.root_element().tag_name().name(), "svg");
    let is_kept = |name: &str| drawn.descendants().all(|node| !node.has_tag_name(name));
    assert!(["script", "image", "a", "foreignObject"].into_iter().all(is_kept), "what a drawing may not hold");
}

/// The errors of all files, shared out among the cores.
fn shared_out(files: &[PathBuf], check: &(dyn Fn(&Path) -> Result<(), String> + Sync)) {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let one = |path: &PathBuf| check(path).err().map(|error| format!("{}: {error}", path.display()));
    let wrong: Vec<String> = thread::scope(|scope| {
        let one = &one;
        let share =
            |first: usize| move || files.iter().skip(first).step_by(threads).filter_map(one).collect::<Vec<_>>();
        let workers: Vec<_> = (0..threads).map(|first| scope.spawn(share(first))).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no panic")).collect()
    });
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

fn read(path: &Path) -> Result<(HttpFile, Decoded), String> {
    let bytes = fs::read(path).expect("a readable file");
    let file = Entity::parse_http(bytes.into(), &Limits::default()).map_err(|error| error.to_string())?;
    let decoded = tongsa::decode(&file.entity, &harness::lenient()).map_err(|error| error.to_string())?;
    Ok((file, decoded))
}

/// A row of the picture: where it begins, the heading above it, and what is written under it.
#[derive(Debug)]
struct Drawn {
    at: usize,
    heading: String,
    source: String,
    labels: Vec<String>,
}

fn drawn(lines: &[Line]) -> Vec<Drawn> {
    let mut rows: Vec<Drawn> = Vec::new();
    let mut heading = String::new();
    for line in lines {
        if line.is_heading() {
            heading = line.text();
        }
        let of = |roles: &[Role]| {
            let runs = line.runs.iter().filter(|run| roles.contains(&run.role));
            runs.map(|run| run.text.clone()).collect::<Vec<_>>()
        };
        if let Some(at) = line.anchor {
            let source = of(&[Role::Plain]).concat();
            rows.push(Drawn { at, heading: heading.clone(), source, labels: Vec::new() });
        } else if let Some(row) = rows.last_mut().filter(|row| row.heading == heading) {
            row.labels.extend(of(&[Role::Expected, Role::Surprise, Role::Fatal]));
        }
    }
    rows
}

/// The picture says what the decoder says, where it says it, and leaves nothing of the payload out.
fn agrees(path: &Path) -> Result<(), String> {
    let name = path.to_str().expect("a name in UTF-8");
    let explained = shown(&[name]);
    let Ok((file, decoded)) = read(path) else {
        let failure = explained.failure.ok_or("no failure")?;
        let is_told =
            drawn(&explained.lines).iter().any(|row| row.labels.iter().any(|label| label.contains("error: ")));
        return if is_told { Ok(()) } else { Err(format!("{} is nowhere", failure.message)) };
    };
    if let Some(failure) = explained.failure {
        return Err(format!("fails with {}", failure.message));
    }
    let rows = drawn(&explained.lines);
    let mut told: Vec<(usize, String)> = Vec::new();
    for row in &rows {
        for label in &row.labels {
            let words: Vec<&str> = label.split([' ', '|']).filter(|word| !word.is_empty()).collect();
            let codes = words.windows(2).filter(|pair| matches!(pair[0], "expected:" | "surprise:"));
            told.extend(codes.map(|pair| (row.at, pair.join(" ").trim_end_matches(',').to_owned())));
        }
    }
    let place = |at: usize| rows.iter().rposition(|row| row.at <= at).map_or(0, |index| rows[index].at);
    let mut found: Vec<(usize, String)> = Vec::new();
    for deviation in &decoded.deviations {
        let at = place(file.file_offset(deviation.at.space, deviation.at.offset));
        let word = if deviation.expected { "expected" } else { "surprise" };
        found.push((at, format!("{word}: {}", deviation.kind)));
        let part = deviation.at.path.as_str().split('/').next().filter(|part| part.starts_with("part["));
        let heading = &rows.iter().rfind(|row| row.at == at).ok_or("a deviation in no row")?.heading;
        if part.is_some_and(|part| !heading.starts_with(&format!("{part}, "))) {
            return Err(format!("{deviation} is under {heading:?}"));
        }
    }
    told.sort();
    found.sort();
    if told != found {
        let missing: Vec<_> = found.iter().filter(|found| !told.contains(found)).collect();
        return Err(format!("not shown: {missing:?}; {} for {}", told.len(), found.len()));
    }
    let bytes = fs::read(path).expect("a readable file");
    let is_whole = !rows.iter().any(|row| row.source.starts_with('…'));
    let graphic =
        |bytes: &[u8]| String::from_utf8(bytes.iter().copied().filter(u8::is_ascii_graphic).collect()).unwrap();
    // Letters of two bytes have an ASCII half at times, and bytes that are none are written in ASCII.
    if is_whole && bytes.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()) {
        let sources: String = rows.iter().map(|row| graphic(row.source.as_bytes())).collect();
        if sources != graphic(&bytes) {
            return Err("something of it is not shown".into());
        }
    }
    Ok(())
}

#[test]
fn agrees_with_the_decoder_on_every_vector() {
    shared_out(&harness::vectors(), &agrees);
}

fn captures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/captures");
    let Ok(entries) = fs::read_dir(&folder) else {
        eprintln!("skipped: {} is absent", folder.display());
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    paths.filter(|path| !path.ends_with("README.md")).collect()
}

#[test]
fn agrees_with_the_decoder_on_real_payloads() {
    shared_out(&captures(), &|path| {
        let explained = shown(&["--against", "s-test", path.to_str().expect("a name in UTF-8")]);
        let is_told = explained.failure.is_some() || explained.lines[1].text().starts_with("Against s-test: ");
        agrees(path).and(if is_told { Ok(()) } else { Err("not compared".into()) })
    });
}

#[test]
fn names_the_six_errors_of_xml_in_ss_interface_document() {
    let Some(path) = captures().into_iter().find(|path| path.ends_with("skt-1.txt")) else { return };
    let rows = drawn(&shown(&[path.to_str().unwrap()]).lines);
    let xml = rows.iter().take_while(|row| row.heading.starts_with("part[0],")).flat_map(|row| {
        let codes =
            row.labels.iter().flat_map(|label| label.split_whitespace()).filter(|word| word.starts_with("xml/"));
        codes.map(|code| (row.at, code.to_owned())).collect::<Vec<_>>()
    });
    let expected = [
        (145, "xml/quote-typographic"),
        (348, "xml/quote-typographic"),
        (1633, "xml/end-tag-blank"),
        (1820, "xml/end-tag-blank"),
        (2135, "xml/attribute-separator"),
        (2135, "xml/attribute-lt"),
        (2194, "xml/end-tag-repeated-start"),
        (2234, "xml/text-after-root"),
    ];
    let found: Vec<_> = xml.collect();
    assert_eq!(found, expected.map(|(at, code)| (at, code.to_owned())), "six kinds, eight places");
}

/// A file of this test's own.
fn file(name: &str, bytes: &[u8]) -> String {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("explain");
    fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join(name);
    fs::write(&path, bytes).expect("a writable file");
    path.to_str().expect("a path in UTF-8").to_owned()
}

#[test]
fn shows_every_cut_of_a_payload() {
    for (index, name) in ["s-submit-malformed.http", "l-submit-broken.http", "s-submit-short.http"].iter().enumerate() {
        let bytes = fs::read(Path::new("examples/payloads").join(name)).unwrap();
        for len in (index..bytes.len()).step_by(211) {
            let path = file(&format!("cut-{index}"), &bytes[..len]);
            agrees(Path::new(&path)).unwrap_or_else(|error| panic!("{name} cut at {len}: {error}"));
            let _ = command(&["--against", "s-test", &path]).expect("lines");
        }
    }
}

fn rows_of(explained: &Explained) -> Vec<Drawn> {
    drawn(&explained.lines)
}

#[test]
fn shows_each_value_at_its_place() {
    let lines = shown(&["examples/payloads/s-submit.http"]).lines;
    let message: Message = serde_json::from_slice(&fs::read("examples/payloads/s-submit.json").unwrap()).unwrap();
    let mut values = Vec::new();
    gather("", &serde_json::to_value(&message).unwrap(), &mut values);
    let slots: String = lines
        .iter()
        .flat_map(|line| &line.runs)
        .filter(|run| run.role == Role::Slot)
        .map(|run| run.text.clone() + "\n")
        .collect();
    let missing: Vec<_> = values.iter().filter(|value| !slots.contains(&**value)).collect();
    assert!(missing.is_empty(), "{missing:#?} not in\n{slots}");
    // And beside the element that says it.
    let text = picture::text(&lines, false);
    let beside = |source: &str, slot: &str| text.lines().any(|line| line.contains(source) && line.contains(slot));
    assert!(beside("<VASPID>99</VASPID>", "sender.vasp_id: \"99\""), "{text}");
    assert!(beside("<DeliveryReport>True</DeliveryReport>", "delivery_report: true"), "{text}");
    assert!(beside("<Subject>", "subject: \"예약 안내\""), "{text}");
    let error = picture::text(&shown(&["examples/payloads/l-error.http"]).lines, false);
    for slot in ["status.code: 6102", "status.outcome: \"rejected\"", "status.reason: \"number_ported\""] {
        assert!(error.contains(slot), "what the code means: {error}");
    }
}

/// Every scalar of a message as the picture names it. The operation is the name of an element; of the scene and its runs, only
/// the attributes and texts that differ from what the dialect writes of itself are in the message.
fn gather(path: &str, value: &serde_json::Value, values: &mut Vec<String>) {
    match value {
        _ if path == "operation"
            || path.starts_with("content.presentation")
            || path.rsplit('.').next() == Some("data") => {}
        serde_json::Value::Object(map) => {
            map.iter().for_each(|(key, value)| {
                gather(&if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, value, values);
            });
        }
        serde_json::Value::Array(list) => {
            list.iter().enumerate().for_each(|(index, value)| gather(&format!("{path}[{index}]"), value, values));
        }
        value => values.push(format!("{path}: {value}")),
    }
}

fn encoded(dialect: DialectId, message: &Message, quirks: QuirkSet) -> Vec<u8> {
    dialect.codec(Config { quirks, ..Config::default() }).encode(message).unwrap().entity.to_http()
}

/// The line that counts the differences.
fn counted(explained: &Explained) -> String {
    explained.lines[1].text()
}

#[test]
fn finds_no_difference_in_what_the_dialect_itself_wrote() {
    for &dialect in DialectId::ALL {
        for operation in harness::messages::operations() {
            for (nth, message) in harness::messages::full(operation, dialect.code()).iter().enumerate() {
                let bytes = encoded(dialect, message, QuirkSet::EMPTY);
                let path = file(&format!("{dialect}-own"), &bytes);
                let explained = shown(&["--dialect", dialect.code(), "--against", dialect.code(), &path]);
                let text = picture::text(&explained.lines, false);
                // An id that two parts have, say, which a violation announces: no difference but those, each with its name.
                let entity = Entity::parse_http(bytes.into(), &Limits::default()).unwrap().entity;
                let decoded = dialect.codec(harness::lenient()).decode(&entity).unwrap();
                let expected = match decoded.surprises().count() {
                    0 => ": no difference".to_owned(),
                    1 => ": 1 difference;".to_owned(),
                    surprises => format!(": {surprises} differences;"),
                };
                assert!(counted(&explained).contains(&expected), "{dialect} {operation} {nth}\n{text}");
                assert!(decoded.surprises().all(|found| text.contains(found.kind.code())), "{text}");
            }
        }
    }
}

#[test]
fn names_every_quirk_as_a_difference() {
    let message: Message = serde_json::from_slice(&fs::read("examples/payloads/s-submit.json").unwrap()).unwrap();
    for &dialect in DialectId::ALL {
        let codec = dialect.codec(Config { quirks: QuirkSet::all(), ..Config::default() });
        let written = codec.encode(&message).unwrap();
        let path = file(&format!("{dialect}-quirks"), &written.entity.to_http());
        let text =
            picture::text(&shown(&["--dialect", dialect.code(), "--against", dialect.code(), &path]).lines, false);
        let differences = text.split("What the names mean").next().unwrap_or_default();
        assert!(written.quirks.iter().count() > 10, "{dialect}: {:?}", written.quirks);
        for quirk in written.quirks.iter() {
            assert!(differences.contains(quirk.code()), "{dialect}: {quirk} not in\n{text}");
        }
    }
}

#[test]
fn tells_the_dialects_of_s_apart_by_what_they_write() {
    let text = |arguments: &[&str]| picture::text(&shown(arguments).lines, false);
    let live = text(&["--against", "s-test", "examples/payloads/s-submit.http"]);
    for told in [
        "s-test writes it in part[0]/Envelope/Body/SubmitReq/SenderIdentification",
        "s-test | <TimeStamp>20240801093000</TimeStamp>",
        "part[1].part[0]/smil/head/meta: missing",
        "s-test calls it text",
        "content/reference-scheme S-33",
    ] {
        assert!(live.contains(told), "{told} not in\n{live}");
    }
    let test = text(&["--against", "s-live", "examples/payloads/s-submit-test.http"]);
    for told in [
        "SubmitReq/LinkedID: missing",
        "s-live writes it in part[0]/Envelope/Body/SubmitReq\n",
        "Content-Type: application/smil",
    ] {
        assert!(test.contains(told), "{told} not in\n{test}");
    }
    assert!(!live.contains("boundary=") && !live.contains("_Part_0_0987905870"), "a boundary is no difference");
}

#[test]
fn writes_pages_that_stand_alone() {
    let mut files = harness::vectors();
    files.retain(|path| path.to_str().is_some_and(|path| path.len() % 5 == 0));
    assert!(files.len() > 60);
    let page = |path: &Path| -> Result<(), String> {
        let lines = shown(&[path.to_str().unwrap()]).lines;
        let page = page::html("a <title> & 'more'", &lines);
        let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
        let document = roxmltree::Document::parse_with_options(&page, options).map_err(|error| error.to_string())?;
        let mut text = String::new();
        for node in document.descendants() {
            let elsewhere = |name: &str| matches!(name, "src" | "srcset" | "style") || name.starts_with("on");
            if let Some(attribute) = node.attributes().find(|attribute| elsewhere(attribute.name())) {
                return Err(format!("an attribute {}", attribute.name()));
            }
            if ["script", "link", "iframe", "object", "img"].contains(&node.tag_name().name()) {
                return Err(format!("an element {}", node.tag_name().name()));
            }
            if let Some(href) = node.attribute("href") {
                let target = href.strip_prefix('#').ok_or("a link elsewhere")?;
                let is_there = document.descendants().any(|node| node.attribute("id") == Some(target));
                is_there.then_some(()).ok_or(format!("a link to nothing: {href}"))?;
            }
            if node.is_text() && node.ancestors().any(|node| ["pre", "h1", "h2"].contains(&node.tag_name().name())) {
                text += node.text().unwrap_or_default();
            }
        }
        let graphic = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        let is_same = graphic(&text) == graphic(&picture::text(&lines, false));
        let foreign = page.contains("url(") || page.contains("@import");
        if is_same && !foreign { Ok(()) } else { Err("not what the terminal shows".into()) }
    };
    shared_out(&files, &page);
}

#[test]
fn writes_files_whole_or_not_at_all() {
    let page = file("page.html", b"an older one");
    let explained = shown(&["--html", &page, "examples/payloads/l-error.http"]);
    assert!(!explained.is_shown, "the page is instead of the text");
    let written = fs::read_to_string(&page).unwrap();
    assert_eq!(written, page::html("examples/payloads/l-error.http", &explained.lines));
    let folder = Path::new(&page).parent().unwrap();
    let absent = folder.join("absent").join("page.html");
    let (message, code) = command(&["--html", absent.to_str().unwrap(), "examples/payloads/l-error.http"]).unwrap_err();
    assert!(code == 1 && message.starts_with(absent.to_str().unwrap()), "{message}");
    // A folder cannot be written over; what was written beside it is gone.
    let taken = folder.join("taken");
    fs::create_dir_all(taken.join("inside")).unwrap();
    assert_eq!(command(&["--html", taken.to_str().unwrap(), "examples/payloads/l-error.http"]).unwrap_err().1, 1);
    let left = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(!left.into_iter().any(|name| name.contains(".part")), "something half-written is left");
}

#[test]
fn refuses_wrong_arguments_and_input_in_one_line() {
    let usage = |message: &str| Some((message.to_owned(), 2));
    assert_eq!(command(&[]).err(), usage("no file given"));
    assert_eq!(command(&["a", "b"]).err(), usage("one file at a time: b"));
    assert_eq!(command(&["--against", "s-old", "a"]).err(), usage("unknown dialect: s-old"));
    assert_eq!(command(&["--carrier", "q", "a"]).err(), usage("unknown carrier: q"));
    assert_eq!(command(&["--tolerance", "none", "a"]).err(), usage("unknown tolerance: none"));
    assert_eq!(command(&["--width", "wide", "a"]).err(), usage("--width wants a number"));
    assert_eq!(command(&["--carriers", "s", "a"]).err(), usage("unknown option --carriers"));
    let payload = "examples/payloads/l-error.http";
    assert_eq!(command(&["--carrier", "k", "--dialect", "l", payload]).err(), usage("l is no dialect of carrier k"));
    let (message, code) = command(&["tests/explain/absent"]).unwrap_err();
    assert!(code == 1 && message.starts_with("tests/explain/absent: "), "{message}");

    // What cannot be read is shown all the same.
    let path = file("empty", b"");
    let explained = shown(&[&path]);
    assert_eq!(
        explained.failure.map(|failure| (failure.message, failure.code)),
        Some(("the body is empty at byte 0".into(), 1))
    );
    let path = file("text", b"Internal Server Error");
    let explained = shown(&[&path]);
    let rows = rows_of(&explained);
    assert!(
        rows[0].source.contains("Internal Server Error")
            && rows[0].labels.concat().contains("a header section without end"),
        "{rows:?}"
    );
    assert_eq!(explained.failure.map(|failure| failure.code), Some(1));
    let refused = shown(&["--tolerance", "strict", "examples/payloads/l-submit-broken.http"]);
    let failure = refused.failure.expect("refused");
    assert!(
        failure.code == 1 && failure.message.ends_with("(accepted with --tolerance observed) at byte 459 (part[0])"),
        "{}",
        failure.message
    );
}

/// A payload is nobody's friend: what it holds reaches neither the terminal nor the page as anything but letters.
#[test]
fn lets_no_control_character_through() {
    let hostile = "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body><SubmitReq><Subject>\u{1b}]0;x\u{7}\u{202e}\u{200b}\u{9b}31m&#x202E;<b onload='x'></Subject></SubmitReq></e:Body></e:Envelope>";
    let path = file("hostile\u{1b}[31m", hostile.as_bytes());
    let lines = shown(&["--carrier", "s", &path]).lines;
    let text = picture::text(&lines, false);
    let is_harmless = |c: char| c == '\n' || (!c.is_control() && !"\u{202e}\u{200b}".contains(c));
    assert!(text.chars().all(is_harmless), "{text:?}");
    assert!(text.contains("\\x1B]0;x\\x07"), "{text}");
    let page = page::html(&path, &lines);
    assert!(page.chars().all(|c| c == '\n' || !"\u{202e}\u{200b}\u{7}".contains(c)), "{page:?}");
    assert!(!page.contains("<b onload"), "{page}");
    // And what is styled differs from what is plain by escape sequences of colour alone.
    let styled = picture::text(&lines, true);
    let mut plain = String::new();
    for (index, piece) in styled.split("\x1b[").enumerate() {
        let text = if index == 0 { piece } else { piece.split_once('m').expect("a colour").1 };
        plain.push_str(text);
    }
    let trimmed = |text: &str| text.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
    assert_eq!(trimmed(&plain), trimmed(&text));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    /// Whatever stands in a file, there is a picture of it, and a page.
    #[test]
    fn survives_any_bytes(pieces in prop::collection::vec(prop_oneof![
        prop::sample::select(vec![
            &b"<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body><SubmitReq>"[..],
            b"</SubmitReq></e:Body></e:Envelope>", b"<a b='", b"'>", b"</a>", b"<", b">", b"=", b"\"", b"--b", b"--b--", b"\r\n",
            b"\r\n\r\n", b"Content-Type: ", b"multipart/related; boundary=b;", b"&#x", b"41;", b"cid:<a>", b"base64", b"<![CDATA[", b"]]>",
            b"<!--", b"-->", b"\xB0\xA1", b"<?xml encoding='euc-kr'?>", b"Content-Transfer-Encoding: ", b"POST / HTTP/1.1\r\n", b"text/plain",
            b"<Subject>", b"</Subject>", b"aGk=", b"Content-ID: <a>\r\n",
        ]).prop_map(<[u8]>::to_vec),
        prop::collection::vec(any::<u8>(), 0..4),
    ], 0..24)) {
        let path = file("any", &pieces.concat());
        for arguments in [&[&*path][..], &["--against", "s-test", &path], &["--carrier", "k", "--tolerance", "strict", &path]] {
            let lines = shown(arguments).lines;
            prop_assert!(!lines.is_empty());
            prop_assert!(page::html(&path, &lines).ends_with("</html>\n") && page::svg(&path, &lines).ends_with("</svg>\n"));
        }
    }
}
