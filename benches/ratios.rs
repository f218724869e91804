//! What tongsa costs beside its rivals, as ratios of one run, and what is wanted.
//!
//! `cargo bench --manifest-path benches/Cargo.toml --bench ratios -- [--seconds N] [--check] [WORD…]`

#[path = "../tests/allocations/mod.rs"]
mod allocations;

use std::fmt::Write as _;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Duration;

use tongsa::{Carrier, Codec, Config, DialectId, Message, Tolerance, translate};
use tongsa_benches::rivals::soap::{Answer, Plain, Report, Submit};
use tongsa_benches::rivals::{floor, mail, soap, strict, write};
use tongsa_benches::rounds::{self, Contender, Fastest};
use tongsa_benches::samples::{Kind, Sample, account};

fn main() -> ExitCode {
    let arguments = Arguments::read(std::env::args().skip(1));
    let mut bench = Bench::default();
    submits(&mut bench);
    answers(&mut bench);
    encodes(&mut bench);
    translations(&mut bench);
    bench.run(&arguments)
}

struct Arguments {
    seconds: f64,
    check: bool,
    times: bool,
    words: Vec<String>,
}

impl Arguments {
    fn read(arguments: impl Iterator<Item = String>) -> Self {
        let mut read = Self { seconds: 30.0, check: false, times: false, words: Vec::new() };
        let mut arguments = arguments;
        while let Some(argument) = arguments.next() {
            match &*argument {
                // What cargo passes to every benchmark.
                "--bench" => {}
                "--check" => read.check = true,
                "--times" => read.times = true,
                "--seconds" => {
                    let seconds = arguments.next().and_then(|seconds| seconds.parse().ok());
                    read.seconds = seconds.expect("--seconds N");
                }
                _ => read.words.push(argument),
            }
        }
        read
    }
}

/// Times of contenders, each so often.
type Terms = Vec<(f64, String)>;

/// What a row says.
enum Figure {
    /// What the terms take, by what the others take.
    Ratio(Terms, Terms),
    /// Something counted, the same in every run.
    Count(usize),
}

struct Row {
    what: String,
    against: String,
    figure: Figure,
    /// At the most; a row without is there to be read.
    wanted: Option<f64>,
}

#[derive(Default)]
struct Bench {
    contenders: Vec<Contender<'static>>,
    rows: Vec<Row>,
}

fn one(id: &str) -> (f64, String) {
    (1.0, id.to_owned())
}

impl Bench {
    fn add<T>(&mut self, id: &str, run: impl FnMut() -> T + 'static) {
        if self.contenders.iter().all(|known| known.id != id) {
            self.contenders.push(Contender::new(id, run));
        }
    }

    fn ratio(&mut self, what: &str, of: &str, against: &str, by: Terms, wanted: Option<f64>) {
        let figure = Figure::Ratio(vec![one(of)], by);
        self.rows.push(Row { what: what.to_owned(), against: against.to_owned(), figure, wanted });
    }

    fn count(&mut self, what: &str, count: usize, wanted: Option<f64>) {
        let figure = Figure::Count(count);
        self.rows.push(Row { what: what.to_owned(), against: "allocations".to_owned(), figure, wanted });
    }

    /// Times what the rows with these words need, and prints them.
    fn run(mut self, arguments: &Arguments) -> ExitCode {
        let words = &arguments.words;
        self.rows.retain(|row| words.is_empty() || words.iter().any(|word| row.what.contains(word)));
        let needed: Vec<&String> = self
            .rows
            .iter()
            .filter_map(|row| match &row.figure {
                Figure::Ratio(of, by) => Some(of.iter().chain(by).map(|(_, id)| id)),
                Figure::Count(_) => None,
            })
            .flatten()
            .collect();
        self.contenders.retain(|contender| needed.contains(&&contender.id));
        let blocks = rounds::run(&mut self.contenders, Duration::from_secs_f64(arguments.seconds), 5);
        let all = rounds::fastest(&blocks);
        if arguments.times {
            for (id, time) in &all {
                eprintln!("{time:>12.0} ns  {id}");
            }
        }
        print!("{}", table(&self.rows, &all, &blocks));
        let missed = self.rows.iter().filter(|row| !row.reached(&all)).count();
        let targets = self.rows.iter().filter(|row| row.wanted.is_some()).count();
        println!("\n{} of {targets} reached.", targets - missed);
        if arguments.check && missed > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}

impl Row {
    #[allow(clippy::cast_precision_loss, reason = "a count of allocations")]
    fn value(&self, times: &Fastest) -> f64 {
        let sum = |terms: &Terms| terms.iter().map(|(factor, id)| factor * times[id]).sum::<f64>();
        match &self.figure {
            Figure::Ratio(of, by) => sum(of) / sum(by),
            Figure::Count(count) => *count as f64,
        }
    }

    fn reached(&self, times: &Fastest) -> bool {
        self.wanted.is_none_or(|wanted| self.value(times) <= wanted)
    }
}

/// The rows with what is wanted, and the others.
fn table(rows: &[Row], all: &Fastest, blocks: &[Fastest]) -> String {
    let mut out = String::new();
    let (wanted, others): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.wanted.is_some());
    if !wanted.is_empty() {
        out.push_str("| what | against | found | in five blocks | wanted | reached |\n|---|---|---:|---:|---:|---|\n");
    }
    for row in wanted {
        let reached = if row.reached(all) { "yes" } else { "**no**" };
        let wanted = row.wanted.unwrap_or_default();
        let wanted = match row.figure {
            Figure::Ratio(..) => format!("{wanted:.2}"),
            Figure::Count(_) => format!("{wanted}"),
        };
        let _ = writeln!(out, "{} {wanted} | {reached} |", cells(row, all, blocks));
    }
    if !others.is_empty() {
        out.push_str("\n| what | against | found | in five blocks |\n|---|---|---:|---:|\n");
    }
    for row in others {
        let _ = writeln!(out, "{}", cells(row, all, blocks));
    }
    out
}

fn cells(row: &Row, all: &Fastest, blocks: &[Fastest]) -> String {
    let Row { what, against, .. } = row;
    match row.figure {
        Figure::Count(count) => format!("| {what} | {against} | {count} | |"),
        Figure::Ratio(..) => {
            let found = blocks.iter().map(|block| row.value(block));
            let (least, most) =
                found.fold((f64::MAX, f64::MIN), |(least, most), value| (least.min(value), most.max(value)));
            format!("| {what} | {against} | {:.2} | {least:.2} to {most:.2} |", row.value(all))
        }
    }
}

// --- what there is to decode

fn fixed(dialect: DialectId) -> Box<dyn Codec> {
    dialect.codec(Config::default())
}

fn unaided(dialect: DialectId) -> Box<dyn Codec> {
    carrier(dialect).codec(Config::default())
}

fn carrier(dialect: DialectId) -> Carrier {
    match dialect {
        DialectId::K => Carrier::K,
        DialectId::L => Carrier::L,
        _ => Carrier::S,
    }
}

/// Decoding a sample by a codec that was told its dialect, and by one that was not. What it is called, twice.
fn decode(bench: &mut Bench, sample: &Sample) -> [String; 2] {
    [("fixed", fixed(sample.dialect)), ("unaided", unaided(sample.dialect))].map(|(how, codec)| {
        let decoded = codec.decode(&sample.entity).expect("it is observed");
        // Small answers of S's dialects are the same.
        assert!(decoded.dialect == sample.dialect || decoded.candidates.contains(&sample.dialect));
        assert!(decoded.message == sample.message, "{} reads as another message", sample.name());
        let id = format!("decode {} {how}", sample.name());
        let entity = sample.entity.clone();
        bench.add(&id, move || codec.decode(black_box(&entity)));
        id
    })
}

fn scan(bench: &mut Bench, sample: &Sample) -> String {
    let id = format!("scan {}", sample.name());
    let body = sample.entity.body.clone();
    let delimiter = floor::delimiter(&body).to_owned();
    bench.add(&id, move || floor::scan(black_box(&body), black_box(&delimiter)));
    id
}

fn copy(bench: &mut Bench, sample: &Sample) -> String {
    let id = format!("copy {}", sample.name());
    let body = sample.entity.body.clone();
    let mut room = vec![0; body.len()];
    bench.add(&id, move || floor::copy(black_box(&body), black_box(&mut room)));
    id
}

/// The rivals' values, from what tongsa read.
fn plain_submit(message: &Message) -> Submit {
    let Message::SubmitReq(submit) = message else { unreachable!("it is one") };
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let flag = |value: Option<bool>| text(value.map(|value| if value { "True" } else { "False" }));
    Submit {
        transaction_id: text(submit.transaction_id.as_ref().map(tongsa::Text::as_str)),
        version: text(submit.mm7_version.as_ref().map(tongsa::Text::as_str)),
        vasp_id: text(submit.sender.vasp_id.as_ref().map(tongsa::Text::as_str)),
        vas_id: text(submit.sender.vas_id.as_ref().map(tongsa::Text::as_str)),
        cp_id: text(submit.sender.cp_id.as_ref().map(tongsa::Text::as_str)),
        relay_id: text(submit.sender.relay_id.as_ref().map(tongsa::Text::as_str)),
        callback: text(submit.sender.callback.as_ref().map(tongsa::Number::as_str)),
        origin_code: text(submit.sender.origin_code.as_ref().map(tongsa::Text::as_str)),
        recipient: text(submit.recipients.to.first().map(tongsa::Address::as_str)),
        class: text(submit.message_class.as_ref().map(tongsa::MessageClass::as_str)),
        timestamp: text(submit.timestamp.as_ref().map(ToString::to_string).as_deref()),
        expiry: text(submit.expiry.as_ref().map(ToString::to_string).as_deref()),
        delivery_report: flag(submit.delivery_report.as_ref().and_then(tongsa::Flag::as_bool)),
        read_reply: flag(submit.read_reply.as_ref().and_then(tongsa::Flag::as_bool)),
        priority: text(submit.priority.as_ref().map(tongsa::Priority::as_str)),
        distribution: flag(submit.distribution.as_ref().and_then(tongsa::Flag::as_bool)),
        // S writes it from the callback.
        alias: text(submit.sender.callback.as_ref().map(tongsa::Number::as_str)),
        subject: text(submit.subject.as_ref().map(tongsa::Subject::as_str)),
        adaptations: flag(submit.adaptations.as_ref().and_then(tongsa::Flag::as_bool)),
        href: text(submit.content.href.as_ref().map(tongsa::Text::as_str)),
    }
}

/// Times in the same words as tongsa's; of a rival they are what stood on the wire.
fn canonical_times(submit: &Submit) -> Submit {
    Submit { timestamp: canonical_time(&submit.timestamp), expiry: canonical_time(&submit.expiry), ..submit.clone() }
}

fn canonical_time(text: &str) -> String {
    tongsa::Timestamp::parse(text).map_or_else(String::new, |time| time.to_string())
}

/// Checks what a rival read of a SubmitReq: the values, and the bytes of the media behind the two parts of presentation.
fn check_submit<'a>(sample: &Sample, submit: &Submit, parts: impl Iterator<Item = &'a [u8]>) {
    let mut expected = plain_submit(&sample.message);
    if expected.href.is_empty() {
        // The first part's id, which is no value where it is the usual one.
        expected.href.clone_from(&submit.href);
        assert!(submit.href.starts_with("cid:"));
    }
    assert_eq!(canonical_times(submit), expected);
    let media = &sample.message.content().expect("content").media;
    let parts: Vec<&[u8]> = parts.skip(2).collect();
    assert!(parts.iter().eq(media.iter().map(|media| &media.data[..]).collect::<Vec<_>>().iter()), "media differ");
}

fn submits(bench: &mut Bench) {
    let [submit, binary, images] =
        [Kind::Submit, Kind::Binary, Kind::Images].map(|kind| Sample::new(DialectId::SLive, kind));
    let rivals = [&submit, &binary, &images].map(|sample| {
        let read = strict::read(&sample.entity).expect("a strict message");
        check_submit(sample, &read.submit, read.parts.iter().map(|part| &part[..]));
        let strict = format!("strict {}", sample.name());
        let entity = sample.entity.clone();
        bench.add(&strict, move || drop(black_box(strict::read(black_box(&entity)))));

        let (parser, raw) = (mail::parser(), mail::raw(&sample.entity));
        let read = mail::read(&parser, &raw).expect("a message of mail");
        let leaves = read.message.parts.iter().filter(|part| part.sub_parts().is_none());
        check_submit(sample, &read.submit, leaves.skip(1).map(mail_parser::MessagePart::contents));
        let mail = format!("mail {}", sample.name());
        bench.add(&mail, move || drop(black_box(mail::read(&parser, black_box(&raw)))));
        (strict, mail)
    });
    let decodes = [&submit, &binary, &images].map(|sample| decode(bench, sample));
    let scans = [&submit, &binary, &images].map(|sample| scan(bench, sample));
    let copies = [&submit, &binary, &images].map(|sample| copy(bench, sample));

    let texts: Vec<String> =
        images.message.content().expect("content").media.iter().map(|media| floor::base64(&media.data)).collect();
    bench.add("base64 decode", move || texts.iter().map(|text| floor::unbase64(black_box(text)).len()).sum::<usize>());

    let malformed = Sample::new(DialectId::SMalformed, Kind::Submit);
    assert_eq!(malformed.message, submit.message);
    let malformed_decodes = decode(bench, &malformed);

    for (index, how) in ["fixed", "unaided"].into_iter().enumerate() {
        let of = |nth: usize| &*decodes[nth][index];
        let what = |what: &str| format!("decode, S, {how}: {what}");
        bench.ratio(&what("submit of 3.1 KB"), of(0), "strict stack by hand", vec![one(&rivals[0].0)], Some(0.9));
        let codec = if index == 0 { fixed(submit.dialect) } else { unaided(submit.dialect) };
        let (usage, _) = allocations::measure(|| codec.decode(&submit.entity));
        bench.count(&what("submit of 3.1 KB"), usage.count, Some(25.0));
        bench.ratio(
            &what("+ 100 KB in binary"),
            of(1),
            "without it + 2 × scan",
            vec![one(of(0)), (2.0, scans[1].clone())],
            Some(1.0),
        );
        bench.ratio(
            &what("+ 3 × 100 KB in base64"),
            of(2),
            "without them + 2 × scan + 1.3 × base64",
            vec![one(of(0)), (2.0, scans[2].clone()), (1.3, "base64 decode".into())],
            Some(1.0),
        );
        bench.ratio(&what("s-malformed"), &malformed_decodes[index], "s-live", vec![one(of(0))], Some(1.5));
        for (nth, name) in ["submit of 3.1 KB", "+ 100 KB in binary", "+ 3 × 100 KB in base64"].into_iter().enumerate()
        {
            if nth > 0 {
                bench.ratio(&what(name), of(nth), "strict stack by hand", vec![one(&rivals[nth].0)], None);
            }
            bench.ratio(&what(name), of(nth), "mail-parser 0.11.9 and quick-xml", vec![one(&rivals[nth].1)], None);
            bench.ratio(&what(name), of(nth), "scan", vec![one(&scans[nth])], None);
            bench.ratio(&what(name), of(nth), "memcpy", vec![one(&copies[nth])], None);
        }
    }
    let (usage, _) = allocations::measure(|| strict::read(&submit.entity).map(drop));
    bench.count("(strict stack by hand: submit of 3.1 KB)", usage.count, None);
    let (parser, raw) = (mail::parser(), mail::raw(&submit.entity));
    let (usage, _) = allocations::measure(|| mail::read(&parser, &raw).map(drop));
    bench.count("(mail-parser 0.11.9 and quick-xml: submit of 3.1 KB)", usage.count, None);
}

/// SubmitRsp and DeliveryReportReq: XML alone.
fn answers(bench: &mut Bench) {
    for &dialect in DialectId::ALL {
        for kind in [Kind::SubmitRsp, Kind::DeliveryReportReq] {
            let sample = Sample::new(dialect, kind);
            let ids = decode(bench, &sample);
            if dialect == DialectId::SMalformed {
                // No XML parser reads it.
                let live = Sample::new(DialectId::SLive, kind);
                let live = decode(bench, &live);
                let what = format!("decode, {dialect}, fixed: {}", kind.code());
                bench.ratio(&what, &ids[0], "s-live", vec![one(&live[0])], Some(1.5));
                continue;
            }
            let rival = match kind {
                Kind::SubmitRsp => by_hand::<Answer>(bench, &sample),
                _ => by_hand::<Report>(bench, &sample),
            };
            for (how, id) in ["fixed", "unaided"].into_iter().zip(&ids) {
                // Only S has dialects to choose from.
                if how == "fixed" || dialect.code().starts_with('s') {
                    let what = format!("decode, {dialect}, {how}: {}", kind.code());
                    bench.ratio(&what, id, "quick-xml by hand", vec![one(&rival)], Some(0.8));
                }
            }
        }
    }
}

fn by_hand<T: Plain + Checked + 'static>(bench: &mut Bench, sample: &Sample) -> String {
    soap::read::<T>(&sample.entity.body).expect("well-formed XML").check(&sample.message);
    let id = format!("xml {}", sample.name());
    let body = sample.entity.body.clone();
    bench.add(&id, move || soap::read::<T>(black_box(&body)));
    id
}

/// Values that a rival read.
trait Checked {
    fn check(&self, expected: &Message);
}

impl Checked for Answer {
    fn check(&self, expected: &Message) {
        let Message::SubmitRsp(answer) = expected else { unreachable!("it is one") };
        assert_eq!(Some(&*self.transaction_id), answer.transaction_id.as_ref().map(tongsa::Text::as_str));
        assert_eq!(Some(&*self.version), answer.mm7_version.as_ref().map(tongsa::Text::as_str));
        assert_eq!(Some(&*self.message_id), answer.message_id.as_ref().map(tongsa::Text::as_str));
        assert_eq!(self.code.parse().ok(), answer.status.code.as_ref().and_then(tongsa::Code::number));
        assert_eq!(Some(&*self.text), answer.status.text.as_ref().map(tongsa::Text::as_str));
    }
}

impl Checked for Report {
    fn check(&self, expected: &Message) {
        let Message::DeliveryReportReq(report) = expected else { unreachable!("it is one") };
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        assert_eq!(some(&self.transaction_id).as_deref(), report.transaction_id.as_ref().map(tongsa::Text::as_str));
        assert_eq!(some(&self.version).as_deref(), report.mm7_version.as_ref().map(tongsa::Text::as_str));
        assert_eq!(some(&self.relay_server_id).as_deref(), report.relay_server_id.as_ref().map(tongsa::Text::as_str));
        assert_eq!(some(&self.message_id).as_deref(), report.message_id.as_ref().map(tongsa::Text::as_str));
        assert_eq!(some(&self.recipient).as_deref(), report.recipient.as_ref().map(tongsa::Address::as_str));
        assert_eq!(some(&self.from).as_deref(), report.from.as_ref().map(tongsa::Address::as_str));
        assert_eq!(canonical_time(&self.timestamp), report.timestamp.as_ref().expect("a time").to_string());
        // K has the code there.
        let word = report.mm_status.as_ref().map(|word| word.as_str().to_owned());
        let code = report.status.code.as_ref().and_then(tongsa::Code::number).map(|code| code.to_string());
        assert_eq!(some(&self.mm_status), word.or(code));
        assert_eq!(some(&self.text).as_deref(), report.status.text.as_ref().map(tongsa::Text::as_str));
    }
}

// --- what there is to encode

fn encode(bench: &mut Bench, sample: &Sample) -> String {
    let id = format!("encode {}", sample.name());
    let codec = sample.dialect.codec(sample.encoding());
    let message = sample.message.clone();
    bench.add(&id, move || codec.encode(black_box(&message)));
    id
}

fn encodes(bench: &mut Bench) {
    for (kind, what) in [(Kind::Submit, "submit of 3.1 KB"), (Kind::Binary, "+ 100 KB in binary")] {
        let sample = Sample::new(DialectId::SLive, kind);
        let ours = encode(bench, &sample);
        let submit = strict::read(&sample.entity).expect("a strict message").submit;
        let rival = Written::of(&sample);
        check_written(&sample, &write::write(&submit, rival.content()).expect("it can be written"));
        let (usage, _) = allocations::measure(|| write::write(&submit, rival.content()));
        let id = format!("write {}", sample.name());
        bench.add(&id, move || write::write(black_box(&submit), black_box(rival.content())));
        let what = format!("encode, S: {what}");
        bench.ratio(&what, &ours, "quick-xml and mail-builder", vec![one(&id)], Some(0.6));
        let codec = sample.dialect.codec(sample.encoding());
        let (ours, _) = allocations::measure(|| codec.encode(&sample.message));
        bench.count(&what, ours.count, Some(8.0));
        bench.count(&format!("(quick-xml and mail-builder: {what})"), usage.count, None);
    }
    let sample = Sample::new(DialectId::SLive, Kind::Images);
    let ours = encode(bench, &sample);
    let media: Vec<_> =
        sample.message.content().expect("content").media.iter().map(|media| media.data.clone()).collect();
    bench.add("base64 encode", move || media.iter().map(|data| floor::base64(black_box(data)).len()).sum::<usize>());
    bench.ratio(
        "encode, S: + 3 × 100 KB in base64",
        &ours,
        "without them + base64",
        vec![one("encode s-live/submit"), one("base64 encode")],
        None,
    );
}

/// What the rival has to write besides the SOAP part.
struct Written {
    text: String,
    image: Option<(String, bytes::Bytes)>,
}

impl Written {
    fn of(sample: &Sample) -> Self {
        let content = sample.message.content().expect("content");
        let image = content
            .media
            .first()
            .map(|media| (media.name.as_ref().expect("a name").as_str().to_owned(), media.data.clone()));
        Self { text: content.text.as_ref().expect("a text").as_str().to_owned(), image }
    }

    fn content(&self) -> write::Content<'_> {
        write::Content { text: &self.text, image: self.image.as_ref().map(|(name, data)| (&**name, &data[..])) }
    }
}

/// What the rival wrote is the same message, but that an image has the vendor's fields, which it writes for every part.
fn check_written(sample: &Sample, (header, body): &(String, Vec<u8>)) {
    let entity = tongsa::Entity::new(body.clone()).with_header("Content-Type", header.clone());
    let codec = DialectId::SLive.codec(Config { tolerance: Tolerance::Lenient, ..Config::default() });
    let mut read = codec.decode(&entity).expect("a message").message;
    if let Message::SubmitReq(submit) = &mut read {
        submit.content.media.iter_mut().for_each(|media| media.fields = tongsa::PartFields::default());
    }
    assert!(read == sample.message, "what was written is another message");
}

// --- translation

fn translations(bench: &mut Bench) {
    let sample = Sample::new(DialectId::SLive, Kind::Submit);
    let target = sample.target();
    let (from, to) = (fixed(sample.dialect), fixed(target));
    let translated = translate(&*from, &*to, &sample.entity, &account()).expect("it can be translated");
    let id = "translate s-live/submit to k";
    let entity = sample.entity.clone();
    let options = account();
    bench.add(id, move || translate(&*from, &*to, black_box(&entity), black_box(&options)));
    let codec = fixed(target);
    let encoded = codec.encode(&translated.message).expect("it can be encoded");
    assert_eq!(encoded.entity, translated.entity);
    bench.add("encode translated to k", move || codec.encode(black_box(&translated.message)));
    let [decode, _] = decode(bench, &sample);
    let by = vec![one(&decode), one("encode translated to k")];
    bench.ratio("translate, S to K: submit of 3.1 KB", id, "decode + encode", by, Some(1.15));
}
