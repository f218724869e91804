//! What there is to decode.

use std::hint::black_box;

use tongsa::{Carrier, Config, DialectId, Message};
use tongsa_benches::rivals::soap::{Answer, Plain, Report, Submit};
use tongsa_benches::rivals::{floor, mail, soap, strict};
use tongsa_benches::samples::{Kind, Sample};

use crate::allocations::measure;
use crate::bench::{Bench, one};

/// SubmitReq of S.
pub fn submits(bench: &mut Bench) {
    let kinds =
        [(Kind::Submit, SUBMIT), (Kind::Binary, "+ 100 KB in binary"), (Kind::Images, "+ 3 × 100 KB in base64")];
    for (kind, _) in kinds {
        let sample = Sample::new(DialectId::SLive, kind);
        check_rivals(&sample);
        bench.sample(&sample);
        let body = sample.entity.body.clone();
        let mut room = vec![0; body.len()];
        bench.add(&format!("floor: copy {}", sample.name()), move || {
            floor::copy(black_box(&body), black_box(&mut room));
        });
    }
    let malformed = Sample::new(DialectId::SMalformed, Kind::Submit);
    let submit = Sample::new(DialectId::SLive, Kind::Submit);
    assert!(malformed.message == submit.message, "two messages cannot be compared");
    bench.sample(&malformed);

    for how in ["fixed", "unaided"] {
        let ours = |sample: &str| format!("decode {sample} {how}");
        let what = |what: &str| format!("decode, S, {how}: {what}");
        let plain = || one(&ours("s-live/submit"));
        let rival = vec![one("rival: strict s-live/submit")];
        bench.ratio(&what(SUBMIT), &ours("s-live/submit"), STRICT, rival, Some(0.9));
        let config = Config::default();
        let codec = if how == "fixed" { DialectId::SLive.codec(config) } else { Carrier::S.codec(config) };
        let (usage, _) = measure(|| codec.decode(&submit.entity));
        bench.count(&what(SUBMIT), usage.count, Some(25.0));
        bench.ratio(
            &what(kinds[1].1),
            &ours("s-live/submit+binary"),
            "without it + 2 × scan",
            vec![plain(), (2.0, "floor: scan s-live/submit+binary".into())],
            Some(1.0),
        );
        bench.ratio(
            &what(kinds[2].1),
            &ours("s-live/submit+images"),
            "without them + 2 × scan + 1.3 × base64",
            vec![
                plain(),
                (2.0, "floor: scan s-live/submit+images".into()),
                (1.3, "floor: base64 decode s-live/submit+images".into()),
            ],
            Some(1.0),
        );
        bench.ratio(&what("s-malformed"), &ours("s-malformed/submit"), "s-live", vec![plain()], Some(1.5));
        for (kind, name) in kinds {
            let sample = format!("s-live/{}", kind.code());
            for (against, rival) in [
                (STRICT, "rival: strict"),
                ("mail-parser 0.11.9 and quick-xml", "rival: mail"),
                ("scan", "floor: scan"),
                ("memcpy", "floor: copy"),
            ] {
                if (kind, against) != (Kind::Submit, STRICT) {
                    bench.ratio(&what(name), &ours(&sample), against, vec![one(&format!("{rival} {sample}"))], None);
                }
            }
        }
    }
    let (usage, _) = measure(|| strict::read(&submit.entity).map(drop));
    bench.count(&format!("({STRICT}: {SUBMIT})"), usage.count, None);
    let (parser, raw) = (mail::parser(), mail::raw(&submit.entity));
    let (usage, _) = measure(|| mail::read(&parser, &raw).map(drop));
    bench.count(&format!("(mail-parser 0.11.9 and quick-xml: {SUBMIT})"), usage.count, None);
}

const SUBMIT: &str = "submit of 3.1 KB";
const STRICT: &str = "strict stack by hand";

/// SubmitRsp and DeliveryReportReq: XML alone.
pub fn answers(bench: &mut Bench) {
    for &dialect in DialectId::ALL {
        for kind in [Kind::SubmitRsp, Kind::DeliveryReportReq] {
            let sample = Sample::new(dialect, kind);
            bench.sample(&sample);
            let (against, rival, most) = if dialect == DialectId::SMalformed {
                // No XML parser reads it.
                ("s-live", format!("decode s-live/{} fixed", kind.code()), 1.5)
            } else {
                check_answer(&sample);
                ("quick-xml by hand", format!("rival: xml {}", sample.name()), 0.8)
            };
            for how in ["fixed", "unaided"] {
                // Only S has dialects to choose from; the malformed one is compared like with like.
                let ours = format!("decode {} {how}", sample.name());
                if bench.knows(&ours) && (how == "fixed" || dialect != DialectId::SMalformed) {
                    let what = format!("decode, {dialect}, {how}: {}", kind.code());
                    bench.ratio(&what, &ours, against, vec![one(&rival)], Some(most));
                }
            }
        }
    }
}

// --- the rivals read the same values

/// A SubmitReq.
fn check_rivals(sample: &Sample) {
    let read = strict::read(&sample.entity).expect("a strict message");
    check_submit(sample, &read.submit, read.parts.iter().map(|part| &part[..]));
    let (parser, raw) = (mail::parser(), mail::raw(&sample.entity));
    let read = mail::read(&parser, &raw).expect("a message of mail");
    let leaves = read.message.parts.iter().filter(|part| part.sub_parts().is_none());
    check_submit(sample, &read.submit, leaves.skip(1).map(mail_parser::MessagePart::contents));
}

fn check_answer(sample: &Sample) {
    match sample.kind {
        Kind::SubmitRsp => check::<Answer>(sample),
        _ => check::<Report>(sample),
    }
}

fn check<T: Plain + Checked>(sample: &Sample) {
    soap::read::<T>(&sample.entity.body).expect("well-formed XML").check(&sample.message);
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
