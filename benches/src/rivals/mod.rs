//! What a team would write without tongsa, of the best-kept crates, for one dialect and nothing else: no tolerance, no
//! places, no presentation, no account of losses. Each is checked to read or write the same values before it is timed.

pub mod floor;
pub mod mail;
pub mod soap;
pub mod strict;
pub mod write;

use std::fmt;
use std::hint::black_box;

use soap::{Answer, Report};
use tongsa::DialectId;

use crate::samples::{Kind, Sample, Step};

/// Why a rival gives up; none says where.
pub struct Refused(String);

impl fmt::Debug for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<T: fmt::Display> From<T> for Refused {
    fn from(error: T) -> Self {
        Self(error.to_string())
    }
}

/// What the rivals do with a sample, each under its own name.
///
/// # Panics
/// When one of them does not read what it is for.
pub fn steps(sample: &Sample) -> Vec<Step> {
    let mut steps = Vec::new();
    let name = sample.name();
    let body = sample.entity.body.clone();
    let delimiter = floor::delimiter(&body).to_owned();
    steps.push(Step::new(format!("floor: scan {name}"), move || floor::scan(black_box(&body), black_box(&delimiter))));
    match sample.kind {
        Kind::Submit | Kind::Binary | Kind::Images if sample.dialect == DialectId::SLive => {
            let (entity, raw) = (sample.entity.clone(), mail::raw(&sample.entity));
            let parser = mail::parser();
            assert!(strict::read(&entity).is_ok() && mail::read(&parser, &raw).is_ok(), "{name}");
            let strict = move || {
                black_box(&strict::read(black_box(&entity)));
            };
            steps.push(Step::new(format!("rival: strict {name}"), strict));
            let mail = move || {
                black_box(&mail::read(&parser, black_box(&raw)));
            };
            steps.push(Step::new(format!("rival: mail {name}"), mail));
            let media = sample.message.content().map(|content| content.media.clone()).unwrap_or_default();
            if sample.kind == Kind::Images {
                let texts: Vec<String> = media.iter().map(|media| floor::base64(&media.data)).collect();
                let decode = move || texts.iter().map(|text| floor::unbase64(black_box(text)).len()).sum::<usize>();
                steps.push(Step::new(format!("floor: base64 decode {name}"), decode));
                let encode =
                    move || media.iter().map(|media| floor::base64(black_box(&media.data)).len()).sum::<usize>();
                steps.push(Step::new(format!("floor: base64 encode {name}"), encode));
            } else {
                let submit = strict::read(&sample.entity).expect("a strict message").submit;
                let content = write::Owned::of(&sample.message);
                assert!(write::write(&submit, content.borrow()).is_ok(), "{name}");
                let write = move || write::write(black_box(&submit), black_box(content.borrow()));
                steps.push(Step::new(format!("rival: write {name}"), write));
            }
        }
        // No XML parser reads the malformed form.
        Kind::SubmitRsp if sample.dialect != DialectId::SMalformed => {
            let body = sample.entity.body.clone();
            assert!(soap::read::<Answer>(&body).is_ok(), "{name}");
            steps.push(Step::new(format!("rival: xml {name}"), move || soap::read::<Answer>(black_box(&body))));
        }
        Kind::DeliveryReportReq if sample.dialect != DialectId::SMalformed => {
            let body = sample.entity.body.clone();
            assert!(soap::read::<Report>(&body).is_ok(), "{name}");
            steps.push(Step::new(format!("rival: xml {name}"), move || soap::read::<Report>(black_box(&body))));
        }
        _ => {}
    }
    steps
}
