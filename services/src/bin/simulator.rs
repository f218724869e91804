//! The three carriers on one machine: see `services/README.md`.

use std::process::ExitCode;

use tongsa_services::command::{self, Failure};
use tongsa_services::settings::{self, Word};
use tongsa_services::simulator::{Config, Simulator};

const USAGE: &str = "\
usage: simulator [--config FILE] [--dialect s-live|s-test|s-malformed] [--tolerance strict|observed|lenient]
                 [--log error|warn|info|debug]

Is S, K and L at ports 10001, 11001 and 12001, and takes the operator's requests at port 10080. --dialect is what S
speaks, --tolerance what the three accept beside their dialect; both go before the file's.";

fn main() -> ExitCode {
    command::run(USAGE, |mut flags| {
        let (mut file, mut dialect, mut tolerance, mut level) = (None, None, None, tracing::Level::INFO);
        while let Some(name) = flags.name()? {
            match name.as_str() {
                "config" => file = Some(flags.value::<String>(&name)?),
                "dialect" => dialect = Some(flags.value(&name)?),
                "tolerance" => tolerance = Some(flags.value(&name)?),
                "log" => level = flags.value(&name)?,
                _ => return Err(Failure::usage(format!("unknown option --{name}"))),
            }
        }
        let mut config = match file {
            Some(file) => settings::load(&file, Config::parse)?,
            None => Config::default(),
        };
        config.dialect = dialect.map_or(config.dialect, Word);
        config.tolerance = tolerance.map_or(config.tolerance, Word);
        let config = config.checked().map_err(Failure::usage)?;
        command::log(level);
        command::block_on(async {
            let simulator = Simulator::bind(&config).await?;
            simulator.serve(command::stopped()?).await;
            Ok(())
        })
    })
}
