//! The two commands as they are run: flags, the configuration file, signals.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Output, Stdio};

const GATEWAY: &str = env!("CARGO_BIN_EXE_gateway");
const SIMULATOR: &str = env!("CARGO_BIN_EXE_simulator");

fn run(command: &str, arguments: &[&str]) -> Output {
    Command::new(command).args(arguments).stdin(Stdio::null()).output().unwrap()
}

/// A file of this name and content, in a place of its own for this test binary.
fn file(name: &str, content: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, content).unwrap();
    path.into_os_string().into_string().unwrap()
}

/// The one line on stderr, of a command that ends with this code.
fn fails(command: &str, arguments: &[&str], code: i32) -> String {
    let Output { status, stdout, stderr } = run(command, arguments);
    let stderr = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(code), "{arguments:?}: {stderr}");
    assert!(stdout.is_empty() && stderr.lines().count() == 1, "{arguments:?}: {stderr}");
    stderr.strip_prefix("error: ").unwrap_or_else(|| panic!("{stderr}")).trim_end().to_owned()
}

#[test]
fn says_in_one_line_what_is_wrong_with_a_flag() {
    assert_eq!(fails(GATEWAY, &[], 2), "--config is missing");
    assert_eq!(fails(GATEWAY, &["--colour", "1"], 2), "unknown option --colour");
    assert_eq!(fails(GATEWAY, &["x"], 2), "unexpected argument \"x\"");
    assert_eq!(fails(GATEWAY, &["--config"], 2), "missing argument for option '--config'");
    assert!(fails(GATEWAY, &["--listen", "8080"], 2).starts_with("--listen 8080: invalid socket address"));
    assert_eq!(fails(SIMULATOR, &["--dialect", "s-liv"], 2), "--dialect s-liv: unknown dialect: s-liv");
    assert_eq!(fails(SIMULATOR, &["--dialect", "k"], 2), "dialect: k is no dialect of s");
    assert_eq!(fails(SIMULATOR, &["--tolerance", "none"], 2), "--tolerance none: unknown tolerance: none");
}

#[test]
fn says_in_one_line_what_is_wrong_with_the_configuration() {
    let none = concat!(env!("CARGO_TARGET_TMPDIR"), "/none.toml");
    assert_eq!(fails(GATEWAY, &["--config", none], 2), format!("{none}: No such file or directory (os error 2)"));
    let carrier = "[carriers.s]\nurl = \"http://127.0.0.1:1\"\n";
    for (index, (content, expected)) in [
        ("", "no carrier: [carriers.s], [carriers.k] or [carriers.l] is wanted".to_owned()),
        ("tries = 0\n", "line 1: invalid value: integer `0`, expected a nonzero u32".to_owned()),
        ("\nlisten = 8080\n", "line 2: invalid type: integer `8080`, expected socket address".to_owned()),
        (
            "[carriers.s]\nurl = \"https://192.0.2.1/\"\n",
            "line 2: no URL of the form http://host:port/path: https://192.0.2.1/".to_owned(),
        ),
        (&format!("default_carrier = \"k\"\n{carrier}"), "default_carrier: there is no [carriers.k]".to_owned()),
        (
            &format!("routes = {{ \"0101\" = \"l\" }}\n{carrier}"),
            "routes.\"0101\": there is no [carriers.l]".to_owned(),
        ),
        (&format!("{carrier}dialect = \"k\"\n"), "carriers.s.dialect: k is no dialect of s".to_owned()),
        (
            &format!("{carrier}account = {{ vasp_id = 99 }}\n"),
            "line 3: invalid type: integer `99`, expected a string".to_owned(),
        ),
        (&format!("{carrier}[carriers.x]\n"), "line 3: unknown field `x`, expected one of `s`, `k`, `l`".to_owned()),
    ]
    .into_iter()
    .enumerate()
    {
        let path = file(&format!("gateway-{index}.toml"), content);
        assert_eq!(fails(GATEWAY, &["--config", &path, "--check"], 2), format!("{path}: {expected}"));
    }
    let path = file("gateway-k.toml", "[carriers.k]\nurl = \"http://127.0.0.1:1\"\n");
    let no_s = fails(GATEWAY, &["--config", &path, "--dialect", "s-test", "--check"], 2);
    assert_eq!(no_s, "there is no [carriers.s] to speak another dialect");
    let path = file("simulator.toml", "[carriers.s]\naccounts = [{ vasp_id = \"99\" }]\n");
    assert_eq!(fails(SIMULATOR, &["--config", &path], 2), format!("{path}: line 2: missing field `cp_id`"));
}

#[test]
fn takes_the_configurations_of_the_readme() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/gateway.toml");
    let Output { status, stdout, .. } = run(GATEWAY, &["--config", path, "--check"]);
    assert!(status.success());
    assert_eq!(String::from_utf8(stdout).unwrap(), format!("{path} is right\n"));
    let simulator = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/simulator.toml")).unwrap();
    tongsa_services::simulator::Config::parse(&simulator).unwrap();
}

#[test]
fn helps() {
    for command in [GATEWAY, SIMULATOR] {
        let Output { status, stdout, stderr } = run(command, &["--colour", "--help"]);
        assert!(status.success() && stderr.is_empty());
        assert!(String::from_utf8(stdout).unwrap().starts_with("usage: "));
    }
}

/// Ends with the test, whatever becomes of it.
struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn runs_until_it_is_told_to_stop() {
    let path = file("running.toml", "[carriers.s]\nurl = \"http://127.0.0.1:1\"\n");
    let mut child = Command::new(GATEWAY)
        .args(["--config", &path, "--listen", "127.0.0.1:0"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut service = Service(child);
    let listens = log.next().unwrap().unwrap();
    let (_, address) = listens.split_once("the gateway listens address=").expect(&listens);

    let taken = fails(GATEWAY, &["--config", &path, "--log", "error", "--listen", address], 1);
    assert!(taken.starts_with(&format!("{address}: ")), "{taken}");

    let told = Command::new("kill").args(["-TERM", &service.0.id().to_string()]).status().unwrap();
    assert!(told.success());
    assert!(service.0.wait().unwrap().success());
    let rest: Vec<_> = log.map(Result::unwrap).collect();
    assert!(rest.len() == 2 && rest[0].ends_with("stopping") && rest[1].ends_with("stopped"), "{rest:?}");
}
