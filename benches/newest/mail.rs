//! mail-parser 1.0.1 and quick-xml beside tongsa, the stack with mail-parser 0.11.9, and the strict one: ratios of one run.
//!
//! `cargo +nightly bench --ignore-rust-version --manifest-path benches/newest/Cargo.toml`

use std::cell::Cell;
use std::hint::black_box;
use std::time::Duration;

use mail_parser::{MessageBuffers, MessageParser};
use tongsa::DialectId;
use tongsa_benches::rivals::soap::{self, Submit};
use tongsa_benches::rivals::{self, Refused, mail, strict};
use tongsa_benches::rounds::{self, Contender};
use tongsa_benches::samples::{Kind, Sample, steps};

fn main() {
    let kinds = [Kind::Submit, Kind::Binary, Kind::Images];
    let mut contenders = Vec::new();
    for kind in kinds {
        let sample = Sample::new(DialectId::SLive, kind);
        let raw = mail::raw(&sample.entity);
        let newest = Newest::default();
        let mut images = Vec::new();
        let submit = newest.read(&raw, &mut |image| images.push(image.to_vec())).expect("a message of mail");
        assert_eq!(submit, strict::read(&sample.entity).expect("a strict message").submit);
        let media = &sample.message.content().expect("content").media;
        assert!(images.iter().map(|image| &image[..]).eq(media.iter().map(|media| &media.data[..])), "images differ");
        for step in steps(sample.dialect, kind).into_iter().chain(rivals::steps(&sample)) {
            if !step.name.starts_with("encode") && !step.name.starts_with("translate") {
                contenders.push(Contender::new(step.name.clone(), move || step.run()));
            }
        }
        let ours = move || {
            newest.read(black_box(&raw), &mut |image| {
                black_box(image);
            })
        };
        contenders.push(Contender::new(format!("newest {}", sample.name()), ours));
    }
    let fastest = rounds::fastest(&rounds::run(&mut contenders, Duration::from_secs(8), 1));
    println!("| what | against | found |\n|---|---|---:|");
    for (kind, what) in kinds.into_iter().zip(["submit of 3.1 KB", "+ 100 KB in binary", "+ 3 × 100 KB in base64"]) {
        let name = format!("s-live/{}", kind.code());
        let newest = fastest[&format!("newest {name}")];
        let ratio = |id: String| fastest[&id] / newest;
        println!("| decode, S, fixed: {what} | mail-parser 1.0.1 | {:.2} |", ratio(format!("decode {name} fixed")));
        println!("| decode, S, unaided: {what} | mail-parser 1.0.1 | {:.2} |", ratio(format!("decode {name} unaided")));
        println!("| (mail-parser 0.11.9: {what}) | mail-parser 1.0.1 | {:.2} |", ratio(format!("rival: mail {name}")));
        println!(
            "| (strict stack by hand: {what}) | mail-parser 1.0.1 | {:.2} |",
            ratio(format!("rival: strict {name}"))
        );
    }
}

/// The parser with its buffers, which it takes back.
#[derive(Default)]
struct Newest {
    parser: MessageParser,
    buffers: Cell<MessageBuffers>,
}

impl Newest {
    /// The SOAP part. Shows each image, which the parser decodes only when it is read.
    fn read(&self, raw: &[u8], image: &mut dyn FnMut(&[u8])) -> Result<Submit, Refused> {
        let mut buffers = self.buffers.take();
        let message = self.parser.parse_with(raw, &mut buffers).ok_or("no message")?;
        let mut parts = message.parts().filter(|part| !part.is_multipart());
        let root = parts.find(|part| part.is_content_type("text", "xml")).ok_or("no root part")?;
        let submit = soap::read_text(&root.text().ok_or("no text")?)?;
        for part in parts.filter(|part| part.is_content_type("image", "jpeg")) {
            image(&part.decoded());
        }
        self.buffers.set(message.into_buffers());
        Ok(submit)
    }
}
