//! What there is to decode.

use std::hint::black_box;

use tongsa::{Carrier, Codec, Config, DialectId, Message};
use tongsa_benches::rivals::soap::{Answer, Plain, Report, Submit};
use tongsa_benches::rivals::{floor, mail, soap, strict};
use tongsa_benches::samples::{Kind, Sample};

use crate::allocations::measure;
use crate::bench::{Bench, one};

pub fn fixed(dialect: DialectId) -> Box<dyn Codec> {
    dialect.codec(Config::default())
}

pub fn unaided(dialect: DialectId) -> Box<dyn Codec> {
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
pub fn decode(bench: &mut Bench, sample: &Sample) -> [String; 2] {
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

pub fn submits(bench: &mut Bench) {
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
        let (usage, _) = measure(|| codec.decode(&submit.entity));
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
    let (usage, _) = measure(|| strict::read(&submit.entity).map(drop));
    bench.count("(strict stack by hand: submit of 3.1 KB)", usage.count, None);
    let (parser, raw) = (mail::parser(), mail::raw(&submit.entity));
    let (usage, _) = measure(|| mail::read(&parser, &raw).map(drop));
    bench.count("(mail-parser 0.11.9 and quick-xml: submit of 3.1 KB)", usage.count, None);
}

/// SubmitRsp and DeliveryReportReq: XML alone.
pub fn answers(bench: &mut Bench) {
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
