//! Sends customers' messages through the three carriers: see `services/README.md`.

use std::process::ExitCode;

use tongsa_services::command::{self, Failure};
use tongsa_services::{gateway, settings};

const USAGE: &str = "\
usage: gateway --config FILE [--listen ADDRESS:PORT] [--dialect s-live|s-test|s-malformed]
               [--log error|warn|info|debug] [--check]

Takes messages as JSON and sends each through the carrier of its recipient; takes the carriers' reports and messages and
hands them on. --listen and --dialect, which is for S, go before the file's; --check reads the configuration and says
whether it is right.";

fn main() -> ExitCode {
    command::run(USAGE, |mut flags| {
        let (mut file, mut listen, mut dialect) = (None, None, None);
        let (mut level, mut check) = (tracing::Level::INFO, false);
        while let Some(name) = flags.name()? {
            match name.as_str() {
                "config" => file = Some(flags.value::<String>(&name)?),
                "listen" => listen = Some(flags.value(&name)?),
                "dialect" => dialect = Some(flags.value(&name)?),
                "log" => level = flags.value(&name)?,
                "check" => check = true,
                _ => return Err(Failure::usage(format!("unknown option --{name}"))),
            }
        }
        let file = file.ok_or_else(|| Failure::usage("--config is missing"))?;
        let mut config = settings::load(&file, gateway::Config::parse)?;
        if let Some(dialect) = dialect {
            config = config.with_dialect(dialect).map_err(Failure::usage)?;
        }
        if check {
            println!("{file} is right");
            return Ok(());
        }
        command::log(level);
        command::block_on(async {
            let listener = command::listen(listen.unwrap_or(config.listen)).await?;
            gateway::serve(listener, config, command::stopped()?).await;
            Ok(())
        })
    })
}
