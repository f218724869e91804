//! The messages that are measured: one of each kind in each dialect, with invented values.
//!
//! Shared with the test that holds the figures of allocation, so that both speak of the same bytes.

use std::fmt;
use std::hint::black_box;

use serde_json::json;
use tongsa::{
    Account, Carrier, Codec, Config, DeviationKind, DialectId, Entity, Limits, Media, MediaType, Message, Number,
    QuirkSet, Text, TranslateOptions, translate, translate_message,
};

/// Bytes of one image.
pub const IMAGE_LEN: usize = 100_000;

/// What kind of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A SubmitReq with text alone: in S's dialects about 3.1 KB of SOAP, SMIL, S's text format and MIME.
    Submit,
    /// The same with one image of 100 KB that goes as it is, `Content-Transfer-Encoding: binary`.
    Binary,
    /// The same with three images of 100 KB as the dialect writes them: base64, in `s-malformed` as they are.
    Images,
    /// The answer to a SubmitReq.
    SubmitRsp,
    /// A DeliveryReportReq.
    DeliveryReportReq,
    /// A message from a subscriber: text alone.
    DeliverReq,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Submit, Self::Binary, Self::Images, Self::SubmitRsp, Self::DeliveryReportReq, Self::DeliverReq];

    /// Its name in every table.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Submit => "submit",
            Self::Binary => "submit+binary",
            Self::Images => "submit+images",
            Self::SubmitRsp => "submit_rsp",
            Self::DeliveryReportReq => "delivery_report_req",
            Self::DeliverReq => "deliver_req",
        }
    }
}

/// One message in one dialect.
#[derive(Debug)]
pub struct Sample {
    /// Its dialect.
    pub dialect: DialectId,
    /// Its kind.
    pub kind: Kind,
    /// What it says; the dialect carries all of it.
    pub message: Message,
    /// What goes over the wire, which a codec of the dialect reads without a surprise.
    pub entity: Entity,
}

impl Sample {
    /// The message of this kind, as far as the dialect can say it.
    ///
    /// # Panics
    /// When the codec does not read what it wrote: then there is nothing to measure.
    pub fn new(dialect: DialectId, kind: Kind) -> Self {
        let codec = dialect.codec(encoding(kind));
        let message = in_dialect(dialect, canonical(kind));
        let written = codec.encode(&message).expect("every message can be encoded").entity;
        let message = codec.decode(&written).expect("what was written can be read").message;
        let encoded = codec.encode(&message).expect("every message can be encoded");
        assert!(encoded.losses.is_empty(), "{dialect} {}: {:?}", kind.code(), encoded.losses);
        let entity = if kind == Kind::Binary && dialect != DialectId::SMalformed {
            declared_binary(encoded.entity)
        } else {
            encoded.entity
        };
        let decoded = codec.decode(&entity).expect("what was written can be read");
        assert_eq!(decoded.message, message, "{dialect} {}", kind.code());
        let unaided = carrier(dialect).codec(Config::default()).decode(&entity).expect("it is on record");
        assert_eq!(unaided.message, message, "{dialect} {}", kind.code());
        // Small answers of S's dialects are the same.
        assert!(unaided.dialect == dialect || unaided.candidates.contains(&dialect), "{dialect} {}", kind.code());
        let surprises: Vec<_> = decoded.surprises().map(ToString::to_string).collect();
        assert_eq!(surprises, [""; 0], "{dialect} {}", kind.code());
        Self { dialect, kind, message, entity }
    }

    /// `s-live/submit`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.dialect, self.kind.code())
    }

    /// How a codec has to be configured to write this message.
    pub fn encoding(&self) -> Config {
        encoding(self.kind)
    }

    /// The dialect that a translation of it goes to: S's to K, the others' to S.
    pub fn target(&self) -> DialectId {
        if is_s(self.dialect) { DialectId::K } else { DialectId::SLive }
    }
}

/// A codec writes an image as it is only where the dialect does so, or for this quirk.
fn encoding(kind: Kind) -> Config {
    let quirks = match kind {
        Kind::Binary => [DeviationKind::EncodingUndeclared].into_iter().collect(),
        _ => QuirkSet::EMPTY,
    };
    Config { quirks, ..Config::default() }
}

/// The same with the transfer encoding of its image named, as a relay does that sends binary on purpose.
///
/// # Panics
/// When it has no image.
pub fn declared_binary(entity: Entity) -> Entity {
    const TYPE: &[u8] = b"\r\nContent-Type: image/jpeg\r\n";
    const DECLARED: &[u8] = b"Content-Transfer-Encoding: binary\r\n";
    let at = entity.body.windows(TYPE.len()).position(|bytes| bytes == TYPE).expect("an image") + TYPE.len();
    let body = [&entity.body[..at], DECLARED, &entity.body[at..]].concat();
    Entity { body: body.into(), ..entity }
}

/// Something that is done with a sample.
pub struct Step {
    /// `decode s-live/submit fixed`.
    pub name: String,
    run: Box<dyn Fn()>,
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Step").field(&self.name).finish()
    }
}

impl Step {
    /// Anything, under a name.
    pub fn new<T>(name: String, run: impl Fn() -> T + 'static) -> Self {
        // By reference: to hand over a message would be to copy it.
        let run = move || {
            black_box(&run());
        };
        Self { name, run: Box::new(run) }
    }

    /// Does it, and drops what it gave.
    pub fn run(&self) {
        (self.run)();
    }
}

/// Everything that is done with a sample: decoding by a codec that was told the dialect, and for S by one that was not;
/// encoding; translation to [another carrier](Sample::target).
///
/// # Panics
/// When one of them does not do what it is for.
pub fn steps(dialect: DialectId, kind: Kind) -> Vec<Step> {
    let sample = Sample::new(dialect, kind);
    let (name, target) = (sample.name(), sample.target());
    let Sample { message, entity, .. } = sample;
    let mut steps = Vec::new();
    let mut decode = |how: &str, codec: Box<dyn Codec>| {
        let entity = entity.clone();
        steps.push(Step::new(format!("decode {name} {how}"), move || codec.decode(black_box(&entity))));
    };
    decode("fixed", dialect.codec(Config::default()));
    // The other carriers have one dialect.
    if is_s(dialect) {
        decode("unaided", carrier(dialect).codec(Config::default()));
    }
    let codec = dialect.codec(encoding(kind));
    steps.push(Step::new(format!("encode {name}"), move || codec.encode(black_box(&message))));
    let (from, to, options) = (dialect.codec(Config::default()), target.codec(Config::default()), account());
    assert!(translate(&*from, &*to, &entity, &options).is_ok(), "{name} cannot be translated");
    let across = move || translate(&*from, &*to, black_box(&entity), &options);
    steps.push(Step::new(format!("translate {name} to {target}"), across));
    steps
}

/// The carrier of a dialect.
pub fn carrier(dialect: DialectId) -> Carrier {
    match dialect {
        DialectId::K => Carrier::K,
        DialectId::L => Carrier::L,
        _ => Carrier::S,
    }
}

fn is_s(dialect: DialectId) -> bool {
    carrier(dialect) == Carrier::S
}

/// An account with K or L.
///
/// # Panics
/// Never: the texts are those of an account.
pub fn account() -> TranslateOptions {
    let text = |text: &str| Some(Text::new(text).expect("a text"));
    let mut account = Account::default();
    account.vasp_id = text("hub01");
    account.vas_id = text("sub01");
    account.cp_id = text("hub01_02_001");
    account.billing = Some(Number::new("01000000009").expect("a number"));
    let mut options = TranslateOptions::default();
    options.account = Some(account);
    options
}

/// As a gateway has it that took the message for S.
fn in_dialect(dialect: DialectId, message: Message) -> Message {
    if is_s(dialect) {
        return message;
    }
    let (from, to) = (DialectId::SLive.codec(Config::default()), dialect.codec(Config::default()));
    translate_message(&*from, &*to, &message, &account()).expect("every message can be encoded").message
}

/// Bytes as evenly spread as those of a JPEG file, behind the mark of one.
pub fn image(seed: u32) -> Vec<u8> {
    noise(seed, IMAGE_LEN)
}

/// So many of these bytes.
pub fn noise(seed: u32, len: usize) -> Vec<u8> {
    let mut state = seed;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    });
    [0xFF, 0xD8, 0xFF].into_iter().chain(noise).take(len).collect()
}

fn canonical(kind: Kind) -> Message {
    match kind {
        Kind::Submit => submit(&[]),
        Kind::Binary => submit(&[image(1)]),
        Kind::Images => submit(&[image(1), image(2), image(3)]),
        Kind::SubmitRsp => read(json!({
            "operation": "submit_rsp", "transaction_id": "00042", "mm7_version": "5.3.0", "message_id": "aB3_xY9zQ1k",
            "status": { "code": 1000, "text": "Success" }
        })),
        Kind::DeliveryReportReq => read(json!({
            "operation": "delivery_report_req", "transaction_id": "1a2b3c4d190abcdef017f01", "mm7_version": "5.3.0",
            "relay_server_id": "0000000000", "message_id": "12_20240801093000_B_001_002",
            "recipient": { "number": "01000000002" }, "from": { "number": "01000000009" },
            "timestamp": "2024-08-01T09:30:05+09:00", "mm_status": "Retrieved", "status": { "code": 1000, "text": "OK" }
        })),
        Kind::DeliverReq => read(json!({
            "operation": "deliver_req", "transaction_id": "00043", "mm7_version": "5.3.0",
            "relay_server_id": "0000000000", "linked_id": "0801093000123", "from": { "number": "01000000002" },
            "recipients": { "to": [{ "number": "01000000001" }] }, "timestamp": "2024-08-01T09:31:00+09:00",
            "priority": "Normal", "subject": "문의 드립니다",
            "content": { "text": "안녕하세요. 어제 주문한 상품은 언제쯤 도착하나요? 연락 부탁드립니다." }
        })),
    }
}

/// A SubmitReq as a gateway sends it to S, with these images.
///
/// # Panics
/// Never: it is a message.
pub fn submit(images: &[Vec<u8>]) -> Message {
    let fields = json!({ "X-SKT-Content-Usage": "0", "X-SKT-CIDSID": "1000000000", "X-SKT-Service-Type": "0" });
    let message = read(json!({
        "operation": "submit_req", "transaction_id": "00042", "mm7_version": "5.3.0",
        "sender": { "vasp_id": "99", "vas_id": "1", "cp_id": "1000000001", "relay_id": "0000",
                    "origin_code": "100000000", "callback": "01000000001" },
        "recipients": { "to": [{ "number": "01000000002" }] },
        "message_class": "Personal", "timestamp": "2024-08-01T09:30:00+09:00", "expiry": "2024-08-08T09:30:00+09:00",
        "delivery_report": true, "read_reply": false, "priority": "Normal", "distribution": false,
        "adaptations": true, "subject": "주문하신 상품 <A&B>",
        "content": {
            "text": "안녕하세요. 주문하신 상품이 오늘 저녁에 도착합니다.\n문의 <고객센터> 02-000-0000 & 고맙습니다. 좋은 하루 되세요.",
            "fields": fields,
            "presentation": { "scene_fields": fields }
        }
    }));
    let Message::SubmitReq(mut submit) = message else { unreachable!("it is one") };
    for (index, image) in images.iter().enumerate() {
        let mut media = Media::new(MediaType::JPEG, image.clone());
        media.name = Some(Text::new(format!("IMG000{index}.jpeg")).expect("a text"));
        submit.content.media.push(media);
    }
    submit.into()
}

/// Canonical JSON.
fn read(json: serde_json::Value) -> Message {
    serde_json::from_value(json).expect("canonical JSON")
}

/// Bounds that nothing here passes, whatever its size.
pub fn wide() -> Limits {
    Limits { body: usize::MAX >> 1, ..Limits::default() }
}
