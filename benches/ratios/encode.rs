//! What there is to encode, and to translate.

use std::hint::black_box;

use tongsa::{Config, DialectId, Message, Tolerance, translate};
use tongsa_benches::rivals::{floor, strict, write};
use tongsa_benches::samples::{Kind, Sample, account};

use crate::allocations::measure;
use crate::bench::{Bench, one};
use crate::decode::{decode, fixed};

fn encode(bench: &mut Bench, sample: &Sample) -> String {
    let id = format!("encode {}", sample.name());
    let codec = sample.dialect.codec(sample.encoding());
    let message = sample.message.clone();
    bench.add(&id, move || codec.encode(black_box(&message)));
    id
}

pub fn encodes(bench: &mut Bench) {
    for (kind, what) in [(Kind::Submit, "submit of 3.1 KB"), (Kind::Binary, "+ 100 KB in binary")] {
        let sample = Sample::new(DialectId::SLive, kind);
        let ours = encode(bench, &sample);
        let submit = strict::read(&sample.entity).expect("a strict message").submit;
        let rival = write::Owned::of(&sample.message);
        check_written(&sample, &write::write(&submit, rival.borrow()).expect("it can be written"));
        let (usage, _) = measure(|| write::write(&submit, rival.borrow()));
        let id = format!("write {}", sample.name());
        bench.add(&id, move || write::write(black_box(&submit), black_box(rival.borrow())));
        let what = format!("encode, S: {what}");
        bench.ratio(&what, &ours, "quick-xml and mail-builder", vec![one(&id)], Some(0.6));
        let codec = sample.dialect.codec(sample.encoding());
        let (ours, _) = measure(|| codec.encode(&sample.message));
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

pub fn translations(bench: &mut Bench) {
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
