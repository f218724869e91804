//! What there is to encode, and to translate.

use std::hint::black_box;

use tongsa::{Config, DialectId, Message, Tolerance, translate};
use tongsa_benches::rivals::{strict, write};
use tongsa_benches::samples::{Kind, Sample, account};

use crate::allocations::measure;
use crate::bench::{Bench, one};

/// SubmitReq of S.
pub fn encodes(bench: &mut Bench) {
    for (kind, what) in [(Kind::Submit, "submit of 3.1 KB"), (Kind::Binary, "+ 100 KB in binary")] {
        let sample = Sample::new(DialectId::SLive, kind);
        let submit = strict::read(&sample.entity).expect("a strict message").submit;
        let content = write::Owned::of(&sample.message);
        check_written(&sample, &write::write(&submit, content.borrow()).expect("it can be written"));
        bench.sample(&sample);
        let (ours, rival) = (format!("encode {}", sample.name()), format!("rival: write {}", sample.name()));
        let what = format!("encode, S: {what}");
        bench.ratio(&what, &ours, "quick-xml and mail-builder", vec![one(&rival)], Some(0.6));
        let codec = sample.dialect.codec(sample.encoding());
        let (usage, _) = measure(|| codec.encode(&sample.message));
        bench.count(&what, usage.count, Some(8.0));
        let (usage, _) = measure(|| write::write(&submit, content.borrow()));
        bench.count(&format!("(quick-xml and mail-builder: {what})"), usage.count, None);
    }
    bench.sample(&Sample::new(DialectId::SLive, Kind::Images));
    bench.ratio(
        "encode, S: + 3 × 100 KB in base64",
        "encode s-live/submit+images",
        "without them + base64",
        vec![one("encode s-live/submit"), one("floor: base64 encode s-live/submit+images")],
        None,
    );
}

/// From S to K.
pub fn translations(bench: &mut Bench) {
    let sample = Sample::new(DialectId::SLive, Kind::Submit);
    let target = sample.target();
    let (from, to) = (sample.dialect.codec(Config::default()), target.codec(Config::default()));
    let translated = translate(&*from, &*to, &sample.entity, &account()).expect("it can be translated");
    let encoded = to.encode(&translated.message).expect("it can be encoded");
    assert_eq!(encoded.entity, translated.entity);
    bench.sample(&sample);
    bench.add("encode what was translated", move || to.encode(black_box(&translated.message)));
    let ours = format!("translate {} to {target}", sample.name());
    let by = vec![one("decode s-live/submit fixed"), one("encode what was translated")];
    bench.ratio("translate, S to K: submit of 3.1 KB", &ours, "decode + encode", by, Some(1.15));
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
