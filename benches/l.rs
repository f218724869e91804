//! Decoding and encoding of carrier L beside what the same bytes cost at the least: one search for the boundary, and
//! base64 itself.

use std::hint::black_box;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use criterion::{Criterion, Throughput};
use memchr::memmem;
use tongsa::{
    Address, Codec, Config, DeliveryReportReq, L, Media, MediaType, Message, MmStatus, Number, Prose, Status, Subject,
    SubmitReq, SubmitRsp, Text, TextError, Timestamp, Tolerance,
};

const IMAGE_LEN: u32 = 100_000;

fn main() -> Result<(), TextError> {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let image = image();
    let messages = [
        ("submit_text", submit()?.into()),
        ("submit_image", submit_with(&image)?.into()),
        ("submit_rsp", submit_rsp()?),
        ("delivery_report_req", delivery_report_req()?),
    ];
    for (name, message) in &messages {
        measure(&mut criterion, name, message);
    }
    measure_base64(&mut criterion, &image);
    criterion.final_summary();
    Ok(())
}

/// Both ways, and one search for the outer boundary; in a bare body for one that it does not hold.
fn measure(criterion: &mut Criterion, name: &str, message: &Message) {
    let codec = L::new(Config { tolerance: Tolerance::Strict, ..Config::default() });
    let entity = codec.encode(message).expect("every message can be encoded").entity;
    let decoded = codec.decode(&entity).expect("our own output is strict");
    assert_eq!(decoded.message, *message, "{name}");

    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Bytes(entity.body.len() as u64));
    group.bench_function("decode", |bencher| bencher.iter(|| codec.decode(black_box(&entity))));
    group.bench_function("encode", |bencher| bencher.iter(|| codec.encode(black_box(message))));
    let line = entity.body.split(|&byte| byte == b'\r').next().unwrap_or_default();
    let boundary: &[u8] = if line.starts_with(b"--") { line } else { b"------=_Part_0_" };
    group.bench_function("scan", |bencher| {
        bencher.iter(|| memmem::find_iter(black_box(&entity.body), black_box(boundary)).count());
    });
    group.finish();
}

/// The codec of the image alone, without line breaks.
fn measure_base64(criterion: &mut Criterion, image: &[u8]) {
    let text = STANDARD.encode(image);
    let mut group = criterion.benchmark_group("base64");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("decode", |bencher| bencher.iter(|| STANDARD.decode(black_box(&text))));
    group.bench_function("encode", |bencher| bencher.iter(|| STANDARD.encode(black_box(image))));
    group.finish();
}

/// Bytes as evenly spread as those of a JPEG file, behind the mark of one.
fn image() -> Vec<u8> {
    let mut state = 1_u32;
    let noise = (3..IMAGE_LEN).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    });
    [0xFF, 0xD8, 0xFF].into_iter().chain(noise).collect()
}

fn submit() -> Result<SubmitReq, TextError> {
    let mut submit = SubmitReq::default();
    submit.transaction_id = Some(Text::new("00042")?);
    submit.mm7_version = Some(Text::new("5.3.0")?);
    submit.sender.vasp_id = Some(Text::new("vasp01")?);
    submit.sender.cp_id = Some(Text::new("1000000001")?);
    submit.sender.billing = Some(Number::new("01000000009")?);
    submit.sender.callback = Some(Number::new("0200000000")?);
    submit.sender.origin_code = Some(Text::new("100000000")?);
    submit.recipients.to = vec![Address::number("01000000002")?];
    submit.timestamp = Timestamp::parse("2024-08-01T09:30:00+09:00");
    submit.subject = Some(Subject::new("주문하신 상품을 보냈습니다")?);
    submit.content.fee_code = Some(Text::new("000000000000")?);
    submit.content.text = Some(Prose::new("안녕하세요. 주문하신 상품이 오늘 저녁에 도착합니다.\r\n".repeat(8))?);
    Ok(submit)
}

fn submit_with(image: &[u8]) -> Result<SubmitReq, TextError> {
    let mut submit = submit()?;
    submit.content.media = vec![Media::new(MediaType::new("image/jpeg")?, image.to_vec())];
    Ok(submit)
}

fn submit_rsp() -> Result<Message, TextError> {
    let mut answer = SubmitRsp::default();
    answer.transaction_id = Some(Text::new("00042")?);
    answer.mm7_version = Some(Text::new("5.3.0")?);
    answer.message_id = Some(Text::new("hUQXqFNi")?);
    answer.status = Status::new(1000, "Success")?;
    Ok(answer.into())
}

fn delivery_report_req() -> Result<Message, TextError> {
    let mut report = DeliveryReportReq::default();
    report.transaction_id = Some(Text::new("-1a2b3c4d:190abcdef01:-7f01")?);
    report.mm7_version = Some(Text::new("5.3.0")?);
    report.relay_server_id = Some(Text::new("LGT-MMS-Relay")?);
    report.message_id = Some(Text::new("12_20240801093000_B_001_002")?);
    report.from = Some(Address::number("01000000009")?);
    report.recipient = Some(Address::number("01000000002")?);
    report.timestamp = Timestamp::parse("2024-08-01T09:30:05+09:00");
    report.mm_status = Some(MmStatus::Retrieved);
    report.status.text = Some(Text::new("OK")?);
    Ok(report.into())
}
