//! Captured traffic to `.http` files: capture formats, link layers, reassembly, framing, and the command.
#![cfg(feature = "serde")]

#[allow(dead_code, reason = "an example's module, of which tests use a part")]
#[path = "../examples/harvest/main.rs"]
mod harvest;

use std::fs;
use std::path::PathBuf;

use etherparse::PacketBuilder;
use harvest::Harvest;
use proptest::prelude::*;

const REQUEST: &[u8] = b"POST /mm7 HTTP/1.1\r\nHost: mmsc\r\nContent-Length: 4\r\n\r\n<a/>";
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\n\"\": \"\"\r\nContent-Length: 5\r\n\r\n<b />";

/// Which end sends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Client,
    Server,
}
use End::{Client, Server};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Flag {
    None,
    Syn,
    Fin,
    Rst,
}

/// An Ethernet frame between 10.0.0.1.40000 and 10.0.0.2.8080.
fn frame(end: End, sequence: u32, flag: Flag, payload: &[u8]) -> Vec<u8> {
    let ends = [([10, 0, 0, 1], 40000), ([10, 0, 0, 2], 8080)];
    let ((from, source), (to, target)) = if end == Client { (ends[0], ends[1]) } else { (ends[1], ends[0]) };
    let builder =
        PacketBuilder::ethernet2([2; 6], [4; 6]).ipv4(from, to, 64).tcp(source, target, sequence, 1024).ack(1);
    let builder = match flag {
        Flag::None => builder,
        Flag::Syn => builder.syn(),
        Flag::Fin => builder.fin(),
        Flag::Rst => builder.rst(),
    };
    let mut frame = Vec::new();
    builder.write(&mut frame, payload).unwrap();
    frame
}

fn data(end: End, sequence: u32, payload: &[u8]) -> Vec<u8> {
    frame(end, sequence, Flag::None, payload)
}

/// A classic capture file of a link type: magic number as it stands in the byte order asked for.
fn pcap_as(magic: u32, big_endian: bool, link: u32, frames: &[Vec<u8>]) -> Vec<u8> {
    let number = |number: u32| if big_endian { number.to_be_bytes() } else { number.to_le_bytes() };
    let version = if big_endian { [0, 2, 0, 4] } else { [2, 0, 4, 0] };
    let mut file = [number(magic), version, number(0), number(0), number(65535), number(link)].concat();
    for frame in frames {
        let len = number(u32::try_from(frame.len()).unwrap());
        file.extend([number(1), number(2), len, len].concat());
        file.extend(frame);
    }
    file
}

fn pcap(frames: &[Vec<u8>]) -> Vec<u8> {
    pcap_as(0xA1B2_C3D4, false, 1, frames)
}

fn harvest(frames: &[Vec<u8>]) -> Harvest {
    harvest::harvest(&pcap(frames)).unwrap()
}

/// The files without the number of their names.
fn unnumbered(harvest: &Harvest) -> Vec<(String, Vec<u8>)> {
    harvest.files.iter().map(|(name, bytes)| (name[5..].to_owned(), bytes.clone())).collect()
}

fn texts(harvest: &Harvest) -> Vec<String> {
    harvest.files.iter().map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned()).collect()
}

fn codes(harvest: &Harvest) -> Vec<&str> {
    harvest.problems.iter().map(|problem| problem.code).collect()
}

/// One direction of HTTP in one segment, the connection closed behind it.
fn stream(end: End, bytes: &[u8]) -> Harvest {
    let fin = 100 + u32::try_from(bytes.len()).unwrap();
    harvest(&[data(end, 100, bytes), frame(end, fin, Flag::Fin, b"")])
}

fn conversation() -> Vec<Vec<u8>> {
    vec![
        frame(Client, 99, Flag::Syn, b""),
        frame(Server, 499, Flag::Syn, b""),
        data(Client, 100, &REQUEST[..30]),
        data(Client, 130, &REQUEST[30..]),
        data(Server, 500, ANSWER),
    ]
}

#[track_caller]
fn holds_the_conversation(file: &[u8]) {
    let harvest = harvest::harvest(file).unwrap();
    let expected = [
        ("0001-10.0.0.1.40000-10.0.0.2.8080-request.http".to_owned(), REQUEST.to_vec()),
        ("0002-10.0.0.2.8080-10.0.0.1.40000-response.http".to_owned(), ANSWER.to_vec()),
    ];
    assert_eq!(harvest.files, expected);
    assert_eq!(harvest.problems, []);
}

#[test]
fn reads_pcap_of_either_byte_order_and_resolution() {
    for magic in [0xA1B2_C3D4, 0xA1B2_3C4D] {
        for big_endian in [false, true] {
            holds_the_conversation(&pcap_as(magic, big_endian, 1, &conversation()));
        }
    }
}

/// A block of pcapng.
fn block(big_endian: bool, kind: u32, body: &[u8]) -> Vec<u8> {
    let number = |number: usize| {
        let number = u32::try_from(number).unwrap();
        if big_endian { number.to_be_bytes() } else { number.to_le_bytes() }
    };
    let padding = vec![0; body.len().next_multiple_of(4) - body.len()];
    let len = number(12 + body.len() + padding.len());
    [&number(kind as usize)[..], &len, body, &padding, &len].concat()
}

/// A section with an interface of no use, one of the link type, and the frames on it.
fn pcapng(big_endian: bool, link: u16, frames: &[Vec<u8>]) -> Vec<u8> {
    let number = |number: u32| if big_endian { number.to_be_bytes() } else { number.to_le_bytes() };
    let short = |number: u16| if big_endian { number.to_be_bytes() } else { number.to_le_bytes() };
    let section =
        [number(0x1A2B_3C4D), [short(1), short(0)].concat().try_into().unwrap(), [0xFF; 4], [0xFF; 4]].concat();
    let interface = |link| [short(link), short(0), [0; 2], [0; 2]].concat();
    let mut file = [block(big_endian, 0x0A0D_0D0A, &section), block(big_endian, 1, &interface(147))].concat();
    file.extend(block(big_endian, 1, &interface(link)));
    for frame in frames {
        let len = number(u32::try_from(frame.len()).unwrap());
        file.extend(block(big_endian, 6, &[&number(1)[..], &[0; 8], &len, &len, frame].concat()));
    }
    file
}

#[test]
fn reads_pcapng_of_either_byte_order() {
    holds_the_conversation(&pcapng(false, 1, &conversation()));
    holds_the_conversation(&pcapng(true, 1, &conversation()));
    // The second section has interfaces of its own, and another byte order.
    let frames = conversation();
    holds_the_conversation(&[pcapng(false, 1, &frames[..3]), pcapng(true, 1, &frames[3..])].concat());
}

#[test]
fn reads_simple_packets() {
    let mut file = pcapng(false, 1, &[]);
    // The first interface is that of simple packets.
    let link = file.iter().position(|&byte| byte == 147).unwrap();
    file[link] = 1;
    for frame in conversation() {
        let len = u32::try_from(frame.len()).unwrap().to_le_bytes();
        file.extend(block(false, 3, &[&len[..], &frame].concat()));
    }
    holds_the_conversation(&file);
}

#[test]
fn reads_the_link_types() {
    let over = |header: &[u8]| -> Vec<Vec<u8>> {
        conversation().iter().map(|frame| [header, &frame[14..]].concat()).collect()
    };
    let sll = [&[0; 14][..], &[8, 0]].concat();
    let sll2 = [&[8, 0][..], &[0; 18]].concat();
    let vlan = [&[2; 12][..], &[0x81, 0, 0, 7, 8, 0]].concat();
    for (link, header) in [
        (1, &vlan[..]),
        (113, &sll),
        (276, &sll2),
        (0, &[2, 0, 0, 0]),
        (108, &[0, 0, 0, 2]),
        (101, &[]),
        (228, &[]),
        (12, &[]),
    ] {
        holds_the_conversation(&pcap_as(0xA1B2_C3D4, false, link, &over(header)));
    }
    assert_eq!(
        harvest::harvest(&pcap_as(0xA1B2_C3D4, false, 147, &over(&[]))).unwrap_err(),
        "none of 5 packets can be read"
    );
}

#[test]
fn reads_ipv6_and_names_files_without_colons() {
    let mut packet = Vec::new();
    let builder = PacketBuilder::ipv6([0; 16], [1; 16], 64).tcp(40000, 8080, 1, 1024);
    builder.write(&mut packet, REQUEST).unwrap();
    let harvest = harvest::harvest(&pcap_as(0xA1B2_C3D4, false, 229, &[packet])).unwrap();
    let name = "0001-__.40000-101_101_101_101_101_101_101_101.8080-request.http";
    assert_eq!(harvest.files, [(name.to_owned(), REQUEST.to_vec())]);
}

#[test]
fn takes_no_trailer_of_ethernet_for_payload() {
    let mut frames = conversation();
    frames.iter_mut().for_each(|frame| frame.extend([0; 9]));
    holds_the_conversation(&pcap(&frames));
}

#[test]
fn reports_packets_that_the_capture_cut() {
    let mut frames = conversation();
    frames[3].truncate(60);
    let harvest = harvest(&frames);
    assert_eq!(codes(&harvest), ["capture/packet-cut", "http/head-cut"]);
}

#[test]
fn puts_segments_in_order_and_takes_each_byte_once() {
    let part = |from: usize, to: usize| data(Client, 100 + u32::try_from(from).unwrap(), &REQUEST[from..to]);
    let len = REQUEST.len();
    for frames in [
        vec![part(0, 10), part(20, len), part(10, 20)],
        vec![part(20, len), part(10, 20), part(0, 10)],
        vec![part(0, 10), part(0, 10), part(10, len), part(0, 10)],
        vec![part(0, 12), part(8, 30), part(25, len), part(0, len)],
        vec![part(5, 9), part(12, 13), part(0, len)],
        // Keep-alive probes repeat the last byte with any value.
        vec![part(0, len), data(Client, 99 + u32::try_from(len).unwrap(), b"\0")],
    ] {
        let harvest = harvest(&frames);
        assert_eq!(unnumbered(&harvest), [("10.0.0.1.40000-10.0.0.2.8080-request.http".to_owned(), REQUEST.to_vec())]);
        assert_eq!(harvest.problems, []);
    }
}

#[test]
fn reports_packets_that_contradict_each_other() {
    let harvest = harvest(&[data(Client, 100, REQUEST), data(Client, 104, b"/MM7")]);
    assert_eq!(
        (texts(&harvest), codes(&harvest)),
        (vec![String::from_utf8_lossy(REQUEST).into()], vec!["tcp/contradiction"])
    );
    assert_eq!(harvest.problems[0].packet, Some(2));
}

#[test]
fn reports_a_gap_and_goes_on_at_the_next_start_line() {
    let frames = [data(Client, 100, &REQUEST[..54]), data(Client, 162, b"a/>"), data(Client, 165, REQUEST)];
    let harvest = harvest(&frames);
    assert_eq!(texts(&harvest), [&REQUEST[..54], REQUEST].map(|file| String::from_utf8_lossy(file).into_owned()));
    assert_eq!(codes(&harvest), ["http/body-cut", "tcp/gap", "http/skipped"]);
    assert_eq!(harvest.problems[0].detail, "1 of 4 bytes: bytes are missing before the message does");
    assert_eq!(harvest.problems[1].detail, "8 bytes are missing before this packet");
    assert_eq!(harvest.problems[2].detail, "3 bytes in front of a start line");
}

#[test]
fn reports_what_is_missing_before_the_first_and_behind_the_last_segment() {
    let frames = [
        frame(Client, 99, Flag::Syn, b""),
        data(Client, 110, REQUEST),
        frame(Client, 115 + u32::try_from(REQUEST.len()).unwrap(), Flag::Fin, b""),
    ];
    let harvest = harvest(&frames);
    let details: Vec<_> = harvest.problems.iter().map(|problem| &*problem.detail).collect();
    assert_eq!(
        details,
        ["10 bytes are missing before this packet", "5 bytes are missing before the end of the connection"]
    );
    assert_eq!(harvest.files.len(), 1);
}

#[test]
fn follows_sequence_numbers_around_zero() {
    let frames: Vec<_> = (0..REQUEST.len())
        .map(|at| data(Client, 0xFFFF_FFF0_u32.wrapping_add(u32::try_from(at).unwrap()), &REQUEST[at..=at]))
        .collect();
    let harvest = harvest(&frames);
    assert_eq!((texts(&harvest), codes(&harvest)), (vec![String::from_utf8_lossy(REQUEST).into()], vec![]));
}

#[test]
fn starts_in_the_middle_of_a_stream() {
    let harvest = stream(Client, &[b"end of a body".as_slice(), REQUEST].concat());
    assert_eq!(
        (texts(&harvest), codes(&harvest)),
        (vec![String::from_utf8_lossy(REQUEST).into()], vec!["http/skipped"])
    );
}

#[test]
fn tells_connections_of_the_same_ends_apart() {
    let close = 100 + u32::try_from(REQUEST.len()).unwrap();
    let second = 100 + 77_000;
    let mut frames = conversation();
    frames.push(frame(Client, close, Flag::Fin, b""));
    frames.push(frame(Client, second - 1, Flag::Syn, b""));
    // Repeated, of the first connection.
    frames.push(data(Client, 130, &REQUEST[30..]));
    frames.push(data(Client, second, &REQUEST[..20]));
    frames.push(frame(Server, 4_000_000_000, Flag::Syn, b""));
    frames.push(data(Client, second + 20, &REQUEST[20..]));
    frames.push(data(Server, 4_000_000_001, ANSWER));
    // A third, of which the capture lacks the beginning; and a reset that belongs to none.
    frames.push(data(Client, 3_000_000_000, REQUEST));
    frames.push(frame(Client, 2_000_000_000, Flag::Rst, b""));
    let harvest = harvest(&frames);
    let files: Vec<_> = harvest.files.iter().map(|(_, bytes)| &bytes[..]).collect();
    assert_eq!(files, [REQUEST, ANSWER, REQUEST, ANSWER, REQUEST]);
    assert_eq!(harvest.problems, []);
}

#[test]
fn takes_a_reset_for_an_end() {
    let answer = b"HTTP/1.0 200 OK\r\n\r\n<b/>";
    let open = harvest(&[data(Server, 1, answer)]);
    assert_eq!((open.files.len(), codes(&open)), (1, vec!["http/body-cut"]));
    let reset =
        harvest(&[data(Server, 1, answer), frame(Server, 1 + u32::try_from(answer.len()).unwrap(), Flag::Rst, b"")]);
    assert_eq!((&reset.files, codes(&reset)), (&open.files, vec![]));
}

/// What one direction gives: the files, and the problems.
#[track_caller]
fn gives(bytes: &str, files: &[&str], problems: &[(&str, &str)]) {
    let harvest = stream(if bytes.starts_with("HTTP/") { Server } else { Client }, bytes.as_bytes());
    assert_eq!(texts(&harvest), files);
    let found: Vec<_> = harvest.problems.iter().map(|problem| (problem.code, &*problem.detail)).collect();
    assert_eq!(found, problems);
}

#[test]
fn undoes_chunks() {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nA: b\r\n\r\n";
    let plain = "HTTP/1.1 200 OK\r\nA: b\r\n\r\n<a>1</a>";
    let told = ("http/dechunked", "the body without its chunks, and Transfer-Encoding left out");
    gives(&format!("{head}3\r\n<a>\r\n5;x=y\r\n1</a>\r\n0\r\nTrailer: c\r\n\r\n"), &[plain], &[told]);
    gives(&format!("{head}8\n<a>1</a>\n0\n\n{head}0\r\n\r\n"), &[plain, &plain[..25]], &[told, told]);
    let cut = "3 bytes: the connection ends before the message does";
    gives(&format!("{head}3\r\n<a>\r\n5"), &[&plain[..28]], &[told, ("http/body-cut", cut)]);
    let malformed = "12 bytes behind them are left out";
    gives(
        &format!("{head}3\r\n<a>junk\r\nxyzabc{plain}"),
        &[&plain[..28], plain],
        &[
            told,
            ("http/chunks-malformed", malformed),
            // What follows has no length.
        ],
    );
}

#[test]
fn reads_messages_one_behind_the_other() {
    let request = String::from_utf8_lossy(REQUEST);
    let get = "GET / HTTP/1.1\r\n\r\n";
    gives(&format!("{request}{get}\r\n{request}"), &[&request, get, &request], &[]);
    let none = [
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 304 \r\nContent-Length: 9\r\n\r\n",
    ];
    let answer = String::from_utf8_lossy(ANSWER);
    gives(&format!("{}{answer}", none.concat()), &[none[0], none[1], none[2], &answer], &[]);
}

#[test]
fn knows_answers_to_head_by_their_requests() {
    let requests = b"HEAD / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n";
    let answers = b"HTTP/1.1 103 \r\n\r\nHTTP/1.1 200 \r\nContent-Length: 25\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<a/>";
    let frames = |first| {
        vec![
            frame(Client, 0, Flag::Syn, b""),
            frame(Server, 0, Flag::Syn, b""),
            data(Client, first, requests),
            data(Server, 1, answers),
        ]
    };
    let known = harvest(&frames(1));
    assert_eq!((known.files.len(), codes(&known)), (5, vec![]));
    // With a gap, only the start line inside of the announced body tells.
    let unknown = harvest(&frames(2));
    assert_eq!((unknown.files.len(), codes(&unknown)), (5, vec!["tcp/gap", "http/length-wrong"]));
}

#[test]
fn reads_to_the_close_of_the_connection() {
    gives("HTTP/1.0 200 OK\r\n\r\n<a/>\r\nmore", &["HTTP/1.0 200 OK\r\n\r\n<a/>\r\nmore"], &[]);
    let told = ("http/length-missing", "no length announced, 4 bytes to the next start line");
    gives(
        "HTTP/1.1 200 OK\r\n\r\n<a/>HTTP/1.1 204 \r\n\r\n",
        &["HTTP/1.1 200 OK\r\n\r\n<a/>", "HTTP/1.1 204 \r\n\r\n"],
        &[told],
    );
}

#[test]
fn ends_a_message_of_wrong_length_at_the_next_start_line() {
    let message = |len: &str| format!("POST / HTTP/1.1\r\nContent-Length: {len}\r\n\r\n<a>1</a>");
    for (len, told) in [
        ("3", ("http/length-wrong", "3 bytes announced, 8 found")),
        ("50", ("http/length-wrong", "50 bytes announced, 8 found")),
        ("0", ("http/length-wrong", "0 bytes announced, 8 found")),
        ("8, 9", ("http/length-unreadable", "a Content-Length that is no number, or several")),
    ] {
        let wrong = message(len);
        let follows = if len == "8, 9" {
            vec![told, ("http/length-missing", "no length announced, 8 bytes to the next start line")]
        } else {
            vec![told]
        };
        gives(&format!("{wrong}{}", message("8")), &[&wrong, &message("8")], &follows);
    }
    // A right length is believed, whatever the body says.
    let quoting = format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n{}", message("8").len() + 2, message("8"));
    gives(&format!("{quoting}\r\n{}", message("8")), &[&format!("{quoting}\r\n"), &message("8")], &[]);
    // No more than is there, and no start line.
    gives(
        &message("9"),
        &[&message("9")],
        &[("http/body-cut", "8 of 9 bytes: the connection ends before the message does")],
    );
    gives(&message("7"), &[&message("7")], &[("http/length-wrong", "7 bytes announced, 8 found")]);
}

#[test]
fn keeps_header_fields_as_they_stand() {
    let message = "POST / HTTP/1.1\r\n\"\": \"\"\nA b:c\r\n\tfolded\r\n: \r\nContent-length : 4\r\n\r\n<a/>";
    gives(message, &[message], &[]);
    let unreadable = "POST / HTTP/1.1\r\nno colon\r\n\r\n";
    gives(
        unreadable,
        &[unreadable],
        &[("http/unreadable", "decode will not read this request: a header line without a colon at byte 17")],
    );
    let packed = "POST / HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\n\u{1f}";
    gives(packed, &[packed], &[("http/content-encoding", "the body is left as it is encoded")]);
}

#[test]
fn reports_a_head_without_end_and_what_is_no_http() {
    gives("POST / HTTP/1.1\r\nA: b\r\n", &[], &[("http/head-cut", "the connection ends before the message does")]);
    gives("POST / HT", &[], &[("http/head-cut", "the connection ends before the message does")]);
    gives("\x16\x03\x01 hello", &[], &[("http/skipped", "9 bytes without a start line")]);
}

#[test]
fn gives_messages_or_an_error_for_every_prefix() {
    for (file, least) in [(pcap(&conversation()), 24), (pcapng(true, 1, &conversation()), 28)] {
        let mut before = 0;
        for len in 0..=file.len() {
            match harvest::harvest(&file[..len]) {
                Ok(harvest) => {
                    assert!(harvest.files.len() >= before, "{len}");
                    before = harvest.files.len();
                    for (_, bytes) in &harvest.files {
                        assert!(REQUEST.starts_with(bytes) || ANSWER.starts_with(bytes), "{len}");
                    }
                }
                Err(_) => assert!(len < least, "{len}"),
            }
        }
        assert_eq!(before, 2);
    }
}

#[test]
fn refuses_what_is_no_capture() {
    let refuses = |file: &[u8], error: &str| assert_eq!(harvest::harvest(file).unwrap_err(), error);
    refuses(b"", "too short for a capture file");
    refuses(&pcap(&[])[..23], "too short for a capture file");
    refuses(b"\x1F\x8B\x08\0 a compressed file, perhaps", "neither pcap nor pcapng");
    refuses(&pcapng(false, 1, &[])[..27], "a pcapng file that ends in its first block");
}

/// A new folder for one test.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("harvest").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn command(arguments: &[&str]) -> Result<(), (String, u8)> {
    let arguments = arguments.iter().map(ToString::to_string).collect();
    harvest::command(arguments).map_err(|failure| (failure.message, failure.code))
}

#[test]
fn writes_whole_files_and_never_over_others() {
    let folder = folder("writes");
    let (file, out) = (folder.join("a.pcap"), folder.join("out/deep"));
    fs::write(&file, pcap(&conversation())).unwrap();
    let run = || command(&["--out", out.to_str().unwrap(), file.to_str().unwrap()]);
    assert_eq!(run(), Ok(()));
    let names = || {
        let mut names: Vec<_> = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let expected =
        ["0001-10.0.0.1.40000-10.0.0.2.8080-request.http", "0002-10.0.0.2.8080-10.0.0.1.40000-response.http"];
    assert_eq!(names(), expected);
    assert_eq!(fs::read(out.join(expected[1])).unwrap(), ANSWER);
    assert_eq!(run(), Ok(()), "the same again is no harm");

    fs::write(out.join(expected[1]), "other").unwrap();
    fs::remove_file(out.join(expected[0])).unwrap();
    let (message, code) = run().unwrap_err();
    assert!(message.ends_with(&format!("{} is there already and says something else", expected[1])), "{message}");
    assert_eq!((code, names()), (1, vec![expected[1].into()]), "and nothing is written");
}

#[test]
fn writes_only_mm7_when_asked() {
    let folder = folder("mm7");
    let vector = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/s/submit_rsp/success.http");
    let body =
        tongsa::Entity::parse_http(fs::read(vector).unwrap().into(), &tongsa::Limits::default()).unwrap().entity.body;
    let answer = [format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()).as_bytes(), &body].concat();
    let file = folder.join("a.pcap");
    fs::write(&file, pcap(&[data(Server, 1, ANSWER), data(Server, 1 + u32::try_from(ANSWER.len()).unwrap(), &answer)]))
        .unwrap();
    assert_eq!(command(&["--mm7", "--out", folder.to_str().unwrap(), file.to_str().unwrap()]), Ok(()));
    assert_eq!(fs::read(folder.join("0002-10.0.0.2.8080-10.0.0.1.40000-response.http")).unwrap(), answer);
    assert!(!folder.join("0001-10.0.0.2.8080-10.0.0.1.40000-response.http").exists());
}

#[test]
fn refuses_wrong_arguments_and_input() {
    let folder = folder("refuses");
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    assert_eq!(command(&[]), Err(("no file given".into(), 2)));
    assert_eq!(command(&["a", "b"]), Err(("one file at a time: b".into(), 2)));
    assert_eq!(command(&["--in", "a"]), Err(("unknown option --in".into(), 2)));
    assert_eq!(command(&["a", "--out"]), Err(("--out wants a value".into(), 2)));
    let absent = folder.join("absent");
    assert_eq!(command(&[absent.to_str().unwrap()]).unwrap_err().1, 1);
    let text = file("text", b"GET / HTTP/1.1\r\n\r\n........");
    assert_eq!(command(&[&text]), Err((format!("{text}: neither pcap nor pcapng"), 1)));
    let empty = file("empty.pcap", &pcap(&[data(Client, 1, b"no")]));
    assert_eq!(command(&[&empty]), Err((format!("{empty}: no HTTP message in it"), 1)));
    let other = file("other.pcap", &pcap(&conversation()));
    assert_eq!(command(&["--mm7", &other]), Err((format!("{other}: no MM7 message in it"), 1)));
    assert_eq!(command(&["--out", &text, &other]).unwrap_err().1, 1, "the folder is a file");
}

/// A message that frames itself: with a length, in chunks, or without a body. What stands on the wire, and in the file.
fn any_message(request: bool) -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let start = if request { "POST /mm7 HTTP/1.1" } else { "HTTP/1.1 200 OK" };
    let field = prop::sample::select(vec!["", "\"\": \"\"\r\n", "A:  b\r\n c\r\n"]);
    let body = prop::collection::vec(any::<u8>(), 0..200);
    (field, body, 0..3_u8, 1..50_usize).prop_map(move |(field, body, framing, chunk)| match framing {
        0 => {
            let mut wire = format!("{start}\r\n{field}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
            for piece in body.chunks(chunk) {
                wire.extend([format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat());
            }
            wire.extend(b"0\r\n\r\n");
            (wire, [format!("{start}\r\n{field}\r\n").as_bytes(), &body].concat())
        }
        1 => {
            let head = format!("{start}\r\n{field}Content-Length: {}\r\n\r\n", body.len());
            let wire = [head.as_bytes(), &body].concat();
            (wire.clone(), wire)
        }
        _ => {
            let wire = format!("{start}\r\n{field}Content-Length: 0\r\n\r\n").into_bytes();
            (wire.clone(), wire)
        }
    })
}

/// One direction as segments: cut at any places, some of them twice, some over the edge of the next.
fn segments(end: End, isn: u32, wire: &[u8], cuts: &[(usize, bool)]) -> Vec<Vec<u8>> {
    let at = |offset: usize| isn.wrapping_add(1).wrapping_add(u32::try_from(offset).unwrap());
    let mut frames = vec![frame(end, isn, Flag::Syn, b""), frame(end, at(wire.len()), Flag::Fin, b"")];
    let mut start = 0;
    for &(len, again) in cuts.iter().cycle() {
        if start >= wire.len() {
            break;
        }
        let stop = (start + len).min(wire.len());
        frames.push(data(end, at(start), &wire[start..stop]));
        if again {
            let over = (stop + len).min(wire.len());
            frames.push(data(end, at(start), &wire[start..over]));
        }
        start = stop;
    }
    frames
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Any messages, cut into any segments, in any order, with any of them twice, come back.
    #[test]
    fn gives_back_any_messages(
        requests in prop::collection::vec(any_message(true), 0..4),
        answers in prop::collection::vec(any_message(false), 0..4),
        isns: (u32, u32),
        cuts in prop::collection::vec((1..120_usize, any::<bool>()), 1..8),
        order in prop::collection::vec(any::<u32>(), 1..64),
    ) {
        let wire = |messages: &[(Vec<u8>, Vec<u8>)]| messages.iter().flat_map(|(wire, _)| wire.clone()).collect::<Vec<u8>>();
        let mut frames = segments(Client, isns.0, &wire(&requests), &cuts);
        frames.extend(segments(Server, isns.1, &wire(&answers), &cuts));
        let mut keyed: Vec<_> = frames.into_iter().zip(order.iter().cycle()).enumerate().collect();
        keyed.sort_by_key(|(index, (_, key))| key.wrapping_mul(u32::try_from(*index).unwrap() | 1));
        let frames: Vec<_> = keyed.into_iter().map(|(_, (frame, _))| frame).collect();
        let found = harvest(&frames);
        let of = |kind: &str| {
            let mut files: Vec<_> = unnumbered(&found).into_iter().filter(|(name, _)| name.ends_with(kind)).map(|(_, file)| file).collect();
            files.sort();
            files
        };
        let expected = |messages: &[(Vec<u8>, Vec<u8>)]| {
            let mut files: Vec<_> = messages.iter().map(|(_, file)| file.clone()).collect();
            files.sort();
            files
        };
        prop_assert_eq!(of("-request.http"), expected(&requests));
        prop_assert_eq!(of("-response.http"), expected(&answers));
        prop_assert!(found.problems.iter().all(|problem| problem.code == "http/dechunked"), "{:?}", found.problems);
    }

    /// Whatever the packets hold, and wherever they break, nothing panics.
    #[test]
    fn survives_any_packets(
        frames in prop::collection::vec((any::<bool>(), 0..2000_u32, 0..4_usize, prop_oneof![
            prop::collection::vec(any::<u8>(), 0..60),
            prop::sample::select(vec![REQUEST, ANSWER, b"HTTP/", b"\r\n", b"POST ", b"5\r\n"]).prop_map(<[u8]>::to_vec),
        ]), 0..20),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let flag = |index: usize| [Flag::None, Flag::Syn, Flag::Fin, Flag::Rst][index];
        let frames: Vec<_> = frames.iter()
            .map(|(client, sequence, index, payload)| frame(if *client { Client } else { Server }, *sequence, flag(*index), payload))
            .collect();
        let mut file = pcap(&frames);
        for (at, byte) in flips {
            let at = at.index(file.len());
            file[at] = byte;
        }
        let _ = harvest::harvest(&file);
    }
}
