//! Makes seeds of every target: `seed DIRECTORY [CORPUS]`, of each `.http` file below the directory.
//!
//! A message in JSON is the `.json` file beside it, or else what the decoder reads.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tongsa::{Carrier, Config, DialectId, Entity, Limits, Tolerance};

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let (from, corpus) = match &arguments[..] {
        [from] => (from, Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")),
        [from, corpus] => (from, corpus.clone()),
        _ => {
            eprintln!("usage: seed DIRECTORY [CORPUS]");
            return ExitCode::from(2);
        }
    };
    match files(from).and_then(|files| files.iter().try_for_each(|file| seed(file, &corpus)).map(|()| files.len())) {
        Ok(count) => {
            println!("{count} files below {} are seeds in {}", from.display(), corpus.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(1)
        }
    }
}

fn files(below: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(below).map_err(|error| io::Error::other(format!("{}: {error}", below.display())))? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "http") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn seed(file: &Path, corpus: &Path) -> io::Result<()> {
    let bytes = fs::read(file)?;
    let name: String = file
        .with_extension("")
        .iter()
        .map(|name| name.to_string_lossy().replace('/', "_"))
        .collect::<Vec<_>>()
        .join("_");
    let write = |target: &str, content: &[&[u8]]| {
        let folder = corpus.join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(&name), content.concat())
    };
    let carrier = file.iter().find_map(|folder| folder.to_str()?.parse::<Carrier>().ok());
    let Ok(http) = Entity::parse_http(bytes.clone().into(), &Limits::default()) else {
        return write("mime", &[&[0], &bytes]);
    };
    write("stream", &[&bytes])?;
    let config = Config { tolerance: Tolerance::Lenient, ..Config::default() };
    let decoded = carrier.map_or_else(
        || tongsa::decode(&http.entity, &config),
        |carrier| carrier.codec(config.clone()).decode(&http.entity),
    );
    let dialect = decoded.as_ref().map_or(DialectId::SLive, |decoded| decoded.dialect);
    let place = DialectId::ALL.iter().position(|one| *one == dialect).unwrap_or_default();
    let digit = |number: usize| u8::try_from(b'0' as usize + number % 10).unwrap_or(b'0');
    // Neighbours in the order of the files go to different dialects.
    let other = digit(name.len() % DialectId::ALL.len());

    let codec =
        carrier.map_or(8, |carrier| 5 + Carrier::ALL.iter().position(|one| *one == carrier).unwrap_or_default());
    write("decode", &[&[b'1', digit(codec), b'2', b'0'], &bytes])?;
    write("translate", &[&[digit(place), other, b'1', b'1'], &bytes])?;
    let json = fs::read(file.with_extension("json")).ok().or_else(|| serde_json::to_vec(&decoded.ok()?.message).ok());
    if let Some(json) = json {
        write("round_trip", &[&[digit(place), b'0'], &json])?;
    }
    let body = &http.entity.body[..];
    let content_type = http.entity.header("content-type").filter(|value| value.len() < 256).unwrap_or_default();
    write("mime", &[&[u8::try_from(content_type.len()).unwrap_or(0)], content_type, body])?;
    let root = body.iter().position(|&byte| byte == b'<').unwrap_or(body.len());
    let end = body.windows(11).position(|window| window == b"\r\n--------=").unwrap_or(body.len()).max(root);
    write("xml", &[&body[root..end]])?;
    write("charset_datetime", &[&body[root..end.min(root + 512)]])
}
